#include "exchange/admittance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "base/clipped.hpp"

namespace ccrelay::exchange {
namespace {

using state::ClientLimit;
using std::chrono::seconds;

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// With cents, and what more there is.
std::string usd(std::uint64_t nano) {
  std::string out = fmt::format("{}.{:09}", nano / 1'000'000'000, nano % 1'000'000'000);
  while (out.back() == '0' && out[out.size() - 3] != '.') out.pop_back();
  return out;
}

std::int64_t seconds_of(Duration wait) {
  return std::max<std::int64_t>(std::chrono::ceil<seconds>(wait).count(), 1);
}

std::string unix_seconds(WallTime now, Duration wait) {
  const auto at = now + std::chrono::duration_cast<WallTime::duration>(wait);
  return std::to_string(std::chrono::ceil<seconds>(at).time_since_epoch().count());
}

std::string iso_minute(WallTime now, Duration wait) {
  const auto at = std::chrono::ceil<std::chrono::minutes>(
      now + std::chrono::duration_cast<WallTime::duration>(wait));
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(at - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count());
}

Answer budget_reached(const ClientConfig& client, const state::ClientRefusal& refusal, WallTime now,
                      bool monthly) {
  const std::string reset = unix_seconds(now, refusal.wait);
  Answer answer = error_answer(
      429, fmt::format("the budget of {} for this {} is used up: {} USD ({} of the client \"{}\"). "
                       "It begins anew at {}; until then ask who runs this relay to raise it",
                       client.name, monthly ? "month" : "day", usd(refusal.limit),
                       monthly ? "budget_usd_month" : "budget_usd_day", client.name,
                       iso_minute(now, refusal.wait)));
  answer.type = "billing_error";
  answer.headers = {
      {"retry-after", std::to_string(seconds_of(refusal.wait))},
      {"x-should-retry", "false"},
      {"anthropic-ratelimit-unified-status", "rejected"},
      {"anthropic-ratelimit-unified-reset", reset},
      {"anthropic-ratelimit-unified-overage-reset", reset},
      {"anthropic-ratelimit-unified-overage-utilization", "1"},
      {"anthropic-ratelimit-unified-overage-surpassed-threshold", "1"},
      {"anthropic-ratelimit-unified-overage-period", monthly ? "monthly" : "daily"},
      {"anthropic-ratelimit-unified-overage-disabled-reason", "org_spend_cap_reached"}};
  return answer;
}

struct Words {
  std::string_view setting;
  std::string_view what;
};

Words words_of(ClientLimit limit) {
  switch (limit) {
    case ClientLimit::in_flight:
      return {"max_in_flight", "requests at once"};
    case ClientLimit::requests:
      return {"rpm_limit", "requests a minute"};
    case ClientLimit::input_tokens:
      return {"itpm_limit", "input tokens a minute"};
    case ClientLimit::output_tokens:
      return {"otpm_limit", "output tokens a minute"};
    case ClientLimit::tokens:
      return {"tpm_limit", "tokens a minute"};
    case ClientLimit::budget_day:
    case ClientLimit::budget_month:
    case ClientLimit::budget_reserved:
      break;
  }
  return {};
}

}  // namespace

bool may_ask_for(const ClientConfig& client, std::string_view model) {
  return client.models.empty() ||
         std::any_of(client.models.begin(), client.models.end(), [&](const std::string& pattern) {
           return worker::model_matches(pattern, model);
         });
}

bool may_be_asked(const worker::Entry& entry, const ClientConfig* client) {
  if (!client || client->providers.empty()) return true;
  return std::find(client->providers.begin(), client->providers.end(), entry.config->name) !=
         client->providers.end();
}

Answer model_not_allowed(const ClientConfig& client, std::string_view model) {
  return error_answer(
      403,
      fmt::format("the key of {} may not ask for \"{}\" (models of the client \"{}\"); it may ask "
                  "for {}",
                  client.name, base::clipped(model), client.name, listed(client.models)),
      {{"x-should-retry", "false"}});
}

std::string_view setting_against_unread(const ClientConfig& client, std::string_view method,
                                        bool client_pays) {
  // To look at something and to take it away ask no model.
  if (method == "GET" || method == "HEAD" || method == "DELETE") return {};
  if (!client.models.empty()) return "models";
  if (client_pays || !client.has_budget()) return {};
  return client.budget_day_nano_usd ? "budget_usd_day" : "budget_usd_month";
}

Answer background_not_allowed(const ClientConfig& client) {
  Answer answer = error_answer(
      403,
      fmt::format("background: what is answered later can't be held against the budget of the "
                  "client \"{}\"; ask without it, or ask who runs this relay for a key without one",
                  client.name),
      {{"x-should-retry", "false"}});
  answer.param = "background";
  return answer;
}

Answer unread_not_allowed(const ClientConfig& client, std::string_view setting) {
  return error_answer(
      403,
      fmt::format("the key of {} may send messages and count tokens; what else is sent is not read "
                  "by this relay and can't be held against {} of the client \"{}\"; ask who runs "
                  "it for a key without",
                  client.name, setting, client.name),
      {{"x-should-retry", "false"}});
}

Answer limit_reached(const ClientConfig& client, const state::ClientRefusal& refusal,
                     WallTime now) {
  if (refusal.which == ClientLimit::budget_day) return budget_reached(client, refusal, now, false);
  if (refusal.which == ClientLimit::budget_month) return budget_reached(client, refusal, now, true);
  const Headers wait{{"retry-after", std::to_string(seconds_of(refusal.wait))}};
  if (refusal.which == ClientLimit::budget_reserved) {
    return error_answer(
        429,
        fmt::format("what {} has running may take all that is left of its budget of {} USD; ask "
                    "again when some of it has ended",
                    client.name, usd(refusal.limit)),
        wait);
  }
  const Words words = words_of(refusal.which);
  return error_answer(
      429,
      fmt::format("{} has reached its limit of {} {} ({} of the client \"{}\"); ask "
                  "again in {} s",
                  client.name, refusal.limit, words.what, words.setting, client.name,
                  seconds_of(refusal.wait)),
      wait);
}

void add_budget_headers(Headers& headers, const state::BudgetShare& share, WallTime now) {
  for (const std::string& name : [&] {
         std::vector<std::string> own;
         for (const Header field : headers) {
           if (field.name.starts_with("anthropic-ratelimit-")) own.emplace_back(field.name);
         }
         return own;
       }()) {
    headers.remove(name);
  }
  const double used = std::clamp(share.used, 0.0, 1.0);
  const std::string reset = unix_seconds(now, share.left);
  const auto add = [&](std::string_view name, std::string_view value) {
    headers.add(fmt::format("anthropic-ratelimit-unified-{}", name), value);
  };
  const std::string_view status = used >= 0.75 ? "allowed_warning" : "allowed";
  add("status", status);
  add("representative-claim", "overage");
  add("overage-status", status);
  add("overage-utilization", fmt::format("{:.2f}", used));
  if (used >= 0.75) add("overage-surpassed-threshold", used >= 0.95 ? "0.95" : "0.75");
  add("overage-period", share.monthly ? "monthly" : "daily");
  add("reset", reset);
  add("overage-reset", reset);
}

}  // namespace ccrelay::exchange
