#include <ccrelay/config_load.hpp>

#include <string>

#include "catch.hpp"

using namespace ccrelay;

// Types and strategies that the embedding program brings along, and their settings in the file.

namespace {

using Rule = SettingRule;
using Kind = SettingRule::Kind;

Result<std::unique_ptr<Provider>> none(const ProviderConfig&) {
  return Error{ErrorCode::config, "not made here"};
}

std::optional<std::string> variables(std::string_view name) {
  if (name == "HOUSE_TOKEN") return "canary-token";
  return {};
}

LoadOptions with_house() {
  LoadOptions options;
  Rule retries{"retries", Kind::integer};
  retries.min = 0;
  retries.max = 9;
  Rule mode{"mode"};
  mode.words = {"fast", "cheap"};
  options.provider_types["house"] = {none,
                                     {{"team", Kind::text, true},
                                      {"token", Kind::secret},
                                      retries,
                                      {"share", Kind::number},
                                      {"strict", Kind::flag},
                                      {"regions", Kind::texts},
                                      {"extra", Kind::any},
                                      mode}};
  options.environment = variables;
  return options;
}

std::string house(const std::string& more) {
  return "[[providers]]\nname = \"h\"\ntype = \"house\"\nbase_url = \"http://127.0.0.1:1\"\n" +
         more;
}

ProviderConfig entry_of(const std::string& more) {
  auto config = parse_config(house(more), "relay.toml", with_house());
  INFO((config ? "" : config.error().message));
  REQUIRE(config);
  return config->providers.at(0);
}

std::string mistakes_in(const std::string& toml, const LoadOptions& options) {
  const auto config = parse_config(toml, "relay.toml", options);
  REQUIRE_FALSE(config);
  return config.error().message;
}

}  // namespace

TEST_CASE("settings of a program's own type reach its entry, each as what it is", "[config]") {
  const auto entry = entry_of(R"(team = "blue"
token = "${HOUSE_TOKEN}"
retries = 3
share = 0.5
strict = true
regions = ["eu", "us"]
extra = { url = "http://x", depth = 2, deeper = { on = true } }
mode = "cheap"
[[providers.keys]]
key = "k"
)");
  const Settings& own = entry.settings;
  CHECK(own.all.size() == 8);
  CHECK(own.text("team") == "blue");
  CHECK(std::get<Secret>(own.find("token")->value).reveal() == "canary-token");
  CHECK(own.text("token") == "canary-token");
  CHECK(own.integer("retries") == 3);
  CHECK(own.number("retries") == 3.0);
  CHECK(own.number("share") == 0.5);
  CHECK(own.flag("strict") == true);
  CHECK(own.texts("regions") == std::vector<std::string>{"eu", "us"});
  REQUIRE(own.table("extra"));
  CHECK(own.table("extra")->text("url") == "http://x");
  CHECK(own.table("extra")->integer("depth") == 2);
  CHECK(own.table("extra")->table("deeper")->flag("on") == true);
  CHECK(own.text("mode") == "cheap");
  // Of another type or of no name it says nothing.
  CHECK_FALSE(own.integer("team"));
  CHECK_FALSE(own.text("retries"));
  CHECK_FALSE(own.table("regions"));
  CHECK(own.texts("nothing").empty());
  // What is the relay's stays where it was.
  CHECK(entry.base_url == "http://127.0.0.1:1");
  CHECK(entry.keys.size() == 1);
}

TEST_CASE("each setting of a program's own knows its file, line and column", "[config]") {
  const auto entry = entry_of("team = \"blue\"\n  retries = 3\n");
  const Place& place = entry.settings.find("retries")->place;
  CHECK(place.source == "relay.toml");
  CHECK(place.line == 6);
  CHECK(place.column == 13);
  CHECK(entry.place.line == 1);
  CHECK(mistake_in(entry, "retries", "is too brave").message ==
        "relay.toml:6:13: providers.h.retries: is too brave");
  CHECK(mistake_in(entry, "base_url", "is far away").message ==
        "relay.toml:1:1: providers.h.base_url: is far away");
  ProviderConfig made_by_hand;
  made_by_hand.name = "h";
  made_by_hand.settings.set("team", std::string("blue"));
  CHECK(mistake_in(made_by_hand, "team", "is unknown").message == "providers.h.team: is unknown");
}

TEST_CASE("mistakes in settings of a program's own are told with all others", "[config]") {
  CHECK(mistakes_in(house(R"(team = 7
retries = 10
share = "much"
strict = "yes"
regions = ["eu", 1]
extra = 2026-01-01
mode = "fats"
tokne = "x"
)"),
                    with_house()) ==
        R"(relay.toml:5:8: providers[0].team is an integer; a string is needed
relay.toml:6:11: providers[0].retries 10 is out of range; allowed: 0 to 9
relay.toml:7:9: providers[0].share is a string; a number is needed
relay.toml:8:10: providers[0].strict is a string; true or false is needed
relay.toml:9:11: providers[0].regions is an array; an array of strings is needed
relay.toml:10:9: providers[0].extra is not usable; a string, number, boolean, array or table is needed
relay.toml:11:8: providers[0].mode "fats" is unknown; did you mean "fast"? (one of: fast, cheap)
relay.toml:12:1: providers[0].tokne is unknown; did you mean "token"?)");
}

TEST_CASE("a required setting that is missing is told at its entry", "[config]") {
  CHECK(mistakes_in(house("retries = 1\n"), with_house()) ==
        "relay.toml:1:1: providers[0].team is missing; type \"house\" needs it (a string)");
}

