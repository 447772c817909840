#include <string>

#include "catch.hpp"
#include "config/documentation.hpp"
#include "config/fields.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

TEST_CASE("every setting of [otel] arrives", "[config][otel]") {
  const auto config = parse_config(
      R"(
[otel]
endpoint = "${OTEL_EXPORTER_OTLP_ENDPOINT:-}"
traces = false
metrics = false
service_name = "ours"
sample_ratio = 0.25
interval_ms = 100
timeout_ms = 200
queue_max = 16
ca_file = "/ca.pem"
[otel.headers]
authorization = "Bearer ${TOKEN}"
)",
      "c.toml",
      variables({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://o.test/a"}, {"TOKEN", "canary"}}));
  if (!config) FAIL(config.error().message);
  const OtelConfig& otel = config->otel;
  CHECK(otel.endpoint == "https://o.test/a");
  CHECK_FALSE(otel.traces);
  CHECK_FALSE(otel.metrics);
  CHECK(otel.service_name == "ours");
  CHECK(otel.sample_ratio == 250'000);
  CHECK(otel.interval == milliseconds(100));
  CHECK(otel.timeout == milliseconds(200));
  CHECK(otel.queue_max == 16);
  CHECK(otel.ca_file == "/ca.pem");
  REQUIRE(otel.headers.size() == 1);
  CHECK(otel.headers[0].first == "authorization");
  CHECK(otel.headers[0].second.reveal() == "Bearer canary");
  const std::string shown = show_config(*config);
  CHECK(shown.find("sample_ratio = 0.25\n") != std::string::npos);
  CHECK(shown.find("[otel.headers]\n\"authorization\" = \"***\"\n") != std::string::npos);
  CHECK(shown.find("canary") == std::string::npos);
  Config other = *config;
  other.otel.headers[0].second = Secret("canary2");
  const auto told = changes(*config, other);
  REQUIRE(told.size() == 1);
  CHECK(told[0].key == "otel.headers");
  CHECK(told[0].needs_restart);
  CHECK(told[0].words.find("canary") == std::string::npos);
}

TEST_CASE("[otel] is off by default, and its defaults are what the manual says", "[config][otel]") {
  const Config config;
  CHECK(config.otel.endpoint.empty());
  CHECK(config.otel.traces);
  CHECK(config.otel.metrics);
  CHECK(config.otel.service_name == "cc-relay");
  CHECK(config.otel.sample_ratio == 1'000'000);
  CHECK(config.otel.interval == milliseconds(10'000));
  CHECK(config.otel.timeout == milliseconds(10'000));
  CHECK(config.otel.queue_max == 4'096);
  // Nobody else's variables switch it on.
  const auto bare =
      parse_config("", "c.toml", variables({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://o.test"}}));
  REQUIRE(bare);
  CHECK(bare->otel.endpoint.empty());
}

TEST_CASE("a mistake in [otel] is said with its place and without the secret", "[config][otel]") {
  const auto of = [](const std::string& lines) { return said_about("[otel]\n" + lines); };
  CHECK(of("endpoint = \"127.0.0.1:4318\"") ==
        "c.toml:2:12: otel.endpoint \"127.0.0.1:4318\" is not an http:// or https:// URL; begin it "
        "with one");
  CHECK(of("endpoint = \"http://a:canary@o.test\"") ==
        "c.toml:2:12: otel.endpoint contains a login or an \"@\"; put the credential into "
        "[otel.headers]");
  CHECK(of("endpoint = \"http://o.test/v1/traces\"") ==
        "c.toml:2:12: otel.endpoint ends in /v1/traces, which the relay adds by itself; leave that "
        "out");
  CHECK(of("sample_ratio = 1.5") ==
        "c.toml:2:16: otel.sample_ratio 1.5 is out of range; allowed: 0 to 1");
  CHECK(of("interval_ms = 1") ==
        "c.toml:2:15: otel.interval_ms 1 is out of range; allowed: 100 to 3600000");
  CHECK(of("queue_max = 1") ==
        "c.toml:2:13: otel.queue_max 1 is out of range; allowed: 16 to 1000000");
  CHECK(of("headers = {\"a b: canary\" = \"x\"}").find("canary") == std::string::npos);
  CHECK(of("headers = {host = \"x\"}") ==
        "c.toml:2:19: otel.headers.host is set by the relay itself; remove it");
  CHECK(of("headers = {a = \"x\", A = \"y\"}") ==
        "c.toml:2:16: otel.headers.a is given twice; upper and lower case are the same");
  CHECK(of("url = \"http://o.test\"").find("otel.endpoint is meant") != std::string::npos);
  CHECK(said_about("[telemetry]\nendpoint = \"x\"").find("otel is meant") != std::string::npos);
}

TEST_CASE("each setting of [otel] needs a restart and stands in the manual", "[config][otel]") {
  const std::string manual = test::text_of("docs/configuration.md");
  Config before;
  Config after;
  after.otel.endpoint = "http://o.test";
  after.otel.headers.emplace_back("a", Secret("b"));
  after.otel.traces = after.otel.metrics = false;
  after.otel.service_name = "x";
  after.otel.sample_ratio = 1;
  after.otel.interval = after.otel.timeout = milliseconds(1'000);
  after.otel.queue_max = 100;
  after.otel.ca_file = "c";
  const auto told = changes(before, after);
  CHECK(told.size() == 10);
  for (const ConfigChange& change : told) {
    INFO(change.key);
    CHECK(change.needs_restart);
    CHECK(test::begins_a_row(manual, change.key.substr(5)));
    CHECK(manual.find('`' + change.key + '`') != std::string::npos);
  }
}
