#include <string>

#include "catch.hpp"
#include "config/documentation.hpp"
#include "sign/digests.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

namespace {

const std::string provider = "[[providers]]\nname = \"a\"\ntype = \"ollama\"\n";    // 3 lines
const std::string client = provider + "[[server.auth.clients]]\nname = \"ana\"\n";  // 5 lines
const std::string long_key = "canary-0123456789abcdef";
const std::string keyed = client + "key = \"" + long_key + "\"\n";  // 6 lines

std::string hash_of(const std::string& key) {
  return sign::hex(sign::sha256(key));
}

Config loaded(const std::string& toml) {
  auto config = parse_config(toml, "c.toml", variables({{"KEY", long_key}}));
  if (!config) FAIL(config.error().message);
  return *std::move(config);
}

ClientConfig with(const std::string& line) {
  return loaded(keyed + line).server.auth.clients.at(0);
}

std::chrono::sys_seconds at(std::int64_t seconds) {
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

}  // namespace

TEST_CASE("every setting of a client arrives", "[config]") {
  const auto config = loaded(provider + R"([[server.auth.clients]]
name = "ana"
key = "${KEY}"
models = ["claude-*", "m"]
providers = ["a"]
rpm_limit = 1
itpm_limit = 2
otpm_limit = 3
tpm_limit = 4
max_in_flight = 5
budget_usd_day = 20.000001
budget_usd_month = 300
expires = 2027-01-01
enabled = false
[[server.auth.clients]]
name = "bo"
key = ["${KEY}-1", "${KEY}-2"]
key_sha256 = [")" + hash_of("x") +
                             "\", \"" + std::string(64, 'A') + "\"]");
  REQUIRE(config.server.auth.clients.size() == 2);
  const ClientConfig& ana = config.server.auth.clients[0];
  CHECK(ana.name == "ana");
  REQUIRE(ana.keys.size() == 1);
  CHECK(ana.keys[0].reveal() == long_key);
  CHECK(ana.key_hashes.empty());
  CHECK(ana.models == std::vector<std::string>{"claude-*", "m"});
  CHECK(ana.providers == std::vector<std::string>{"a"});
  CHECK(ana.rpm_limit == 1);
  CHECK(ana.itpm_limit == 2);
  CHECK(ana.otpm_limit == 3);
  CHECK(ana.tpm_limit == 4);
  CHECK(ana.max_in_flight == 5);
  CHECK(ana.budget_day_nano_usd == 20'000'001'000);
  CHECK(ana.budget_month_nano_usd == 300'000'000'000);
  CHECK(ana.has_budget());
  CHECK(ana.expires == at(1'798'761'600));
  CHECK_FALSE(ana.enabled);
  const ClientConfig& bo = config.server.auth.clients[1];
  REQUIRE(bo.keys.size() == 2);
  CHECK(bo.keys[1].reveal() == long_key + "-2");
  REQUIRE(bo.key_hashes.size() == 2);
  CHECK(bo.key_hashes[0].reveal() == hash_of("x"));
  CHECK(bo.key_hashes[1].reveal() == std::string(64, 'a'));  // in lower case
  CHECK(bo.enabled);
  CHECK_FALSE(bo.has_budget());
  CHECK_FALSE(bo.expires);
}

TEST_CASE("a budget of 0 is one", "[config]") {
  CHECK(with("budget_usd_day = 0").budget_day_nano_usd == 0);
  CHECK(with("budget_usd_day = 0.0").has_budget());
  CHECK_FALSE(with("").budget_day_nano_usd);
}

TEST_CASE("a client expires at the first second of a date, or at a time with its offset",
          "[config]") {
  CHECK(with("expires = 2027-01-01").expires == at(1'798'761'600));
  CHECK(with("expires = 2027-01-01T00:00:00Z").expires == at(1'798'761'600));
  CHECK(with("expires = 2027-01-01T01:30:00+01:30").expires == at(1'798'761'600));
  CHECK(with("expires = 2026-12-31T23:00:00-01:00").expires == at(1'798'761'600));
  CHECK(with("expires = 2027-01-01 00:00:09.9Z").expires == at(1'798'761'609));
  CHECK(with("expires = 1969-12-31").expires == at(-86'400));
}

TEST_CASE("a mistake in a client is said with its place and what to write", "[config]") {
  struct Case {
    std::string toml, message;
  };
  const std::string second = "[[server.auth.clients]]\nname = \"bo\"\n";
  const Case cases[] = {
      {provider + "[[server.auth.clients]]\nkey = \"" + long_key + "\"",
       "4:1: server.auth.clients[0].name is missing; give the client a name of its own"},
      {provider + "[[server.auth.clients]]\nkey = \"" + long_key + "\"\nname = \"a b\"",
       "6:8: server.auth.clients[0].name \"a b\" is not a name; allowed: 1 to 64 letters, digits, "
       "\".\", \"_\" and \"-\""},
      {provider + "[[server.auth.clients]]\nkey = \"" + long_key + "\"\nname = \"default\"",
       "6:8: server.auth.clients[0].name \"default\" means clients without a name of their own; "
       "write another one"},
      {provider + "[[server.auth.clients]]\nkey = \"" + long_key + "\"\nname = \"unknown\"",
       "6:8: server.auth.clients[0].name \"unknown\" means clients without a name of their own; "
       "write another one"},
      {keyed + "[[server.auth.clients]]\nname = \"ana\"\nkey = \"another-" + long_key + "\"",
       "8:8: server.auth.clients[1].name \"ana\" is already used by server.auth.clients[0]; each "
       "client needs a name of its own"},
      {client,
       "4:1: server.auth.clients[0].key is missing; write key = \"${VARIABLE}\", or key_sha256 = "
       "\"…\""},
      {client + "key = \"\"",
       "6:7: server.auth.clients[0].key is empty; give the key, or remove this client"},
      {client + "key = \"canary-15-chars\"",
       "6:7: server.auth.clients[0].key has fewer than 16 characters and could be guessed; write a "
       "longer one"},
      {client + "key = [\"" + long_key + "\", \"canary canary canary\"]",
       "6:35: server.auth.clients[0].key[1] contains a blank or control character; remove it"},
      {client + "key = 5",
       "6:7: server.auth.clients[0].key is an integer; a string or an array of strings is needed"},
      {client + "key = [5]",
       "6:8: server.auth.clients[0].key[0] is an integer; a string is needed"},
      {client + "key = \"${UNSET}\"",
       "6:7: server.auth.clients[0].key: environment variable UNSET is not set; set it, or write "
       "${UNSET:-default}"},
      {client + "key_sha256 = \"canary\"",
       "6:14: server.auth.clients[0].key_sha256 is no SHA-256; write the 64 hexadecimal digits "
       "that sha256sum makes of the key, or the key itself as key"},
      {client + "key_sha256 = [\"" + std::string(63, 'a') + "g\"]",
       "6:15: server.auth.clients[0].key_sha256 is no SHA-256; write the 64 hexadecimal digits "
       "that sha256sum makes of the key, or the key itself as key"},
      {keyed + second + "key = \"" + long_key + "\"",
       "9:7: server.auth.clients[1].key is the same secret as that of server.auth.clients[0]; give "
       "the client one of its own"},
      {keyed + second + "key_sha256 = \"" + hash_of(long_key) + "\"",
       "9:14: server.auth.clients[1].key_sha256 is the same secret as that of "
       "server.auth.clients[0]; give the client one of its own"},
      {keyed + "[server.auth]\napi_key = \"" + long_key + "\"",
       "6:7: server.auth.clients[0].key is the same secret as that of server.auth.api_key; give "
       "the client one of its own"},
      {keyed + "[server.auth]\nbearer_secret = \"" + long_key + "\"",
       "6:7: server.auth.clients[0].key is the same secret as that of server.auth.bearer_secret; "
       "give the client one of its own"},
      {keyed + "[metrics]\nbearer_secret = \"" + long_key + "\"",
       "6:7: server.auth.clients[0].key is the same secret as that of metrics.bearer_secret; give "
       "the client one of its own"},
      {keyed + "models = [\"a*b\"]",
       "7:11: server.auth.clients[0].models[0] \"a*b\" has a \"*\" that is not at its end; only "
       "there it stands for any text"},
      {keyed + "providers = [\"a\", \"b\"]",
       "7:19: server.auth.clients[0].providers[1] \"b\" is no configured provider; one of: a"},
      {keyed + "rpm_limit = -1",
       "7:13: server.auth.clients[0].rpm_limit -1 is out of range; allowed: 0 to 1000000000"},
      {keyed + "max_in_flight = 1.5",
       "7:17: server.auth.clients[0].max_in_flight is a float; an integer from 0 to 1000000 is "
       "needed"},
      {keyed + "budget_usd_day = -0.01",
       "7:18: server.auth.clients[0].budget_usd_day -0.01 is out of range; allowed: 0 to "
       "1000000000"},
      {keyed + "budget_usd_month = 0.0000001",
       "7:20: server.auth.clients[0].budget_usd_month 1e-07 has more than 6 decimal places; write "
       "at most so many"},
      {keyed + "expires = \"2027-01-01\"",
       "7:11: server.auth.clients[0].expires is a string; a date or time without quotes is needed, "
       "such as 2027-01-01 or 2027-01-01T12:00:00Z"},
      {keyed + "expires = 12:00:00",
       "7:11: server.auth.clients[0].expires is a time without its date; write both, such as "
       "2027-01-01T12:00:00Z"},
      {keyed + "expires = 2027-01-01T12:00:00",
       "7:11: server.auth.clients[0].expires is a time without its offset from UTC; write it as "
       "well, such as 2027-01-01T12:00:00Z or 2027-01-01T12:00:00+01:00"},
      {keyed + "enabled = 1",
       "7:11: server.auth.clients[0].enabled is an integer; true or false is needed"},
      {keyed + "budget = 5",
       "7:1: server.auth.clients[0].budget is unknown; server.auth.clients.budget_usd_day is "
       "meant; write budget_usd_day = 20.0"},
      {client + "token = \"canary\"",
       "6:1: server.auth.clients[0].token is unknown; server.auth.clients.key is meant; write key "
       "= \"${VARIABLE}\""},
      {keyed + "[[clients]]\nname = \"x\"",
       "7:3: clients is unknown; server.auth.clients is meant; write [[server.auth.clients]] for "
       "each of them"},
      {provider + "[server.auth.clients]\nname = \"ana\"",
       "4:14: server.auth.clients is a table; write [[server.auth.clients]], in two brackets"},
  };
  for (const auto& [toml, message] : cases) {
    CAPTURE(toml);
    const auto said = said_about(toml);
    CHECK(said == "c.toml:" + message);
    CHECK(said.find("canary") == std::string::npos);
  }
}

TEST_CASE("one client may have its key in several ways while it is replaced", "[config]") {
  CHECK(said_about(keyed + "key_sha256 = \"" + hash_of(long_key) + "\"") == "ok");
}

TEST_CASE("a client that is switched off needs no key", "[config]") {
  CHECK(said_about(client + "enabled = false") == "ok");
}

TEST_CASE("clients' keys are enough to listen where others can reach the relay", "[config]") {
  CHECK(said_about(keyed + "[server]\nlisten = \":8787\"") == "ok");
}

TEST_CASE("a budget needs the ledger, unless somebody writes that it need not be", "[config]") {
  const std::string budget = keyed + "budget_usd_month = 5\n[ledger]\nenabled = false\n";
  CHECK(said_about(budget) ==
        "c.toml:7:20: server.auth.clients[0].budget_usd_month needs the ledger, which is off: "
        "after a restart nobody would know what was spent; set ledger.enabled = true, or "
        "ledger.required = false to begin at 0 each time");
  CHECK(said_about(keyed + "[ledger]\nenabled = false\n") == "ok");
  const auto config = loaded(budget + "required = false\n");
  const auto warnings = warnings_of(config);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] ==
        "server.auth.clients[0]: the budget of \"ana\" begins at 0 each time the relay starts, "
        "because ledger.enabled is false");
  CHECK(warnings_of(loaded(keyed + "budget_usd_month = 5\n")).empty());
}

TEST_CASE("a client is shown whole, with its keys masked", "[config]") {
  const auto shown = show_config(
      loaded(keyed + "key_sha256 = \"" + hash_of("x") +
             "\"\nmodels = [\"m\"]\nbudget_usd_day = 2.5\nexpires = 2027-01-01T01:02:03+01:00\n"));
  CHECK(shown.find("canary") == std::string::npos);
  CHECK(shown.find(hash_of("x")) == std::string::npos);
  const auto begin = shown.find("[[server.auth.clients]]");
  const auto end = shown.find("[[providers]]");
  REQUIRE(begin < end);
  CHECK(shown.substr(begin, end - begin) == R"([[server.auth.clients]]
name = "ana"
key = ["***"]  # 45a07622
key_sha256 = ["***"]  # 2d711642
models = ["m"]
providers = []
rpm_limit = 0
itpm_limit = 0
otpm_limit = 0
tpm_limit = 0
max_in_flight = 0
budget_usd_day = 2.5
expires = 2027-01-01T00:02:03Z
enabled = true

)");
}

TEST_CASE("a program's own clients are checked as a file's", "[config]") {
  Config config;
  ClientConfig& client = config.server.auth.clients.emplace_back();
  client.name = "ana";
  client.key_hashes.emplace_back(hash_of("x"));
  CHECK(validate(config));
  client.budget_day_nano_usd = -1;
  client.rpm_limit = 1'000'000'001;
  const auto result = validate(config);
  REQUIRE_FALSE(result);
  CHECK(result.error().message ==
        "server.auth.clients[0].rpm_limit 1000000001 is out of range; allowed: 0 to 1000000000\n"
        "server.auth.clients[0].budget_usd_day is out of range; allowed: 0 to 1000000000");
}

TEST_CASE("the manual has every setting of a client", "[config]") {
  const auto docs = test::text_of("docs/configuration.md");
  for (const std::string name :
       {"name", "key", "key_sha256", "models", "providers", "rpm_limit", "itpm_limit", "otpm_limit",
        "tpm_limit", "max_in_flight", "budget_usd_day", "budget_usd_month", "expires", "enabled"}) {
    CAPTURE(name);
    CHECK(test::begins_a_row(docs, name));
  }
}
