#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "figures.hpp"
#include "states.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

Field count_field(Number count) {
  return {grouped(count),
          {},
          count ? std::optional<double>(static_cast<double>(*count)) : std::nullopt};
}

Field money_field(Number nano_usd) {
  Field field = count_field(nano_usd);
  field.text = money(nano_usd);
  return field;
}

Field state_field(const State& state) {
  return {state.word, {.tint = state.tint, .bold = state.tint == Tint::bad}, {}};
}

Field time_field(Number us) {
  if (!us) return {"-", {}, {}};
  return {took(*us), {}, static_cast<double>(*us)};
}

Field ratio_field(Real ratio) {
  if (!ratio) return {"-", {}, {}};
  const Tint tint = *ratio >= 0.5 ? Tint::bad : *ratio >= 0.05 ? Tint::warn : Tint::plain;
  return {percent(*ratio), {.tint = tint}, *ratio};
}

// Nothing was ever asked of it, so it has cost nothing either.
Field cost_field(const Totals& totals) {
  if (totals.requests == 0 && totals.attempts.value_or(0) == 0) return {"-", {}, 0};
  return money_field(totals.nano_usd);
}

Field tokens_field(const Totals& totals) {
  const Number in = totals.usage.input_tokens;
  const Number out = totals.usage.output_tokens;
  Field field = count_field(in);
  field.text = fmt::format("{} / {}", brief(in), brief(out));
  return field;
}

// Of what this program has seen end within five minutes: the API tells no percentiles of one.
Field p99_field(const Model& model, const Provider& provider) {
  constexpr std::int64_t window_ms = 300'000;
  std::vector<std::int64_t> all;
  for (const Request& request : model.ended) {
    if (request.provider != provider.name || !request.first_byte_us || !request.start_time)
      continue;
    if (model.now() - *request.start_time < window_ms) all.push_back(*request.first_byte_us);
  }
  if (all.empty()) return {"-", {}, {}};
  std::sort(all.begin(), all.end());
  return time_field(all[(all.size() - 1) * 99 / 100]);
}

// `2 ok, 1 cooling`
std::string keys_in_words(const Model& model, const Provider& provider) {
  std::vector<std::pair<std::string, int>> counts;
  for (const std::string& fingerprint : provider.keys) {
    const auto key = std::find_if(model.keys.begin(), model.keys.end(),
                                  [&](const Key& each) { return each.fingerprint == fingerprint; });
    if (key == model.keys.end()) continue;
    const std::string state = state_of(*key, model.now()).word;
    const std::string word = lower_case(state.substr(0, state.find(' ')));
    const auto known = std::find_if(counts.begin(), counts.end(),
                                    [&](const auto& each) { return each.first == word; });
    if (known == counts.end()) {
      counts.emplace_back(word, 1);
    } else {
      ++known->second;
    }
  }
  std::string out;
  for (const auto& [word, count] : counts) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, word);
  }
  return out.empty() ? "-" : out;
}

std::string last_error_words(const std::optional<LastError>& error) {
  if (!error) return {};
  return fmt::format("last error {}: {}{}", clock(error->time),
                     error->status.value_or(0) != 0 ? fmt::format("{} ", *error->status) : "",
                     shown(error->message));
}

std::string joined(const std::vector<std::string>& words) {
  return shown(fmt::format("{}", fmt::join(words, ", ")));
}

std::string more_of(const Provider& provider, std::int64_t now) {
  std::string out = told_of(provider.admin_state, provider.admin_override, now);
  if (out.empty() && provider.health == "OPEN") {
    out = fmt::format("left out after {} failures in a row", grouped(provider.failures));
  }
  if (out.empty() && !provider.identity_error.empty()) out = shown(provider.identity_error);
  const std::string error = last_error_words(provider.last_error);
  if (!error.empty()) out += (out.empty() ? "" : "; ") + error;
  if (out.empty()) {
    out = shown(fmt::format("{} {}", provider.type, provider.base_url));
    if (!provider.dialects.empty()) out += " speaks " + joined(provider.dialects);
  }
  return out;
}

const Budget* budget_of(const std::vector<Budget>& budgets, const char* kind) {
  const auto found = std::find_if(budgets.begin(), budgets.end(),
                                  [&](const Budget& each) { return each.kind == kind; });
  return found == budgets.end() ? nullptr : &*found;
}

// `[######----] 31/50`
Field budget_field(const Budget* budget, int cells) {
  if (budget == nullptr) return {"-", {}, {}};
  std::int64_t limit = budget->limit.value_or(0);
  std::int64_t used = budget->used.value_or(0);
  if (limit == 0 && budget->provider_limit) {
    limit = *budget->provider_limit;
    used = std::max(used, limit - budget->provider_remaining.value_or(limit));
  }
  if (limit <= 0) return {brief(budget->used), {}, static_cast<double>(used)};
  const double ratio = static_cast<double>(used) / static_cast<double>(limit);
  const Tint tint = ratio >= 1 ? Tint::bad : ratio >= 0.8 ? Tint::warn : Tint::plain;
  const auto figure = [&](std::int64_t value) {
    return limit >= 1000 ? size_brief(value) : fmt::format("{}", value);
  };
  return {fmt::format("{} {}/{}", bar(ratio, cells), figure(used), figure(limit)),
          {.tint = tint},
          ratio};
}

