#include <string>

#include "catch.hpp"
#include "config/documentation.hpp"
#include "config/fields.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

TEST_CASE("every setting of the ledger and the metrics arrives", "[config]") {
  const auto config = parse_config(R"(
[ledger]
enabled = false
path = "/var/u.db"
flush_ms = 50
retention_days = 0
max_bytes = 1048576
queue_max = 100
timezone = "UTC"
required = false
[metrics]
enabled = false
bearer_secret = "${S}"
allow_without_auth = true
models_max = 0
)",
                                   "c.toml", variables({{"S", "secret"}}));
  if (!config) FAIL(config.error().message);
  CHECK_FALSE(config->ledger.enabled);
  CHECK(config->ledger.path == "/var/u.db");
  CHECK(config->ledger.flush == milliseconds(50));
  CHECK(config->ledger.retention_days == 0);
  CHECK(config->ledger.max_bytes == 1'048'576);
  CHECK(config->ledger.queue_max == 100);
  CHECK(config->ledger.timezone == DayZone::utc);
  CHECK(config->ledger.required == false);
  CHECK_FALSE(config->metrics.enabled);
  CHECK(config->metrics.bearer_secret.reveal() == "secret");
  CHECK(config->metrics.allow_without_auth);
  CHECK(config->metrics.models_max == 0);
}

TEST_CASE("the defaults of the ledger and the metrics are what the manual says", "[config]") {
  const Config config;
  CHECK(config.ledger.enabled);
  CHECK(config.ledger.flush == milliseconds(500));
  CHECK(config.ledger.retention_days == 400);
  CHECK(config.ledger.max_bytes == 1'073'741'824);
  CHECK(config.ledger.queue_max == 100'000);
  CHECK(config.ledger.timezone == DayZone::local);
  CHECK_FALSE(config.ledger.required.has_value());
  CHECK(config.metrics.enabled);
  CHECK_FALSE(config.metrics.allow_without_auth);
  CHECK(config.metrics.models_max == 50);
}

TEST_CASE("a mistake in the ledger or the metrics is said with its place", "[config]") {
  struct Case {
    std::string toml, message;
  };
  const Case cases[] = {
      {"[ledger]\nflush_ms = 49", "2:12: ledger.flush_ms 49 is out of range; allowed: 50 to 1000"},
      {"[ledger]\nflush_ms = 1001",
       "2:12: ledger.flush_ms 1001 is out of range; allowed: 50 to 1000"},
      {"[ledger]\nretention_days = -1",
       "2:18: ledger.retention_days -1 is out of range; allowed: 0 to 36500"},
      {"[ledger]\nmax_bytes = 1048575",
       "2:13: ledger.max_bytes 1048575 is too small for anything; write at least 1048576, or 0 for "
       "no limit"},
      {"[ledger]\nqueue_max = 0",
       "2:13: ledger.queue_max 0 is out of range; allowed: 100 to 10000000"},
      {"[ledger]\ntimezone = \"utc\"",
       "2:12: ledger.timezone \"utc\" is unknown; did you mean \"UTC\"? (one of: local, UTC)"},
      {"[ledger]\npath = 1", "2:8: ledger.path is an integer; a string is needed"},
      {"[ledger]\nrequired = \"no\"", "2:12: ledger.required is a string; true or false is needed"},
      {"[ledger]\nenabled = false\nrequired = true",
       "3:12: ledger.required is true, and ledger.enabled false, so nothing could be relayed; set "
       "one of them otherwise"},
      {"[ledger]\nretention = 5",
       "2:1: ledger.retention is unknown; ledger.retention_days is meant; write retention_days = "
       "400"},
      {"[metrics]\nmodels_max = 1001",
       "2:14: metrics.models_max 1001 is out of range; allowed: 0 to 1000"},
      {"[metrics]\nenabled = 1", "2:11: metrics.enabled is an integer; true or false is needed"},
      {"[metrics]\nbearer_secret = \" x\"",
       "2:17: metrics.bearer_secret contains a control character, or begins or ends with a blank, "
       "so no client can send it; remove that"},
      {"[metrics]\ntoken = \"x\"",
       "2:1: metrics.token is unknown; metrics.bearer_secret is meant; write bearer_secret = "
       "\"…\""},
  };
  for (const auto& [toml, message] : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml) == "c.toml:" + message);
  }
}

TEST_CASE("the ledger lies where it is said, or where systemd or the user keeps states",
          "[config]") {
  LedgerConfig ledger;
  const auto path = [&](std::map<std::string, std::string> set) {
    return ledger_path(ledger, variables(std::move(set)));
  };
  CHECK(path({{"STATE_DIRECTORY", "/var/lib/a:/var/lib/b"}, {"HOME", "/h"}}) ==
        "/var/lib/a/usage.db");
  CHECK(path({{"XDG_STATE_HOME", "/s"}, {"HOME", "/h"}}) == "/s/cc-relay/usage.db");
  CHECK(path({{"XDG_STATE_HOME", "not/absolute"}, {"HOME", "/h"}}) ==
        "/h/.local/state/cc-relay/usage.db");
  CHECK(path({}).empty());
  ledger.path = "/x.db";
  CHECK(path({{"STATE_DIRECTORY", "/var/lib/a"}}) == "/x.db");
}

TEST_CASE("a relative path of the ledger is relative to its file", "[config]") {
  const test::ScratchDirectory folder;
  const auto file = folder.write("c.toml", "[ledger]\npath = \"u.db\"\n");
  const auto config = load_config(file, variables());
  REQUIRE(config);
  CHECK(config->ledger.path == folder.path() + "/u.db");
}

TEST_CASE("ledger and metrics are shown whole", "[config]") {
  Config config;
  config.ledger.required = true;
  config.metrics.bearer_secret = Secret("canary");
  const auto shown = show_config(config);
  const auto begin = shown.find("[pricing]");
  REQUIRE(begin != std::string::npos);
  const auto end = shown.find("\n[otel]");
  REQUIRE(end != std::string::npos);
  CHECK(shown.substr(begin, end - begin) == R"([pricing]
prices_file = ""

[translation]
default_max_tokens = 32000
memory_max = 10000
enabled = true
auto_cache = true
unsupported = "route"
web_search = "alone"
profiles_file = ""

[ledger]
flush_ms = 500
retention_days = 400
max_bytes = 1073741824
queue_max = 100000
enabled = true
path = ""
timezone = "local"
required = true

[metrics]
models_max = 50
enabled = true
allow_without_auth = false
bearer_secret = "***"
)");
}

TEST_CASE("the manual has every setting of the ledger and the metrics", "[config]") {
  const auto docs = test::text_of("docs/configuration.md");
  const auto begins = [&](std::string_view section, std::string_view key) {
    if (section != "ledger" && section != "metrics") return;
    CAPTURE(key);
    CHECK(test::begins_a_row(docs, std::string(key)));
  };
  for (const auto& field : config::number_fields()) begins(field.section, field.key);
  for (const auto& field : config::flag_fields()) begins(field.section, field.key);
  for (const auto* key : {"path", "timezone", "required"}) begins("ledger", key);
  begins("metrics", "bearer_secret");
}
