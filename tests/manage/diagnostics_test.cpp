#include "manage/diagnostics.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using manage::diagnostics_of;
using management::Severity;

TEST_CASE("a line of the loader's is told with its parts") {
  const auto all = diagnostics_of(
      "/etc/relay.toml:3:12: server.listen is an integer; a string is needed\n"
      "/etc/relay.toml:7:1: providers[0].keys: none is given\n"
      "/etc/relay.toml: there is no provider\n"
      "/etc/prices.toml:2:5: prices[0].input is negative",
      Severity::error, "/etc/relay.toml");
  REQUIRE(all.size() == 4);
  CHECK(all[0].severity == Severity::error);
  CHECK(all[0].file == "/etc/relay.toml");
  CHECK(all[0].line == 3);
  CHECK(all[0].column == 12);
  CHECK(all[0].path == "server.listen");
  CHECK(all[0].message == "server.listen is an integer; a string is needed");
  CHECK(all[1].path == "providers[0].keys");
  CHECK(all[2].file == "/etc/relay.toml");
  CHECK(all[2].line == 0);
  CHECK(all[2].path.empty());
  CHECK(all[2].message == "there is no provider");
  CHECK(all[3].file == "/etc/prices.toml");
  CHECK(all[3].line == 2);
}

TEST_CASE("what is wrong with a text is in no file") {
  const auto all =
      diagnostics_of("text:1:2: server: unknown\ntext: too large", Severity::error, "text", true);
  REQUIRE(all.size() == 2);
  CHECK(all[0].file.empty());
  CHECK(all[0].line == 1);
  CHECK(all[0].path == "server");
  CHECK(all[1].file.empty());
  CHECK(all[1].message == "too large");
  CHECK(diagnostics_of("", Severity::error, "text", true).empty());
}

TEST_CASE("words of a diagnostic that only look like a setting or a place are none") {
  const auto all = diagnostics_of("a.toml: the time 12:30 is past\na.toml:1:1: expected a key",
                                  Severity::warning, "a.toml");
  REQUIRE(all.size() == 2);
  CHECK(all[0].line == 0);
  CHECK(all[0].path.empty());
  CHECK(all[1].path.empty());
}