const Budget* tokens_budget(const Key& key) {
  const Budget* in = budget_of(key.budgets, "INPUT_TOKENS_PER_MINUTE");
  return in != nullptr ? in : budget_of(key.budgets, "TOKENS_PER_MINUTE");
}

std::string more_of(const Key& key, std::int64_t now) {
  std::string out = told_of(key.admin_state, key.admin_override, now);
  for (const CoolDown& each : key.cool_downs) {
    if (!each.expire_time) continue;
    out += fmt::format("{}{} set aside for {}", out.empty() ? "" : "; ",
                       each.model.empty() ? "all models" : shown(each.model),
                       wait(*each.expire_time - now));
  }
  if (!key.plan_windows.empty()) {
    std::string windows;
    for (const PlanWindow& each : key.plan_windows) {
      windows += fmt::format("{}{} {}", windows.empty() ? "" : "   ", shown(each.name),
                             each.utilization ? whole_percent(*each.utilization) : "n/a");
      if (each.reset_time) windows += " until " + until(*each.reset_time, now);
    }
    out += (out.empty() ? "" : "; ") + ("plan windows: " + windows);
  }
  if (out.empty()) out = last_error_words(key.last_error);
  return out;
}

// `$4.10 [####------] $10`
Field client_budget_field(const Client& client) {
  const Budget* budget = budget_of(client.budgets, "NANO_USD_PER_DAY");
  const char* per = "";
  if (budget == nullptr) {
    budget = budget_of(client.budgets, "NANO_USD_PER_MONTH");
    per = "/month";
  }
  if (budget == nullptr || budget->limit.value_or(0) <= 0) {
    if (!client.today || !client.today->nano_usd || *client.today->nano_usd == 0) {
      return {"-", {}, 0};
    }
    return money_field(client.today->nano_usd);
  }
  const double ratio =
      static_cast<double>(budget->used.value_or(0)) / static_cast<double>(*budget->limit);
  const Tint tint = ratio >= 1 ? Tint::bad : ratio >= 0.8 ? Tint::warn : Tint::plain;
  return {fmt::format("{} {} {}{}", money(budget->used), bar(ratio, 10),
                      money_limit(*budget->limit), per),
          {.tint = tint},
          static_cast<double>(budget->used.value_or(0))};
}

std::string more_of(const Client& client) {
  std::string out = lower_case(shown(client.kind));
  std::replace(out.begin(), out.end(), '_', ' ');
  if (!client.allowed_models.empty()) out += "   models " + joined(client.allowed_models);
  if (!client.allowed_providers.empty()) out += "   providers " + joined(client.allowed_providers);
  for (const auto& [kind, name] :
       {std::pair("REQUESTS_PER_MINUTE", "requests/min"),
        std::pair("TOKENS_PER_MINUTE", "tokens/min"),
        std::pair("INPUT_TOKENS_PER_MINUTE", "tokens in/min"),
        std::pair("CONCURRENT_REQUESTS", "at once"), std::pair("NANO_USD_PER_MONTH", "")}) {
    const Budget* budget = budget_of(client.budgets, kind);
    if (budget == nullptr || budget->limit.value_or(0) <= 0) continue;
    if (*name == '\0') {
      out += fmt::format("   month {} of {}", money(budget->used), money_limit(*budget->limit));
    } else {
      out += fmt::format("   {} {} of {}", name, brief(budget->used), brief(budget->limit));
    }
  }
  return out;
}

}  // namespace

