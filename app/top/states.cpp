#include "states.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "figures.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

std::string spaced(std::string word) {
  std::replace(word.begin(), word.end(), '_', ' ');
  return shown(word);
}

}  // namespace

State state_of(const Provider& provider) {
  if (provider.admin_state == "DISABLED") return {"DISABLED", Tint::warn};
  if (provider.admin_state == "DRAINING") return {"DRAINING", Tint::warn};
  if (provider.health == "OK") return {"OK", Tint::good};
  if (provider.health == "OPEN") {
    const Number left = provider.half_open_in_ms;
    return {left ? "OPEN " + wait(*left) : "OPEN", Tint::bad};
  }
  if (provider.health == "KEYS_REFUSED") return {"REFUSED", Tint::bad};
  if (provider.health == "NO_IDENTITY") return {"NO LOGIN", Tint::bad};
  if (provider.health.empty()) return {"n/a", Tint::plain};
  return {spaced(provider.health), Tint::warn};
}

State state_of(const Key& key, std::int64_t now) {
  if (key.admin_state == "DISABLED") return {"DISABLED", Tint::warn};
  if (key.state == "OK") return {"OK", Tint::good};
  if (key.state == "COOLING") {
    Time end;
    for (const CoolDown& each : key.cool_downs) end = std::max(end, each.expire_time);
    return {end ? "COOLING " + wait(*end - now) : "COOLING", Tint::warn};
  }
  if (key.state == "REFUSED") {
    const Time end = key.refused_until;
    return {end ? "REFUSED " + wait(*end - now) : "REFUSED", Tint::bad};
  }
  if (key.state.empty()) return {"n/a", Tint::plain};
  return {spaced(key.state), Tint::warn};
}

State state_of(const Request& request) {
  if (request.state != "ENDED") return {spaced(request.state), Tint::plain};
  if (request.ending == "COMPLETE" || request.ending.empty()) {
    const std::int64_t status = request.status.value_or(0);
    return {status == 0 ? "ENDED" : fmt::format("{}", status), status >= 500   ? Tint::bad
                                                               : status >= 400 ? Tint::warn
                                                                               : Tint::good};
  }
  if (request.ending == "CLIENT_GONE") return {"GONE", Tint::warn};
  if (request.ending == "CLIENT_STALLED") return {"STALLED", Tint::warn};
  if (request.ending == "OPERATOR") return {"CANCELLED", Tint::warn};
  return {spaced(request.ending), Tint::bad};
}

State server_state(const std::string& state) {
  if (state == "SERVING") return {"SERVING", Tint::good};
  if (state == "DRAINING") return {"DRAINING", Tint::warn};
  if (state.empty()) return {"", Tint::plain};
  return {spaced(state), Tint::bad};
}

std::string told_of(const std::string& admin_state, const std::optional<AdminOverride>& set,
                    std::int64_t now) {
  if (!set) return admin_state == "DISABLED" ? "disabled in the configuration" : std::string();
  std::string out = fmt::format("{} by {}", lower_case(spaced(admin_state)), shown(set->set_by));
  if (set->set_time) out += " since " + until(*set->set_time, now);
  if (set->expire_time) {
    const std::int64_t minutes =
        (std::max<std::int64_t>(*set->expire_time - now, 0) + 59'999) / 60'000;
    out += minutes < 120 ? fmt::format(", {} min left", minutes)
                         : fmt::format(", {} h left", (minutes + 59) / 60);
  }
  if (!set->reason.empty()) out += ": " + shown(set->reason);
  return out;
}

}  // namespace ccrelay::app::top
