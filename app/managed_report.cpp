#include "managed_report.hpp"

#include <ccrelay/time_zone.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "json_splice.hpp"
#include "top/figures.hpp"
#include "top/keys.hpp"
#include "top/read.hpp"
#include "top/states.hpp"

namespace ccrelay::app {
namespace {

/// What was asked, as far as it was told.
struct Told {
  const top::Info& info;
  top::Model model;  // of it the status and what follows
};

template <class Item>
bool list(ManagedRelay& relay, const std::string& name, std::vector<Item>& into,
          bool (*read)(std::string_view, std::vector<Item>&, std::string&)) {
  std::string token;
  do {
    std::string path = "/" + name + "?page_size=1000";
    if (!token.empty()) path += "&page_token=" + top::path_part(token);
    const top::Reply reply = relay.get(path);
    token.clear();
    if (!reply.ok() || !read(reply.body, into, token)) return false;
  } while (!token.empty());
  return true;
}

bool is_well(const top::Provider& provider) {
  return provider.admin_state == "ENABLED" && provider.health == "OK";
}

std::string failures_of(const top::Provider& provider) {
  const std::int64_t count = provider.failures.value_or(0);
  return fmt::format("after {} failure{}{}", count, count == 1 ? "" : "s",
                     provider.last_error ? ": " + provider.last_error->message : std::string());
}

// As the relay's port words it.
std::string condition_of(const top::Provider& provider, std::int64_t now) {
  const std::string operators = top::told_of(provider.admin_state, provider.admin_override, now);
  if (provider.admin_state != "ENABLED" && !operators.empty()) return operators;
  if (provider.health == "OPEN") {
    const std::int64_t seconds = (provider.half_open_in_ms.value_or(0) + 999) / 1000;
    return fmt::format("left out {} s more {}", seconds, failures_of(provider));
  }
  if (provider.health == "HALF_OPEN") return "let in again, trusted after a few more good answers";
  if (provider.health == "LIMITED") return "no key has room";
  if (provider.health == "KEYS_REFUSED") return "refuses all its keys";
  if (provider.health == "NO_IDENTITY") {
    return "its cloud gives the relay no identity: " + provider.identity_error;
  }
  return top::lower_case(provider.health);
}

struct Verdict {
  std::string_view status;
  std::string why;
};
Verdict verdict_on(const top::Model& model) {
  if (model.status.state == "DRAINING") {
    return {"not serving", "it is draining: it stops when what runs has ended"};
  }
  if (model.providers.empty()) return {"not serving", "no provider is configured"};
  std::string troubles;
  for (const top::Provider& each : model.providers) {
    if (is_well(each)) continue;
    troubles += fmt::format("{}{}: {}", troubles.empty() ? "" : "; ", each.name,
                            condition_of(each, model.now()));
  }
  if (model.status.state != "SERVING") {
    return {"not serving", "no provider can take a request: " + troubles};
  }
  return {troubles.empty() ? "serving" : "degraded", troubles};
}

template <class List, class Text>
std::string joined(const List& items, Text text) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + text(item);
  return "[" + out + "]";
}

std::string key_json(const top::Key& key, std::int64_t now) {
  const auto left = [now](top::Time end) {
    return std::max<std::int64_t>(end.value_or(now) - now, 0);
  };
  const bool is_out = key.admin_state == "DISABLED";
  std::string out = fmt::format(R"({{"key":{},"name":{},"state":{},"in_flight":{})",
                                json_quoted(key.fingerprint), json_quoted(key.name),
                                json_quoted(top::lower_case(is_out ? key.admin_state : key.state)),
                                key.in_flight.value_or(0));
  if (key.refused_until) out += fmt::format(R"(,"free_in_ms":{})", left(key.refused_until));
  if (!key.cool_downs.empty()) {
    out += R"(,"cooling":)" + joined(key.cool_downs, [&](const top::CoolDown& each) {
             return fmt::format(R"({{"model":{},"free_in_ms":{}}})", json_quoted(each.model),
                                left(each.expire_time));
           });
  }
  return out + '}';
}

std::string identity_json(const top::Provider& provider, std::int64_t now) {
  std::string out = fmt::format(R"({{"state":{},"source":{})", json_quoted(provider.identity_state),
                                json_quoted(provider.identity_source));
  if (const top::Time end = provider.identity_expire_time) {
    out += fmt::format(R"(,"expires_in_ms":{})", std::max<std::int64_t>(*end - now, 0));
  }
  if (!provider.identity_error.empty()) {
    out += R"(,"error":)" + json_quoted(provider.identity_error);
  }
  return out + '}';
}

std::string error_json(const top::LastError& error) {
  const WallTime time{std::chrono::milliseconds(error.time.value_or(0))};
  return fmt::format(
      R"({{"time":{},"message":{}}})",
      json_quoted(rfc3339(TimeZone(), std::chrono::floor<std::chrono::seconds>(time))),
      json_quoted(error.message));
}

std::string provider_json(const top::Provider& provider, const top::Model& model) {
  std::string out = fmt::format(
      R"({{"name":{},"type":{},"base_url":{},"models":{},"active":{},"health":{},"status":{},)"
      R"("in_flight":{},"breaker":{{"failures":{}}})",
      json_quoted(provider.name), json_quoted(provider.type), json_quoted(provider.base_url),
      joined(provider.models, [](const std::string& id) { return json_quoted(id); }),
      provider.admin_state == "ENABLED",
      json_quoted(top::lower_case(provider.admin_state == "ENABLED" ? provider.health
                                                                    : provider.admin_state)),
      json_quoted(condition_of(provider, model.now())), provider.in_flight.value_or(0),
      provider.failures.value_or(0));
  if (provider.first_byte_us) {
    out += fmt::format(R"(,"first_byte_ms":{})", *provider.first_byte_us / 1000);
  }
  if (!provider.identity_state.empty()) {
    out += R"(,"identity":)" + identity_json(provider, model.now());
  }
  if (provider.last_error) out += R"(,"last_error":)" + error_json(*provider.last_error);
  std::vector<top::Key> keys;
  for (const top::Key& key : model.keys) {
    const auto& users = key.providers;
    if (std::find(users.begin(), users.end(), provider.name) != users.end()) keys.push_back(key);
  }
  return out + R"(,"keys":)" +
         joined(keys, [&](const top::Key& key) { return key_json(key, model.now()); }) + '}';
}

// In the form of GET /v1/providers, which the rest knows how to read.
std::string page_of(const Told& told) {
  const top::Model& model = told.model;
  const Verdict verdict = verdict_on(model);
  const auto& features = told.info.features;
  const std::int64_t age = model.now() - told.info.config_load_time.value_or(model.now());
  return fmt::format(
      R"({{"status":{},"why":{},"relay":{{"version":{},"uptime_ms":{},"configuration":{},)"
      R"("configuration_age_ms":{},"listen":{},"tls":{}}},"data":{}}})",
      json_quoted(verdict.status), json_quoted(verdict.why), json_quoted(told.info.version),
      model.status.uptime_ms.value_or(0), json_quoted(told.info.config_source),
      std::max<std::int64_t>(age, 0),
      joined(told.info.listen_addresses, [](const std::string& at) { return json_quoted(at); }),
      std::find(features.begin(), features.end(), "tls") != features.end(),
      joined(model.providers,
             [&](const top::Provider& each) { return provider_json(each, model); }));
}

}  // namespace

Result<RelayReport> managed_report(ManagedRelay& relay) {
  Told told{relay.info(), {}};
  const top::Reply status = relay.get("/status");
  const bool is_told = status.ok() && top::read_status(status.body, told.model) &&
                       list(relay, "providers", told.model.providers, &top::read_providers) &&
                       list(relay, "keys", told.model.keys, &top::read_keys);
  if (!is_told) {
    return Error{ErrorCode::network, relay.name() + ": it does not say how its providers are"};
  }
  return report_of(page_of(told), relay.name());
}

}  // namespace ccrelay::app
