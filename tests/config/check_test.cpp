#include <ccrelay/config_load.hpp>

#include <set>
#include <string>

#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;

// A text that is checked for somebody who may not see what is on this machine.

namespace {

const std::string provider =
    "[[providers]]\nname = \"mine\"\ntype = \"anthropic\"\n[[providers.keys]]\nkey = ";

CheckedConfig check(const std::string& toml, const std::string& beside = {}) {
  LoadOptions options;
  options.environment = test::variables({{"CANARY", "sk-secret-canary"}});
  return check_config(toml, "text", beside, options);
}

}  // namespace

TEST_CASE("what a checked text expands counts as some value, and is told", "[config]") {
  const auto checked = check(provider + "\"${CANARY}\"\n[server]\nlisten = \"${file:/etc/x}\"\n" +
                             "unix_owner = \"$${CANARY}\"\n");
  REQUIRE(checked.config);
  CHECK(checked.unresolved == std::set<std::string>{"providers.mine.keys[0].key", "server.listen"});
  CHECK(checked.config->server.unix_owner == "${CANARY}");
  CHECK(show_config(*checked.config).find("canary") == std::string::npos);
  CHECK(checked.config->files.empty());
}

TEST_CASE("how a checked text expands is looked at all the same", "[config]") {
  for (const std::string wrong : {"${}", "${", "${file:}", "${1A}"}) {
    INFO(wrong);
    const auto checked = check(provider + "\"" + wrong + "\"\n");
    REQUIRE_FALSE(checked.config);
    CHECK(checked.config.error().message.find("text:5:7: providers[0].keys[0].key: ") == 0);
  }
  CHECK_FALSE(check(provider + "\"$CANARY\"\n").config);  // without braces
  // A default is no more known than what it stands for.
  CHECK(check(provider + "\"${NOBODY:-x}\"\n").unresolved.size() == 1);
}

TEST_CASE("a checked text is beside the file that it may become", "[config]") {
  const auto checked = check(provider + "\"sk-test-aaaa\"\n[ledger]\npath = \"usage.db\"\n" +
                                 "[pricing]\nprices_file = \"no-such-file.toml\"\n",
                             "/etc/cc-relay/config.toml");
  REQUIRE(checked.config);
  CHECK(checked.config->ledger.path == "/etc/cc-relay/usage.db");
  CHECK(checked.config->pricing.prices_file == "/etc/cc-relay/no-such-file.toml");
}
