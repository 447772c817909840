#include "provider/model_profiles.hpp"

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "provider/types.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

namespace {

ProviderConfig config_of(std::string type, std::string base_url = {}) {
  ProviderConfig config;
  config.type = std::move(type);
  config.base_url = std::move(base_url);
  return config;
}

}  // namespace

TEST_CASE("a provider's profile is its type's, or its host's", "[provider]") {
  const auto& shipped = dialect::Profiles::shipped();
  const std::vector<std::pair<ProviderConfig, std::string>> rows{
      {config_of("openai"), "openai"},
      {config_of("openai", "https://openrouter.ai/api/v1"), "openrouter"},
      {config_of("openai", "http://localhost:11434/v1"), "ollama_v1"},
      {config_of("openai", "http://127.0.0.1:8000/v1"), "generic"},
      {config_of("azure_openai", "https://private.example/openai/v1"), "azure_openai"},
      {config_of("gemini", "http://127.0.0.1:1"), "gemini"},
      {config_of("gemini_vertex"), "gemini"},
      {config_of("anthropic"), "anthropic"},
      {config_of("zai"), "anthropic"},
      {config_of("bedrock"), "anthropic_bedrock"},
      {config_of("ollama"), "anthropic_ollama"},
      {config_of("a-type-of-a-program"), "anthropic"},
  };
  for (const auto& [config, name] : rows) {
    INFO(config.type << ' ' << config.base_url);
    CHECK(profile_name(config, shipped) == name);
    CHECK(shipped.find(name));
    CHECK(price_profile(config, shipped) == (config.type == "openai" ? name : ""));
  }
  ProviderConfig named = config_of("openai", "http://127.0.0.1:8000/v1");
  named.profile = "vllm";
  CHECK(profile_of(named, shipped, "m").name == "vllm");
  for (const Type& type : types()) {
    INFO(type.name);
    CHECK((type.profile.empty() || shipped.find(type.profile)));
  }
}

TEST_CASE("a host tells its costs by the same name, whatever it is asked in", "[provider]") {
  const auto& shipped = dialect::Profiles::shipped();
  const auto told = [&](const ProviderConfig& config) {
    return profile_of(config, shipped, "m").told_cost;
  };
  ProviderConfig config = config_of("anthropic", "https://openrouter.ai/api");
  CHECK(profile_of(config, shipped, "m").name == "anthropic");
  CHECK(told(config) == "cost");
  config.quirks["told_cost"] = "\"\"";
  CHECK(told(config).empty());
  // Who names a profile has all of it.
  config = config_of("anthropic", "https://openrouter.ai/api");
  config.profile = "anthropic";
  CHECK(told(config).empty());
  CHECK(told(config_of("anthropic")).empty());
  CHECK(told(config_of("bedrock")).empty());
  CHECK(told(config_of("zai")).empty());
}

TEST_CASE("profiles of a file go before those that the relay brings", "[provider]") {
  TranslationConfig translation;
  CHECK(profiles_of(translation)->rows().size() == dialect::Profiles::shipped().rows().size());
  translation.profiles_text = "[[profiles]]\nname = \"own\"\nhosts = [\"api.x.ai\"]\n";
  const auto all = profiles_of(translation);
  REQUIRE(all);
  CHECK(price_profile(config_of("openai", "https://api.x.ai/v1"), *all) == "own");
  translation.profiles_text = "[[profiles]]\nnames = 1\n";
  CHECK_FALSE(profiles_of(translation));
}

TEST_CASE("quirks go over what the profile says, of each kind", "[provider]") {
  ProviderConfig config = config_of("openai");
  config.quirks = {{"stop_max", "2"},
                   {"strict", "false"},
                   {"system_role", "\"developer\""},
                   {"drop", "[\"top_p\", \"user\"]"}};
  const auto profile = profile_of(config, dialect::Profiles::shipped(), "gpt-5.5");
  CHECK(profile.stop_max == 2);
  CHECK_FALSE(profile.strict);
  CHECK(profile.system_role == "developer");
  CHECK(profile.drop == std::vector<std::string>{"top_p", "user"});
  CHECK(profile.max_tokens_field == "max_completion_tokens");
}

TEST_CASE("a quirk that is none says what is wrong with it", "[provider]") {
  const auto words = [](std::string_view key, std::string_view toml) {
    const auto read = read_quirk(key, toml);
    return read ? std::string("good") : read.error().message;
  };
  CHECK(words("no_such", "1") == "is unknown");
  CHECK(words("name", "\"x\"") == "is unknown");
  CHECK(words("stop_max", "true") == "must be a whole number");
  CHECK(words("stop_max", "-1") == "must not be negative");
  CHECK(words("api", "\"soap\"") == "\"soap\" is unknown (one of: chat, responses)");
  CHECK(words("strict", "") == "expected a value");
  CHECK(words("strict", "true\nimages = false") == "must be one value");
  CHECK(words("strict", "true\n[[profiles.models]]\nmatch = [\"x\"]") == "must be one value");
}
