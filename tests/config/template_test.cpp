#include "catch.hpp"
#include "variables.hpp"

#include <map>
#include <set>
#include <sstream>

using namespace ccrelay;
using test::variables;

namespace {

const std::map<std::string, std::string> all_keys{{"ANTHROPIC_API_KEY", "k"},
                                                  {"ZAI_API_KEY", "z"},
                                                  {"OPENAI_API_KEY", "o"},
                                                  {"GEMINI_API_KEY", "g"},
                                                  {"ANA_KEY", "a-client's-key-of-24"},
                                                  {"GRAFANA_TOKEN", "a-token-of-24-characters"}};

/// The template with every `#setting` taken in, which `# prose` is not.
std::string uncommented() {
  std::istringstream in{std::string(config_template())};
  std::string out, line;
  while (std::getline(in, line)) {
    const bool is_setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    out += (is_setting ? line.substr(1) : line) + '\n';
  }
  return out;
}

/// `[section] key` of each setting of a text.
std::set<std::string> settings_of(const std::string& toml) {
  std::istringstream in(toml);
  std::set<std::string> found;
  std::string section, line;
  while (std::getline(in, line)) {
    if (line.starts_with('[')) section = line;
    const auto equals = line.find(" = ");
    if (line.starts_with('#') || equals == std::string::npos) continue;
    found.insert(section + " " + line.substr(0, equals));
  }
  return found;
}

}  // namespace

TEST_CASE("the template loads as it stands, with no key and with one", "[config]") {
  const auto bare = parse_config(config_template(), "c.toml", variables());
  if (!bare) FAIL(bare.error().message);
  REQUIRE(bare->providers.size() == 1);
  CHECK(bare->providers[0].type == "anthropic");
  CHECK(bare->providers[0].keys.empty());
  const auto keyed =
      parse_config(config_template(), "c.toml", variables({{"ANTHROPIC_API_KEY", "k"}}));
  REQUIRE(keyed);
  CHECK(keyed->providers.at(0).keys.at(0).key.reveal() == "k");
}

TEST_CASE("every setting the template shows is a default, but for its examples", "[config]") {
  const auto env = variables(all_keys);
  auto plain = parse_config(config_template(), "c.toml", env);
  auto full = parse_config(uncommented(), "c.toml", env);
  if (!full) FAIL(full.error().message);
  REQUIRE(plain);
  std::string names;
  for (const auto& provider : full->providers) names += provider.name + ' ';
  CHECK(names ==
        "anthropic zai ollama openai azure-openai gemini bedrock vertex azure claude-aws ");
  full->providers.resize(1);
  full->providers[0].model_mapping.clear();
  full->providers[0].headers.clear();
  // As large as that only where there is memory enough.
  CHECK(full->server.max_buffered_body_bytes == 1ull << 30);
  full->server.max_buffered_body_bytes = default_buffered_body_bytes();
  CHECK(full->routing.model_mapping ==
        std::map<std::string, std::string>{{"claude-", "anthropic"}, {"glm-", "zai"}});
  full->routing.model_mapping.clear();
  REQUIRE(full->server.auth.clients.size() == 1);
  CHECK(full->server.auth.clients[0].name == "ana");
  full->server.auth.clients.clear();
  REQUIRE(full->prices.size() == 1);
  CHECK(full->prices[0].source == "our electricity bill");
  full->prices.clear();
  REQUIRE(full->otel.headers.size() == 1);
  CHECK(full->otel.headers[0].first == "authorization");
  full->otel.headers.clear();
  // That it is written says something, as the manual tells.
  CHECK(full->ledger.required == false);
  full->ledger.required.reset();
  REQUIRE(full->manage.tokens.size() == 1);
  CHECK(full->manage.tokens[0].role == management::Role::viewer);
  full->manage.tokens.clear();
  // That is the program's default, not the library's.
  CHECK(full->manage.socket == "auto");
  full->manage.socket.reset();
  CHECK(show_config(*plain) == show_config(*full));
  plain->providers.clear();
  Config defaults;
  defaults.source = "c.toml";
  CHECK(show_config(*plain) == show_config(defaults));
}

TEST_CASE("the template names every setting that is shown, in its section", "[config]") {
  Config config;
  config.providers.emplace_back();
  config.providers[0].base_url = "http://x";
  config.providers[0].keys.emplace_back();
  const auto known = settings_of(uncommented());
  for (const auto& setting : settings_of(show_config(config))) {
    CAPTURE(setting);
    CHECK(known.contains(setting));
  }
}

TEST_CASE("the template's model-based example names its own providers", "[config]") {
  auto text = uncommented();
  const std::string before = "strategy = \"failover\"";
  text.replace(text.find(before), before.size(), "strategy = \"model_based\"");
  CHECK(test::said_about(text, variables(all_keys)) == "ok");
}
