#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;

namespace {

const std::string provider = "[[providers]]\nname = \"a\"\ntype = \"anthropic\"\n";

}  // namespace

TEST_CASE("what this version does not have is refused by name, with the reason", "[config]") {
  struct Case {
    std::string toml, key, reason;
  };
  const std::string bodies = "only request bodies can be logged";
  const Case cases[] = {
      {provider + "http2 = true", "4:1: providers[0].http2",
       "providers are asked over HTTP/1.1, one request at a time on a connection, so that no "
       "stream holds up another request"},
      {provider + "azure_deployment_id = \"r\"", "4:1: providers[0].azure_deployment_id",
       "a deployment is a model's name there; write it in providers.model_mapping"},
      {"[cache.olric]\nbind_addr = \"a\"", "1:8: cache.olric",
       "what is remembered is not shared between relays"},
      {"[logging.debug_options]\nlog_response_headers = true",
       "2:1: logging.debug_options.log_response_headers", bodies},
      {"[logging.debug_options]\nlog_tls_metrics = true",
       "2:1: logging.debug_options.log_tls_metrics", bodies},
  };
  for (const auto& [toml, key, reason] : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml) ==
          "c.toml:" + key + " is not available in this version: " + reason + "; remove it");
  }
}

TEST_CASE("a cache that several relays share is refused with what there is", "[config]") {
  CHECK(said_about("[cache]\nmode = \"ha\"") ==
        "c.toml:2:8: cache.mode \"ha\" is not available in this version: what is remembered is not "
        "shared between relays; use \"single\" or \"disabled\"");
}

TEST_CASE("asking for a missing feature to be off is fine", "[config]") {
  const std::string cases[] = {
      "[server.tls]",
      provider + "http2 = false\naws_region = \"\"",
      "[cache]\nmode = \"single\"\n[cache.olric]\nbind_addr = \"\"\nreplica_count = 0",
      "[logging.debug_options]\nlog_response_headers = false\nlog_tls_metrics = false",
  };
  for (const auto& toml : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml) == "ok");
  }
}
