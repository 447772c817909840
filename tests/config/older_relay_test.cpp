#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

namespace {

/// How many signatures are remembered by a configuration.
int signatures_of(const std::string& toml) {
  const auto config = parse_config(toml, "c.toml", variables());
  if (!config) FAIL(config.error().message);
  return config->routing.signatures_max;
}

}  // namespace

TEST_CASE("a file of the older relay loads", "[config]") {
  const auto config = parse_config(R"(
[server]
listen = "127.0.0.1:8787"
api_key = "${RELAY_KEY}"
timeout_ms = 0
max_concurrent = 0
enable_http2 = false
[server.auth]
allow_bearer = true
[routing]
strategy = "weighted_round_robin"
failover_timeout = 5000
debug = false
default_provider = "not looked at"
[routing.model_mapping]
"claude-opus" = "nor this"
[[providers]]
name = "anthropic"
type = "anthropic"
enabled = true
models = ["claude-sonnet-4-5"]
[[providers.keys]]
key = ""
rpm_limit = 60
tpm_limit = 100000
priority = 0
weight = 0
[[providers]]
name = "zai"
type = "zai"
enabled = true
base_url = "https://api.z.ai/api/anthropic"
[providers.pooling]
enabled = false
strategy = ""
[providers.model_mapping]
"claude-sonnet-4-5" = "glm-4.7"
[[providers.keys]]
key = "z"
rpm_limit = 60
itpm_limit = 0
otpm_limit = 0
tpm_limit = 100000
priority = 2
weight = 3
[logging]
level = ""
format = "pretty"
output = "stdout"
pretty = true
[logging.debug_options]
log_response_headers = false
log_tls_metrics = false
[health.health_check]
enabled = true
interval_ms = 0
[health.circuit_breaker]
failure_threshold = 0
open_duration_ms = 0
half_open_probes = 0
[cache]
mode = "single"
[cache.ristretto]
num_counters = 1000000
max_cost = 13000000
buffer_items = 64
)",
                                   "c.toml", variables({{"RELAY_KEY", "in"}}));
  if (!config) FAIL(config.error().message);
  CHECK(config->server.auth.api_key.reveal() == "in");
  CHECK(config->server.auth.allow_subscription);
  CHECK(config->server.timeout == ServerConfig{}.timeout);
  CHECK(config->providers.at(0).keys.empty());
  CHECK(config->routing.strategy == "weighted_round_robin");
  CHECK(config->routing.signatures_max == 100'000);
  CHECK(config->health.check_interval == HealthConfig{}.check_interval);
  CHECK(config->health.failure_threshold == HealthConfig{}.failure_threshold);
  CHECK(config->health.open_duration == HealthConfig{}.open_duration);
  CHECK(config->health.half_open_probes == HealthConfig{}.half_open_probes);
  CHECK(config->providers.at(1).pool_strategy == PoolStrategy::least_loaded);
  const auto& key = config->providers.at(1).keys.at(0);
  CHECK(key.weight == 3);
  CHECK(key.priority == 2);
  CHECK(key.rpm_limit == 60);
  CHECK(key.tpm_limit == 100'000);
  CHECK(key.itpm_limit == 0);
  CHECK(key.otpm_limit == 0);
  CHECK(config->logging.format == LogFormat::text);
}

TEST_CASE("allow_bearer beside a secret lets in that secret only", "[config]") {
  const auto config = parse_config("[server.auth]\nallow_bearer = true\nbearer_secret = \"s\"\n",
                                   "c.toml", variables());
  REQUIRE(config);
  CHECK(!config->server.auth.allow_subscription);
  CHECK(config->server.auth.bearer_secret.reveal() == "s");
}

TEST_CASE("the older relay's cache says how many signatures are remembered", "[config]") {
  const int by_default = RoutingConfig{}.signatures_max;
  CHECK(signatures_of("[cache]") == by_default);
  CHECK(signatures_of("[cache]\nmode = \"\"") == by_default);
  CHECK(signatures_of("[cache]\nmode = \"single\"") == by_default);
  CHECK(signatures_of("[cache]\nmode = \"single\"\nristretto.max_cost = 0") == by_default);
  CHECK(signatures_of("[cache]\nmode = \"single\"\nristretto.max_cost = 1300") == 10);
  CHECK(signatures_of("[cache]\nmode = \"single\"\nristretto.max_cost = 1") == 1);
  CHECK(signatures_of("[cache]\nmode = \"single\"\nristretto.max_cost = 1000000000000") ==
        10'000'000);
  CHECK(signatures_of("[cache]\nmode = \"disabled\"") == 0);
  CHECK(signatures_of("[cache]\nmode = \"disabled\"\nristretto.max_cost = 1300") == 0);
}

TEST_CASE("routing.signatures_max goes before the older relay's cache", "[config]") {
  CHECK(signatures_of("[cache]\nmode = \"disabled\"\n[routing]\nsignatures_max = 7") == 7);
  CHECK(signatures_of("[cache]\nmode = \"single\"\nristretto.max_cost = 1300\n"
                      "[routing]\nsignatures_max = 7") == 7);
}

TEST_CASE("pooling may be on or off, for keys form a pool either way", "[config]") {
  for (const std::string enabled : {"true", "false"}) {
    CHECK(said_about("[[providers]]\nname = \"a\"\ntype = \"ollama\"\npooling.enabled = " +
                     enabled) == "ok");
  }
}
