#include <ccrelay/ledger.hpp>
#include <ccrelay/usage_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "table.hpp"
#include "unpriced.hpp"

namespace ccrelay::app::checks {
namespace {

using std::chrono::days;

constexpr const char* prices_id = "prices";
constexpr const char* add_prices = "add [[prices]] for them; what they cost is not known without";
constexpr days used_within{30};
constexpr days old_from{90};

std::optional<Day> last_checked(const Config& config) {
  std::optional<Day> last;
  for (const auto* rows : {&config.prices, &config.pricing.file_prices, &shipped_prices()}) {
    for (const PriceRow& row : *rows) {
      if (row.checked && (!last || *row.checked > *last)) last = row.checked;
    }
  }
  return last;
}

std::string listed(const std::set<std::string>& names) {
  constexpr std::size_t names_max = 10;
  std::string out;
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (++count > names_max) return fmt::format("{} and {} more", out, names.size() - names_max);
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

// What is wrong with the ledger itself is check_ledger()'s business.
std::set<std::string> used_without_price(const Facts& facts) {
  std::set<std::string> names;
  if (!has_ledger() || !facts.config.ledger.enabled) return names;
  UsageQuery query;
  query.since = facts.now - used_within;
  query.limit = 1;
  const auto used = read_usage(ledger_path(facts.config.ledger, facts.env), query);
  if (!used) return names;
  for (const UnpricedModel& each : used->unpriced) names.insert(each.model);
  return names;
}

}  // namespace

std::set<std::string> unpriced_models(const Facts& facts) {
  const auto priced = priced_providers(facts.config);
  const auto prices = make_usage_prices(
      {facts.config.prices, facts.config.pricing.file_prices, shipped_prices()}, priced);
  std::set<std::string> out;
  for (const ProviderConfig& each : facts.config.providers) {
    if (!each.enabled || priced.at(each.name).tells_cost) continue;
    for (const std::string& model : models_sent(each)) {
      if (!model.empty() && model.back() == '*') continue;
      PricedCharge charge;
      charge.time = facts.now;
      charge.provider = each.name;
      charge.sent = model;
      if (!prices->rates(charge).any()) out.insert(fmt::format("{}: {}", each.name, model));
    }
  }
  return out;
}

void check_prices(const Facts& facts, Findings& out) {
  bool fine = true;
  const auto warn = [&](const std::string& message, const std::string& advice) {
    fine = false;
    out.warning(prices_id, "", message, advice);
  };
  if (const auto names = unpriced_models(facts); !names.empty()) {
    warn(fmt::format("models of the configuration without a price: {}", listed(names)), add_prices);
  }
  if (const auto names = used_without_price(facts); !names.empty()) {
    warn(fmt::format("used in the last 30 days without a price: {}", listed(names)), add_prices);
  }
  const auto today = std::chrono::floor<days>(facts.now).time_since_epoch();
  if (const auto last = last_checked(facts.config); last && today - days(*last) > old_from) {
    warn(fmt::format("prices were last looked up {} days ago", (today - days(*last)).count()),
         "look at your vendors' pages, and write what has changed in [[prices]]");
  }
  if (fine) out.ok(prices_id, "", "known for all models that are named");
}

}  // namespace ccrelay::app::checks
