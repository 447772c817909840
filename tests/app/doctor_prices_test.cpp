#include <ccrelay/config_load.hpp>
#include <ccrelay/prices.hpp>
#include <ccrelay/usage_table.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "doctor/table.hpp"
#include "doctor/unpriced.hpp"

namespace ccrelay::app::checks {
namespace {

std::string said(std::chrono::system_clock::time_point now, const std::string& more = {}) {
  Facts facts;
  facts.now = now;
  facts.env = [](std::string_view) { return std::optional<std::string>(); };
  facts.config.ledger.enabled = false;
  if (!more.empty()) {
    PriceRow row;
    row.models = {"m"};
    row.checked =
        static_cast<Day>(std::chrono::floor<std::chrono::days>(now).time_since_epoch().count());
    facts.config.prices = {row};
  }
  Findings found;
  check_prices(facts, found);
  std::string out;
  for (const Finding& each : found.all()) {
    out +=
        each.id + (each.status == Status::warning ? " warning: " : " ok: ") + each.message + '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("prices that nobody has looked up for three months are warned of", "[app][doctor]") {
  using std::chrono::days;
  Day last = 0;
  for (const PriceRow& row : shipped_prices()) last = std::max(last, row.checked.value_or(0));
  REQUIRE(last > 0);
  const std::chrono::system_clock::time_point looked_up{days(last)};
  CHECK(said(looked_up + days(90)) == "prices ok: known for all models that are named\n");
  CHECK(said(looked_up + days(91)) == "prices warning: prices were last looked up 91 days ago\n");
  CHECK(said(looked_up + days(91), "an own row of today") ==
        "prices ok: known for all models that are named\n");
}

TEST_CASE("a model of OpenAI's has no price at a server that only speaks its words",
          "[app][doctor]") {
  Facts facts;
  facts.now = std::chrono::system_clock::time_point{
      std::chrono::days(shipped_prices()[0].checked.value_or(0))};
  for (const auto* url : {"https://api.openai.com/v1", "http://127.0.0.1:8000/v1"}) {
    ProviderConfig& provider = facts.config.providers.emplace_back();
    provider.name = facts.config.providers.size() == 1 ? "vendor" : "openai";
    provider.type = "openai";
    provider.base_url = url;
    provider.models = {"gpt-4o"};
  }
  CHECK(unpriced_models(facts) == std::set<std::string>{"openai: gpt-4o"});
  facts.config.providers[1].profile = "openai";
  CHECK(unpriced_models(facts).empty());
}

TEST_CASE("a model needs no price where answers tell what they cost", "[app][doctor]") {
  Facts facts;
  facts.now = std::chrono::system_clock::time_point{
      std::chrono::days(shipped_prices()[0].checked.value_or(0))};
  for (const auto* url : {"https://openrouter.ai/api/v1", "https://gateway.example/v1"}) {
    ProviderConfig& provider = facts.config.providers.emplace_back();
    provider.name = facts.config.providers.size() == 1 ? "openrouter" : "gateway";
    provider.type = "openai";
    provider.base_url = url;
    provider.models = {"somebody/something"};
  }
  CHECK(unpriced_models(facts) == std::set<std::string>{"gateway: somebody/something"});
  facts.config.providers[1].quirks["told_cost"] = R"("cost")";
  CHECK(unpriced_models(facts).empty());
}

}  // namespace ccrelay::app::checks