TEST_CASE("a variable that is not set is one mistake in a setting of a program's own", "[config]") {
  CHECK(mistakes_in(house("team = \"${NOBODY}\"\n"), with_house()) ==
        "relay.toml:5:8: providers[0].team: environment variable NOBODY is not set; set it, or "
        "write ${NOBODY:-default}");
}

TEST_CASE("without rules whatever the relay does not know reaches the entry, strings as secrets",
          "[config]") {
  LoadOptions options;
  options.provider_types["house"] = none;
  const auto config =
      parse_config(house("team = \"blue\"\n[providers.more]\nlevel = 3\n"), "relay.toml", options);
  REQUIRE(config);
  const Settings& own = config->providers[0].settings;
  CHECK(own.text("team") == "blue");
  CHECK(std::holds_alternative<Secret>(own.find("team")->value));
  CHECK(own.table("more")->integer("level") == 3);
  CHECK(show_config(*config).find("blue") == std::string::npos);
}

TEST_CASE("a type that nobody brings along is a mistake that names all there are", "[config]") {
  const auto said = mistakes_in("[[providers]]\nname = \"h\"\ntype = \"huose\"\n", with_house());
  CHECK(said.find("relay.toml:3:8: providers[0].type \"huose\" is unknown; did you mean "
                  "\"house\"? (one of: anthropic, ") == 0);
  // And a setting of one that is not brought along is no setting.
  CHECK(mistakes_in(house("team = \"blue\"\n"), {}).find("providers[0].team is unknown") !=
        std::string::npos);
}

TEST_CASE("a program's setting with a name of the relay's is the program's mistake", "[config]") {
  LoadOptions options;
  options.provider_types["house"] = {none, {{"weight", Kind::integer}}};
  CHECK(mistakes_in(house(""), options) ==
        "relay.toml: providers[0].weight is the relay's own, and type \"house\" has a setting of "
        "that name; the program must give it another one");
}

TEST_CASE("what is shown of settings of a program's own reads as the same", "[config]") {
  const std::string toml = house(R"(team = "b$$lue"
token = "${HOUSE_TOKEN}"
share = 2.0
regions = ["e\"u", "us"]
extra = { "odd key" = 1, list = [1, 2] }
)");
  const auto config = parse_config(toml, "relay.toml", with_house());
  REQUIRE(config);
  const std::string shown = show_config(*config);
  CHECK(shown.find("team = \"b$$lue\"\ntoken = \"***\"\nshare = 2.0\n"
                   "regions = [\"e\\\"u\", \"us\"]\n"
                   "extra = { list = [1, 2], \"odd key\" = 1 }\n") != std::string::npos);
  CHECK(shown.find("canary") == std::string::npos);
  auto again = parse_config(shown, "shown.toml", with_house());
  REQUIRE(again);
  again->providers[0].settings.set("token", Secret("canary-token"));
  for (const ConfigChange& change : changes(*config, *again)) {
    INFO(change.key);  // what is shown of the rest is what is in force
    const bool written_out = change.key.ends_with("_ms") || change.key == "providers.h.priority";
    CHECK((change.key.find("providers.h.") == std::string::npos || written_out));
  }
}

TEST_CASE("what differs in settings of a program's own is told by name", "[config]") {
  const auto before =
      parse_config(house("team = \"a\"\ntoken = \"x\"\nextra = { a = [1] }\n"), "f", with_house());
  const auto after = parse_config(house("extra = { a = [2] }\ntoken = \"x\"\nteam = \"b\"\n"
                                        "strict = true\n"),
                                  "f", with_house());
  REQUIRE(before);
  REQUIRE(after);
  std::string said;
  for (const ConfigChange& change : changes(*before, *after)) {
    said += change.key + (change.needs_restart ? "! " : " ");
  }
  CHECK(said == "providers.h.team providers.h.extra providers.h.strict ");
  CHECK(changes(*before, *before).empty());
}

TEST_CASE("a program's own strategy is a word like others, with settings of its own", "[config]") {
  LoadOptions options;
  options.strategies["by_team"] = {[](const RoutingConfig&) -> Result<std::unique_ptr<Router>> {
                                     return Error{ErrorCode::config, "not made here"};
                                   },
                                   {{"team_header", Kind::text, true}}};
  const std::string toml = "[routing]\nstrategy = \"by_team\"\nteam_header = \"x-team\"\n";
  const auto config = parse_config(toml, "relay.toml", options);
  REQUIRE(config);
  CHECK(config->routing.settings.text("team_header") == "x-team");
  CHECK(mistake_in(config->routing, "team_header", "is odd").message ==
        "relay.toml:3:15: routing.team_header: is odd");
  CHECK(show_config(*config).find("team_header = \"x-team\"") != std::string::npos);
  CHECK(validate(*config, options.strategies));
  CHECK_FALSE(validate(*config));
  CHECK(mistakes_in("[routing]\nstrategy = \"by_team\"\n", options) ==
        "relay.toml:1:1: routing.team_header is missing; strategy \"by_team\" needs it (a string)");
  CHECK(mistakes_in("[routing]\nstrategy = \"by_taem\"\n", options)
            .find("routing.strategy \"by_taem\" is unknown; did you mean \"by_team\"?") !=
        std::string::npos);
  // It is none of another strategy's settings.
  CHECK(mistakes_in("[routing]\nteam_header = \"x-team\"\n", options)
            .find("routing.team_header is unknown") != std::string::npos);
}

TEST_CASE("what the program's environment throws is an error of the loader", "[config]") {
  LoadOptions options;
  options.environment = [](std::string_view) -> std::optional<std::string> { throw 42; };
  CHECK(mistakes_in(house("team = \"${TEAM}\"\n"), options) == "relay.toml: reading it threw int");
}