Table overview_table(const Model& model, bool wide) {
  Table table;
  if (wide) {
    table.columns = {{"Provider", 18, false, 0, true},
                     {"State", 11},
                     {"In flight", 9, true},
                     {"First byte", 12, true},
                     {"p99", 8, true},
                     {"Failed 5m", 10, true},
                     {"Keys", 18, false, 2, true},
                     {"Requests", 10, true},
                     {"Tokens in/out", 15, true},
                     {"Cost", 8, true}};
  } else {
    table.columns = {{"Provider", 18, false, 0, true},
                     {"State", 11},
                     {"In flight", 9, true},
                     {"First byte", 12, true},
                     {"Failed 5m", 11, true},
                     {"Requests", 10, true},
                     {"Cost", 8, true}};
  }
  for (const Provider& provider : model.providers) {
    Row row{provider.name, {}, more_of(provider, model.now()), {}};
    row.fields = {{shown(provider.name)},
                  state_field(state_of(provider)),
                  count_field(provider.in_flight),
                  time_field(provider.first_byte_us)};
    if (wide) row.fields.push_back(p99_field(model, provider));
    row.fields.push_back(ratio_field(provider.failure_ratio));
    if (wide) row.fields.push_back({keys_in_words(model, provider)});
    row.fields.push_back(count_field(provider.totals.requests));
    if (wide) row.fields.push_back(tokens_field(provider.totals));
    row.fields.push_back(cost_field(provider.totals));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table providers_table(const Model& model) {
  Table table;
  table.columns = {{"Provider", 16, false, 0, true},
                   {"State", 11},
                   {"In flight", 9, true},
                   {"First", 8, true},
                   {"Failed", 8, true},
                   {"Conv", 7, true},
                   {"Prio", 6, true},
                   {"Requests", 11, true},
                   {"Cost", 10, true},
                   {"Tokens in/out", 16, true},
                   {"Opened", 8, true},
                   {"Keys", 20, false, 2, true},
                   {"Models", 26, false, 0, true}};
  for (const Provider& provider : model.providers) {
    const std::int64_t limit = provider.in_flight_limit.value_or(0);
    Field in_flight = count_field(provider.in_flight);
    if (limit > 0) in_flight.text += fmt::format("/{}", limit);
    table.rows.push_back({provider.name,
                          {{shown(provider.name)},
                           state_field(state_of(provider)),
                           in_flight,
                           time_field(provider.first_byte_us),
                           ratio_field(provider.failure_ratio),
                           count_field(provider.conversations),
                           count_field(provider.priority),
                           count_field(provider.totals.requests),
                           cost_field(provider.totals),
                           tokens_field(provider.totals),
                           count_field(provider.opened),
                           {keys_in_words(model, provider)},
                           {provider.models.empty() ? "all" : joined(provider.models)}},
                          more_of(provider, model.now()),
                          provider.type + " " + provider.base_url});
  }
  return table;
}

Table keys_table(const Model& model) {
  Table table;
  table.columns = {{"Key", 10, false, 0, true},
                   {"Provider", 11, false, 0, true},
                   {"State", 13},
                   {"In fl", 5, true},
                   {"Requests/min", 20, false, 2},
                   {"Tokens in/min", 18, false, 2},
                   {"Tokens out/min", 20, false, 2},
                   {"Requests", 9, true},
                   {"Cost", 10, true},
                   {"Last used", 11, true}};
  for (const Key& key : model.keys) {
    const std::int64_t limit = key.in_flight_limit.value_or(0);
    Field in_flight = count_field(key.in_flight);
    if (limit > 0) in_flight.text += fmt::format("/{}", limit);
    Field last{"-", {}, {}};
    if (key.last_used_time) {
      last = {ago(model.now() - *key.last_used_time), {}, static_cast<double>(*key.last_used_time)};
    }
    table.rows.push_back({key.fingerprint,
                          {{shown(key.fingerprint)},
                           {key.providers.empty() ? "-" : joined(key.providers)},
                           state_field(state_of(key, model.now())),
                           in_flight,
                           budget_field(budget_of(key.budgets, "REQUESTS_PER_MINUTE"), 10),
                           budget_field(tokens_budget(key), 6),
                           budget_field(budget_of(key.budgets, "OUTPUT_TOKENS_PER_MINUTE"), 6),
                           count_field(key.totals.requests),
                           cost_field(key.totals),
                           last},
                          more_of(key, model.now()),
                          {}});
  }
  return table;
}

Table clients_table(const Model& model) {
  Table table;
  table.columns = {{"Client", 14, false, 0, true},
                   {"In flight", 9, true},
                   {"Today", 7, true},
                   {"Cost today / budget", 29, false, 2},
                   {"Last seen", 9},
                   {"Limited", 9, true},
                   {"Requests", 11, true},
                   {"Tokens in/out", 17, true},
                   {"Cost", 11, true},
                   {"This month", 12, true}};
  for (const Client& client : model.clients) {
    Field seen{"-", {}, {}};
    if (client.last_seen_time) {
      seen = {ago(model.now() - *client.last_seen_time),
              {},
              static_cast<double>(*client.last_seen_time)};
    }
    Field today = count_field(client.today ? client.today->requests : Number());
    if (!client.today) today.text = "-";
    Field month = money_field(client.month ? client.month->nano_usd : Number());
    if (!client.month) month.text = "-";
    table.rows.push_back({client.name,
                          {{shown(client.name)},
                           count_field(client.in_flight),
                           today,
                           client_budget_field(client),
                           seen,
                           count_field(client.limited),
                           count_field(client.totals.requests),
                           tokens_field(client.totals),
                           cost_field(client.totals),
                           month},
                          more_of(client),
                          {}});
  }
  return table;
}

}  // namespace ccrelay::app::top
