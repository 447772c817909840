#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;

namespace {

const std::string provider = "[[providers]]\nname = \"a\"\ntype = \"anthropic\"\n";
const std::string key = provider + "[[providers.keys]]\nkey = \"k\"\n";

}  // namespace

TEST_CASE("what this version does not have is refused by name", "[config]") {
  struct Case {
    std::string toml, message;
  };
  const std::string later = " is not available in this version; remove it";
  const Case cases[] = {
      {"[routing]\nmodel_mapping = { claude = \"a\" }", "2:1: routing.model_mapping" + later},
      {"[routing]\ndefault_provider = \"a\"", "2:1: routing.default_provider" + later},
      {"[routing]\nrace = 2", "2:1: routing.race" + later},
      {"[routing]\naffinity = \"session\"", "2:1: routing.affinity" + later},
      {"[routing]\nmodel_fallback = [\"a\"]", "2:1: routing.model_fallback" + later},
      {"[server]\nenable_http2 = true", "2:1: server.enable_http2" + later},
      {"[server.tls]\ncert = \"c\"", "1:9: server.tls" + later},
      {provider + "max_in_flight = 1", "4:1: providers[0].max_in_flight" + later},
      {provider + "http2 = true", "4:1: providers[0].http2" + later},
      {provider + "aws_region = \"r\"", "4:1: providers[0].aws_region" + later},
      {provider + "gcp_project_id = \"r\"", "4:1: providers[0].gcp_project_id" + later},
      {provider + "azure_resource_name = \"r\"", "4:1: providers[0].azure_resource_name" + later},
      {provider + "workspace_id = \"r\"", "4:1: providers[0].workspace_id" + later},
      {provider + "pooling.strategy = \"least_loaded\"",
       "4:9: providers[0].pooling.strategy is not available in this version: keys are taken in "
       "turn; remove it"},
      {key + "rpm_limit = 50", "6:1: providers[0].keys[0].rpm_limit" + later},
      {key + "itpm_limit = 50", "6:1: providers[0].keys[0].itpm_limit" + later},
      {key + "otpm_limit = 50", "6:1: providers[0].keys[0].otpm_limit" + later},
      {key + "tpm_limit = 50", "6:1: providers[0].keys[0].tpm_limit" + later},
      {key + "max_in_flight = 50", "6:1: providers[0].keys[0].max_in_flight" + later},
      {"[health.health_check]\nenabled = true", "2:1: health.health_check.enabled" + later},
      {"[health.health_check]\ninterval_ms = 5", "2:1: health.health_check.interval_ms" + later},
      {"[health.circuit_breaker]\nfailure_threshold = 5",
       "2:1: health.circuit_breaker.failure_threshold" + later},
      {"[health.circuit_breaker]\nopen_duration_ms = 5",
       "2:1: health.circuit_breaker.open_duration_ms" + later},
      {"[health.circuit_breaker]\nhalf_open_probes = 5",
       "2:1: health.circuit_breaker.half_open_probes" + later},
      {"[cache]\nmode = \"single\"",
       "2:8: cache.mode \"single\" is not available in this version; use \"disabled\""},
      {"[cache]\nmode = \"ha\"",
       "2:8: cache.mode \"ha\" is not available in this version; use \"disabled\""},
      {"[cache.ristretto]\nmax_cost = 5", "1:8: cache.ristretto" + later},
      {"[logging.debug_options]\nlog_response_headers = true",
       "2:1: logging.debug_options.log_response_headers" + later},
      {"[logging.debug_options]\nlog_tls_metrics = true",
       "2:1: logging.debug_options.log_tls_metrics" + later},
  };
  for (const auto& [toml, message] : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml) == "c.toml:" + message);
  }
}

TEST_CASE("strategies of coming versions are not called unknown", "[config]") {
  for (const std::string word :
       {"round_robin", "weighted_round_robin", "shuffle", "least_loaded", "weighted_failover",
        "cost_based", "latency_based", "model_based"}) {
    CHECK(said_about("[routing]\nstrategy = \"" + word + "\"") ==
          "c.toml:2:12: routing.strategy \"" + word +
              "\" is not available in this version yet; use \"failover\"");
  }
}

TEST_CASE("provider types of coming versions are not called unknown", "[config]") {
  for (const std::string word : {"bedrock", "vertex", "azure", "anthropic_aws"}) {
    CHECK(said_about("[[providers]]\nname = \"a\"\ntype = \"" + word + "\"") ==
          "c.toml:3:8: providers[0].type \"" + word +
              "\" is not available in this version; use one of: anthropic, zai, minimax, ollama");
  }
}

TEST_CASE("asking for a missing feature to be off is fine", "[config]") {
  const std::string cases[] = {
      "[routing]\nrace = 1\naffinity = \"off\"\nmodel_fallback = []\nmodel_mapping = {}",
      "[routing]\nrace = 0\naffinity = \"none\"\nmodel_fallback = false\ndefault_provider = \"\"",
      "[server]\nenable_http2 = false\n[server.tls]",
      "[health.health_check]\nenabled = false",
      "[cache]\nmode = \"disabled\"",
      provider + "http2 = false\nmax_in_flight = 0\naws_region = \"\"\npooling.enabled = false",
      key + "rpm_limit = 0\nitpm_limit = 0\notpm_limit = 0\ntpm_limit = 0\nmax_in_flight = 0",
      "[logging.debug_options]\nlog_response_headers = false\nlog_tls_metrics = false",
  };
  for (const auto& toml : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml) == "ok");
  }
}
