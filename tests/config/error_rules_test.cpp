#include <ccrelay/config_load.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "config/variables.hpp"

using namespace ccrelay;

namespace {

const std::string provider =
    "[[providers]]\nname = \"a\"\ntype = \"anthropic\"\n[[providers.errors]]\n";

Result<Config> read(const std::string& rule) {
  return parse_config(provider + rule, "c.toml", [](std::string_view) { return std::nullopt; });
}

}  // namespace

TEST_CASE("what errors mean can be written down", "[config]") {
  const auto config = read(
      "status = 403\ncode = \"E1\"\nwords = \"daily allowance\"\nabout = \"key_and_model\"\n"
      "wait_ms = 60000\n");
  REQUIRE(config);
  REQUIRE(config->providers[0].errors.size() == 1);
  const ErrorRule& rule = config->providers[0].errors[0];
  CHECK(rule.status == 403);
  CHECK(rule.code == "E1");
  CHECK(rule.words == "daily allowance");
  CHECK(rule.about == ErrorAbout::key_and_model);
  CHECK(rule.wait == milliseconds(60'000));
  CHECK(show_config(*config).find("[[providers.errors]]\nstatus = 403\ncode = \"E1\"\nwords = "
                                  "\"daily allowance\"\nabout = \"key_and_model\"\nwait_ms = "
                                  "60000\n") != std::string::npos);
}

TEST_CASE("a rule about errors that can't be meant is refused", "[config]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"status = 403\n",
       "c.toml:4:1: providers[0].errors[0].about is missing; it says what such "
       "an error is about"},
      {"status = 403\nabout = \"acount\"\n",
       "c.toml:6:9: providers[0].errors[0].about \"acount\" is unknown; did you mean \"account\"? "
       "(one of: account, key, key_and_model, model, limit, request, overload, provider)"},
      {"about = \"account\"\n",
       "c.toml:4:1: providers[0].errors[0] fits every error; write status, code or words"},
      {"status = 200\nabout = \"account\"\n",
       "c.toml:5:10: providers[0].errors[0].status 200 is no status of an error (400 to 599)"},
      {"status = 500\nabout = \"provider\"\nwait_ms = 5\n",
       "c.toml:7:11: providers[0].errors[0].wait_ms has no effect: nothing is set aside with about "
       "= \"provider\""},
  };
  for (const auto& [rule, expected] : cases) {
    INFO(rule);
    const auto config = read(rule);
    REQUIRE_FALSE(config);
    CHECK(config.error().message == expected);
  }
}
