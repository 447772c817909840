#include "price/shipped.hpp"

#include <ccrelay/usage_table.hpp>

#include <string>
#include <string_view>

#include "catch.hpp"
#include "config/documentation.hpp"
#include "price/cost.hpp"
#include "price/table_of.hpp"
#include "variables.hpp"

using namespace ccrelay;

namespace {

const Day today = price::parse_day("2026-11-29").value();

price::Used used(std::uint64_t input, std::uint64_t output, std::uint64_t write_5m,
                 std::uint64_t write_1h, std::uint64_t read) {
  price::Used made;
  made.tokens = {input, output, write_5m, write_1h, read};
  return made;
}

// From the shipped text all the way to nano-USD.
std::optional<std::int64_t> cost(std::string_view type, std::string_view model,
                                 const price::Used& used, Day day = today,
                                 std::string_view profile = {}) {
  const auto table = price::table_of(Config{});
  const auto found = table->find({"mine", type, model, {}, profile}, day);
  if (!found) return std::nullopt;
  return price::cost(*found, used, 1000);
}

}  // namespace

TEST_CASE("the shipped prices are the file of the project, and can be read", "[config]") {
  CHECK(price::shipped_text() == test::text_of("share/cc-relay/prices.toml"));
  CHECK(shipped_prices().size() > 50);
  CHECK(&shipped_prices() == &shipped_prices());
}

TEST_CASE("every shipped price has a source, a day of checking and a provider", "[config]") {
  for (const PriceRow& row : shipped_prices()) {
    CAPTURE(row.models.at(0));
    CHECK(row.source.starts_with("https://"));
    REQUIRE(row.checked);
    CHECK(*row.checked >= price::parse_day("2026-11-01"));
    CHECK_FALSE(row.provider.empty());
  }
}

TEST_CASE("the shipped prices pass the checks of one's own", "[config]") {
  Config config;
  config.prices = shipped_prices();
  const auto result = validate(config);
  if (!result) FAIL(result.error().message);
}

TEST_CASE("every shipped row of Claude leads to prices for all classes of tokens", "[config]") {
  const auto table = price::table_of(Config{});
  for (const PriceRow& row : table->rows()) {
    if (row.provider != "anthropic" && row.provider != "bedrock") continue;
    const auto found = table->find({"mine", row.provider, row.models.at(0), {}}, today);
    CAPTURE(row.models.at(0));
    REQUIRE(found);
    for (const auto& rate : found->row->rates.pico_usd) CHECK(rate);
    CHECK(found->row->web_search == 10'000'000u);
  }
}

