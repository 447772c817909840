#include "provider/types.hpp"
#include "catch.hpp"
#include "config/clouds.hpp"
#include "documentation.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::text_of;

namespace {

/// An entry of this type with each setting that it needs, and a key.
std::string entry_of(const provider::Type& type) {
  std::string toml = "[[providers]]\nname = \"p\"\ntype = \"" + std::string(type.name) + "\"\n";
  std::istringstream settings{std::string(type.settings)};
  for (std::string key; settings >> key;) toml += key + " = \"x1\"\n";
  return toml + "[[providers.keys]]\nkey = \"k\"\n";
}

std::string line_with(const std::string& text, const std::string& beginning) {
  const auto at = text.find("\n" + beginning);
  if (at == std::string::npos) FAIL("no line begins with " << beginning);
  return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

}  // namespace

TEST_CASE("every type may be written, with the settings it needs and a key", "[config]") {
  for (const auto& type : provider::types()) {
    CAPTURE(type.name);
    CHECK(said_about(entry_of(type)) == "ok");
  }
}

TEST_CASE("each setting that a type needs is missed, and is one of its own", "[config]") {
  for (const auto& type : provider::types()) {
    const std::string name(type.name);
    const auto said = said_about("[[providers]]\nname = \"p\"\ntype = \"" + name +
                                 "\"\n[[providers.keys]]\nkey = \"k\"\n");
    std::istringstream settings{std::string(type.settings)};
    for (std::string key; settings >> key;) {
      CAPTURE(name, key);
      bool is_known = false;
      for (const auto& field : config::cloud_fields()) {
        is_known = is_known || (field.key == key && field.is_for(name));
      }
      CHECK(is_known);
      // Its default is `global`.
      if (key == "gcp_region") continue;
      CHECK(said.find("providers[0]." + key + " is missing") != std::string::npos);
    }
  }
}

TEST_CASE("settings of clouds are for types that there are", "[config]") {
  for (const auto& field : config::cloud_fields()) {
    CAPTURE(field.key);
    std::istringstream words{std::string(field.types)};
    for (std::string word; words >> word;) {
      CAPTURE(word);
      const auto* type = provider::find_type(word);
      REQUIRE(type);
      CHECK(type->cloud != Cloud::none);
    }
  }
}

TEST_CASE("whoever writes no type or another one is told of each there is", "[config]") {
  const auto wrong = said_about("[[providers]]\nname = \"p\"\ntype = \"soap\"\n") + ',';
  const auto missing = said_about("[[providers]]\nname = \"p\"\n") + ',';
  for (const auto& type : provider::types()) {
    CAPTURE(type.name);
    const std::string named = ' ' + std::string(type.name) + ',';
    CHECK((wrong.find(named) != std::string::npos ||
           wrong.find(named.substr(0, named.size() - 1) + ')') != std::string::npos));
    CHECK(missing.find(named) != std::string::npos);
  }
}

TEST_CASE("the template, the documentation and the headers tell of every type", "[config]") {
  const auto docs = line_with(text_of("docs/configuration.md"), "| `type` |");
  const auto readme = text_of("README.md"), header = text_of("include/ccrelay/config.hpp");
  const auto shown = line_with(std::string(config_template()), "# anthropic, ");
  for (const auto& type : provider::types()) {
    CAPTURE(type.name);
    const std::string name(type.name);
    CHECK(docs.find('`' + name + '`') != std::string::npos);
    CHECK(test::begins_a_row(readme, name));
    CHECK(header.find('`' + name + '`') != std::string::npos);
    CHECK(shown.find(' ' + name) != std::string::npos);
  }
}

TEST_CASE("the README tells where each provider is that is at no cloud", "[config]") {
  const auto readme = text_of("README.md");
  for (const auto& type : provider::types()) {
    CAPTURE(type.name);
    if (type.cloud != Cloud::none) continue;
    CHECK(readme.find('`' + std::string(type.base_url) + '`') != std::string::npos);
  }
}

TEST_CASE("a type's key in the environment makes a provider that needs no more", "[config]") {
  for (const auto& type : provider::types()) {
    if (type.key_variable.empty() || type.cloud != Cloud::none) continue;
    CAPTURE(type.name);
    const auto config =
        default_config(test::variables({{std::string(type.key_variable), "the-key"}}));
    // Claude's models are not told of by a key of a vendor that has only its own.
    REQUIRE(config.providers.size() == (type.own_models.empty() ? 1 : 2));
    CHECK(config.providers[0].type == type.name);
    CHECK(config.providers[0].keys.at(0).key.reveal() == "the-key");
    CHECK(validate(config));
  }
}
