#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::variables;

namespace {

Config example() {
  Config config;
  config.source = "c.toml";
  config.server.auth.api_key = Secret("canary-in");
  config.server.auth.bearer_secret = Secret("canary-bearer");
  config.proxy = {"http://user:canary@proxy:1", "http://user:canary@proxy:2", "localhost"};
  ProviderConfig provider;
  provider.name = "a";
  provider.type = "anthropic";
  provider.base_url = "https://a.example/$x";
  provider.models = {"m", "say \"n\""};
  provider.model_mapping = {{"claude-*", "glm"}};
  provider.proxy = "http://user:canary@proxy:3";
  provider.connect_timeout = milliseconds(7);
  provider.headers.emplace_back("x-a", Secret("canary-header"));
  provider.max_in_flight = 8;
  provider.price_factor = 850;
  provider.quirks = {{"stop_max", "2"}, {"drop", "[\"top_p\"]"}};
  provider.pool_strategy = PoolStrategy::random;
  provider.keys.push_back({Secret("canary-key"), 3, 4, 50, 60, 70, 80, 9, "team-a"});
  config.providers.push_back(provider);
  return config;
}

}  // namespace

TEST_CASE("a provider is shown whole, with its secrets masked", "[config]") {
  const auto shown = show_config(example());
  CHECK(shown.find("canary") == std::string::npos);
  const auto begin = shown.find("[[providers]]");
  REQUIRE(begin != std::string::npos);
  CHECK(shown.substr(begin) == R"([[providers]]
name = "a"
type = "anthropic"
enabled = true
base_url = "https://a.example/$$x"
models = ["m", "say \"n\""]
weight = 3
priority = 4
max_in_flight = 8
price_factor = 0.85
pooling.strategy = "random"
credentials = "auto"
proxy = "http://***@proxy:3"
ca_file = ""
connect_ms = 7
first_byte_ms = 120000
stream_idle_ms = 300000
profile = "auto"
max_output_tokens = 0
answer_model = "provider"

[providers.quirks]
drop = ["top_p"]
stop_max = 2

[providers.model_mapping]
"claude-*" = "glm"

[providers.headers]
"x-a" = "***"

[[providers.keys]]
name = "team-a"
key = "***"  # 41d6ed3b
weight = 3
priority = 4
rpm_limit = 50
itpm_limit = 60
otpm_limit = 70
tpm_limit = 80
max_in_flight = 9
)");
}

TEST_CASE("routing and health are shown whole", "[config]") {
  auto config = example();
  config.routing.strategy = "model_based";
  config.routing.model_mapping = {{"claude-", "a"}, {"glm-4.7", "a"}};
  config.routing.default_provider = "a";
  config.health.checks = false;
  const auto shown = show_config(config);
  const auto begin = shown.find("[routing]");
  const auto end = shown.find("[logging]");
  REQUIRE(begin < end);
  CHECK(shown.substr(begin, end - begin) == R"([routing]
strategy = "model_based"
affinity = "conversation"
failover_timeout = 5000
max_attempts = 6
race = 1
hedge_ms = 0
conversations_max = 10000
signatures_max = 100000
model_fallback = false
debug = false
default_provider = "a"

[routing.model_mapping]
"claude-" = "a"
"glm-4.7" = "a"

[health.health_check]
interval_ms = 10000
enabled = false

[health.circuit_breaker]
failure_threshold = 5
open_duration_ms = 30000
half_open_probes = 3

)");
}

TEST_CASE("what the strategy does not look at is shown as such", "[config]") {
  const std::string comment =
      "# default_provider and model_mapping have no effect: strategy is not model_based\n";
  auto config = example();
  CHECK(show_config(config).find(comment) == std::string::npos);
  config.routing.model_mapping = {{"claude-", "gone"}};
  CHECK(show_config(config).find(comment) != std::string::npos);
}

TEST_CASE("the head of what is shown names the file and the environment's proxies", "[config]") {
  CHECK(show_config(example()).starts_with(R"(# from c.toml
# HTTPS_PROXY = http://***@proxy:1
# HTTP_PROXY = http://***@proxy:2
# NO_PROXY = localhost

[server]
listen = "127.0.0.1:8787"
workers = 1
timeout_ms = 600000
)"));
}

TEST_CASE("what is shown can be read again and shows the same", "[config]") {
  auto original = example();
  original.routing.strategy = "model_based";
  original.routing.model_mapping = {{"claude-3.5", "a"}};
  original.routing.race = 2;
  original.health.failure_threshold = 9;
  const auto shown = show_config(original);
  const auto again = parse_config(shown, "c.toml", variables());
  if (!again) FAIL(again.error().message);
  auto config = *again;
  config.proxy = example().proxy;
  // Of another key: of the three stars.
  const auto without_fingerprint = [](std::string text) {
    const auto comment = text.find("  # ");
    REQUIRE(comment != std::string::npos);
    return text.erase(comment, 12);
  };
  CHECK(without_fingerprint(show_config(config)) == without_fingerprint(shown));
}