TEST_CASE("sums made by hand come out of the shipped prices", "[config]") {
  price::Used sonnet = used(1200, 350, 2000, 500, 40'000);
  sonnet.web_searches = 2;
  CHECK(cost("anthropic", "claude-sonnet-5-5", sonnet) == 36'900'000);
  CHECK(cost("anthropic", "claude-sonnet-5-5-20260929", sonnet) == 36'900'000);
  // Reads cost twice as much until that day.
  const Day cheaper = price::parse_day("2026-10-07").value();
  CHECK(cost("anthropic", "claude-sonnet-5-5", sonnet, cheaper - 1) == 40'900'000);
  CHECK(cost("anthropic", "claude-sonnet-5-5", sonnet, cheaper) == 36'900'000);
  sonnet.geo = "us";
  CHECK(cost("anthropic", "claude-sonnet-5-5", sonnet) == 38'590'000);
  const price::Used haiku = used(20'000, 400, 1000, 0, 90'000);
  CHECK(cost("anthropic", "claude-haiku-5-5", haiku) == 16'125'000);
  // The same just below the limit: 2 000 000 + 125 000 + 790 000 + 200 000.
  CHECK(cost("anthropic", "claude-haiku-5-5", used(20'000, 400, 1000, 0, 79'000)) == 3'115'000);
}

TEST_CASE("a regional endpoint of Bedrock costs a tenth more than the global one", "[config]") {
  const price::Used three = used(0, 0, 3, 0, 0);
  CHECK(cost("bedrock", "global.anthropic.claude-haiku-5-5-v1:0", three) == 375);
  CHECK(cost("bedrock", "eu.anthropic.claude-haiku-5-5-v1:0", three) == 413);  // 412.5
  CHECK(cost("bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", used(1000, 0, 0, 0, 0)) ==
        3'300'000);
}

TEST_CASE("OpenAI's and Gemini's prices come out, those of long prompts too", "[config]") {
  CHECK(cost("openai", "gpt-5.5-2026-04-23", used(1000, 100, 0, 0, 10'000)) == 13'000'000);
  CHECK(cost("openai", "gpt-5.5", used(272'001, 0, 0, 0, 0)) == 2'720'010'000);
  CHECK(cost("gemini", "gemini-2.5-pro", used(200'000, 1000, 0, 0, 0)) == 260'000'000);
  CHECK(cost("gemini", "gemini-2.5-pro", used(200'001, 1000, 0, 0, 0)) == 515'002'500);
  // A cache that it does not have has no price.
  CHECK_FALSE(cost("openai", "gpt-5.5-pro", used(1, 0, 0, 0, 1)));
  // 2.5 and 0.2 and 10 USD a million, a write of the long ones twice as much.
  CHECK(cost("openai", "gpt-6-sol", used(0, 1, 1000, 0, 1000)) == 2'710'000);
  CHECK(cost("openai", "gpt-6-sol", used(0, 0, 272'001, 0, 0)) == 1'360'005'000);
  price::Used flexible = used(1, 1, 0, 0, 0);
  flexible.service_tier = "flex";
  CHECK_FALSE(cost("openai", "gpt-5.5", flexible));
}

TEST_CASE("hosted searches cost what each vendor says", "[config]") {
  price::Used searched = used(0, 0, 0, 0, 0);
  searched.web_searches = 3;
  struct Row {
    const char *provider, *model;
    std::optional<std::int64_t> cost;
  };
  const Row rows[] = {
      {"openai", "gpt-5.5", 30'000'000},
      {"openai", "o3", 30'000'000},
      {"openai", "gpt-4o-mini", {}},
      {"gemini", "gemini-3.5-flash", 42'000'000},
      {"gemini", "gemini-2.5-pro", 105'000'000},
      {"xai", "grok-4.7", 15'000'000},
      {"azure_openai", "gpt-5.5", {}},
      {"moonshot", "kimi-k3", {}},
  };
  for (const auto& [provider, model, expected] : rows) {
    CAPTURE(provider, model);
    CHECK(cost(provider, model, searched) == expected);
  }
}

TEST_CASE("a server of type openai has its own vendor's prices", "[config]") {
  struct Row {
    const char *base_url, *model;
    std::optional<std::int64_t> cost;  // of a thousand tokens in
  };
  const Row rows[] = {
      {"", "gpt-6.1-terra", 1'000'000},
      {"https://api.openai.com/v1", "gpt-4o", 2'500'000},
      {"https://api.x.ai/v1", "grok-4.7", 2'000'000},
      {"https://api.moonshot.ai/v1", "kimi-k3", 3'000'000},
      // A reseller's page alone says what it costs.
      {"https://api.moonshot.ai/v1", "kimi-k3.1-pro", {}},
      {"https://api.groq.com/openai/v1", "openai/gpt-oss-120b", 150'000},
      {"https://api.together.xyz/v1", "openai/gpt-oss-120b", {}},
      {"https://api.together.xyz/v1", "moonshotai/Kimi-K3", 3'000'000},
      {"https://api.mistral.ai/v1", "mistral-small-latest", 150'000},
      {"https://api.z.ai/api/paas/v4", "GLM-5.3", 1'400'000},
      {"https://api.deepseek.com/v1", "deepseek-flash", {}},
      // What is the same by name is somebody else's, or free.
      {"http://127.0.0.1:8000/v1", "gpt-4o", {}},
      {"http://127.0.0.1:8000/v1", "kimi-k3", {}},
      {"https://api.groq.com/openai/v1", "gpt-4o", {}},
      {"https://gateway.example/v1", "gpt-5.5", {}},
      {"http://127.0.0.1:11434/v1", "grok-4.7", {}},
  };
  for (const auto& [base_url, model, expected] : rows) {
    CAPTURE(base_url, model);
    Config config;
    ProviderConfig& provider = config.providers.emplace_back();
    provider.name = "mine";
    provider.type = "openai";
    provider.base_url = base_url;
    const std::string profile = priced_providers(config).at("mine").profile;
    CHECK(cost("openai", model, used(1000, 0, 0, 0, 0), today, profile) == expected);
  }
}

TEST_CASE("an introductory price ends on its day", "[config]") {
  const price::Used charge = used(1000, 0, 0, 0, 0);
  const Day argon = price::parse_day("2026-12-01").value();
  const Day flash = price::parse_day("2027-01-01").value();
  CHECK(cost("gemini", "gemini-4-argon", charge, argon - 1) == 2'000'000);
  CHECK(cost("gemini", "gemini-4-argon", charge, argon) == 4'000'000);
  CHECK(cost("gemini", "gemini-3.8-flash", charge, flash - 1) == 750'000);
  CHECK(cost("gemini", "gemini-3.8-flash", charge, flash) == 1'500'000);
}

TEST_CASE("what no page of a vendor prices, and no two tables agree on, has no cost", "[config]") {
  price::Used charge = used(1, 1, 0, 0, 0);
  CHECK_FALSE(cost("zai", "glm-4.7", charge));
  CHECK_FALSE(cost("moonshot", "kimi-k3.1-pro-highspeed", charge));
  CHECK(cost("moonshot", "kimi-k3", charge) == 18'000);
  CHECK_FALSE(cost("moonshot", "kimi-k3", used(1, 1, 1, 0, 0)));
  CHECK_FALSE(cost("anthropic", "claude-sonnet-9", charge));
  CHECK_FALSE(cost("ollama", "claude-sonnet-5-5", charge));
  charge.speed = "fast";
  CHECK(cost("anthropic", "claude-opus-5-5", charge) == 48'000);
  CHECK_FALSE(cost("anthropic", "claude-sonnet-5-5", charge));
  charge.tokens[4] = 1;  // what a fast read costs nobody has published
  CHECK_FALSE(cost("anthropic", "claude-opus-5-5", charge));
}

TEST_CASE("figures of one's own go all the way from the file to the cost", "[config]") {
  const auto config = parse_config(
      "[[prices]]\nprovider = \"azure\"\nmodels = [\"*\"]\nsame_as = \"claude-sonnet-5-5\"\n"
      "factor = 1.1\n[[prices]]\nmodels = [\"qwen3-*\"]\ninput = 0.125\noutput = 0\n",
      "c.toml", test::variables());
  if (!config) FAIL(config.error().message);
  const auto table = price::table_of(*config);
  const auto deployment = table->find({"mine", "azure", "our-deployment", {}}, today);
  REQUIRE(deployment);
  CHECK(deployment->name == "azure/*");
  CHECK(price::cost(*deployment, used(1000, 0, 0, 0, 0), 850) == 1'870'000);  // 2 000 × 1.1 × 0.85
  const auto local = table->find({"box", "ollama", "qwen3-coder", {}}, today);
  REQUIRE(local);
  CHECK(price::cost(*local, used(3, 1'000'000, 0, 0, 0), 1100) == 413);
  CHECK_FALSE(price::cost(*local, used(3, 0, 0, 0, 1), 1000));
}
