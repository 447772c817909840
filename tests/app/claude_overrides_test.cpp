#include "../../app/claude_overrides.hpp"

#include "../config/scratch_directory.hpp"
#include "../config/variables.hpp"
#include "catch.hpp"

namespace ccrelay::app {
namespace {

using Words = std::vector<std::string>;

ClaudeOverrides some_overrides() {
  ClaudeOverrides out;
  out.env = {{"ANTHROPIC_BASE_URL", "http://r"}, {"CLAUDE_CODE_USE_BEDROCK", ""}};
  out.no_api_key_helper = true;
  return out;
}

std::string value_of(const ClaudeOverrides& overrides, const std::string& name) {
  for (const SettingsValue& each : overrides.env) {
    if (each.name == name) return "=" + each.value;
  }
  return "";
}

}  // namespace

TEST_CASE("overrides are put into settings, and the rest of them stays", "[app]") {
  CHECK(
      *with_overrides(
          R"({"model":"m","env":{"A":"1","ANTHROPIC_BASE_URL":"x"},"apiKeyHelper":"h"})",
          some_overrides()) ==
      R"({"model":"m","env":{"A":"1","ANTHROPIC_BASE_URL":"http://r","CLAUDE_CODE_USE_BEDROCK":""},)"
      R"("apiKeyHelper":""})");
  for (const char* text : {"{}", "", "  \n", R"({"env":{}})"}) {
    const auto merged = with_overrides(text, some_overrides());
    REQUIRE(merged.has_value());
    CHECK(merged->find("\"apiKeyHelper\":") != std::string::npos);
  }
  for (const char* text : {"[]", "{", R"({"env":1})"}) {
    CHECK_FALSE(with_overrides(text, some_overrides()).has_value());
  }
}

TEST_CASE("the last settings argument counts, and all are replaced where they stand", "[app]") {
  CHECK_FALSE(settings_argument({"-p", "x"}).has_value());
  CHECK(settings_argument({"--settings", "a", "--settings=b"}) == "b");
  CHECK_FALSE(settings_argument({"--", "--settings", "a"}).has_value());
  CHECK_FALSE(settings_argument({"-p", "--settings"}).has_value());
  CHECK(with_settings_argument({"-p", "x"}, "F") == Words{"--settings", "F", "-p", "x"});
  // Behind an option that takes many words it must not be moved away.
  CHECK(with_settings_argument({"--tools", "A", "--settings", "a", "hi", "--settings=b"}, "F") ==
        Words{"--tools", "A", "--settings", "F", "hi", "--settings=F"});
  CHECK(with_settings_argument({"--", "--settings", "a"}, "F") ==
        Words{"--settings", "F", "--", "--settings", "a"});
}

TEST_CASE("a token takes the place of every other credential", "[app]") {
  const auto overrides = overrides_for("http://127.0.0.1:1", "t", "/c.pem", true, {});
  CHECK(value_of(overrides, "ANTHROPIC_BASE_URL") == "=http://127.0.0.1:1");
  CHECK(value_of(overrides, "ANTHROPIC_AUTH_TOKEN") == "=t");
  CHECK(value_of(overrides, "ANTHROPIC_API_KEY") == "=");
  CHECK(value_of(overrides, "NODE_EXTRA_CA_CERTS") == "=/c.pem");
  CHECK(value_of(overrides, "NO_PROXY").empty());
  CHECK(overrides.no_api_key_helper);
}

TEST_CASE("headers of one's own stay, but for those that carry a credential", "[app]") {
  CHECK(without_credentials("").empty());
  CHECK(without_credentials("X-Team: a\nX-Key: b") == "X-Team: a\nX-Key: b");
  CHECK(without_credentials("x-api-key: k\nX-Team: a\n Authorization : Bearer b\napi-key:c") ==
        "X-Team: a");
  const auto env = [](const std::string& headers) {
    return claude_sources(test::variables({{"ANTHROPIC_CUSTOM_HEADERS", headers}}), "/nowhere");
  };
  const auto of = [&](const std::string& headers, const std::string& token) {
    return value_of(overrides_for("http://127.0.0.1:1", token, "", true, env(headers)),
                    "ANTHROPIC_CUSTOM_HEADERS");
  };
  CHECK(of("X-Team: a", "t").empty());
  CHECK(of("X-Team: a\nX-Api-Key: k", "t") == "=X-Team: a");
  CHECK(of("X-Api-Key: k", "t") == "=");
  CHECK(of("X-Api-Key: k", "").empty());  // it is the login
  const auto obstacles = obstacles_in(env("X-Api-Key: k").front(), "http://127.0.0.1:1", false);
  REQUIRE(obstacles.size() == 1);
  CHECK(obstacles[0].setting == "ANTHROPIC_CUSTOM_HEADERS in the environment");
}

TEST_CASE("a login of one's own stays, but for what belongs to another address", "[app]") {
  const test::ScratchDirectory home;
  const auto sources = [&](const std::string& settings) {
    home.write("settings.json", settings);
    return claude_sources(test::variables({{"CLAUDE_CONFIG_DIR", home.path()},
                                           {"CLAUDE_CODE_MANAGED_SETTINGS_PATH", "/nowhere"}}),
                          "/nowhere");
  };
  const std::string url = "http://127.0.0.1:8787";
  const auto of = [&](const std::string& base) {
    return overrides_for(url, "", "", true,
                         sources(R"({"apiKeyHelper":"h","env":{"ANTHROPIC_AUTH_TOKEN":"t",)"
                                 R"("ANTHROPIC_BASE_URL":")" +
                                 base + "\"}}"));
  };
  for (const char* base : {"", "https://api.anthropic.com", "http://localhost:8787"}) {
    INFO(base);
    CHECK(value_of(of(base), "ANTHROPIC_AUTH_TOKEN").empty());
    CHECK_FALSE(of(base).no_api_key_helper);
  }
  for (const char* base : {"https://api.z.ai/api/anthropic", "http://127.0.0.1:3456"}) {
    INFO(base);
    CHECK(value_of(of(base), "ANTHROPIC_AUTH_TOKEN") == "=");
    CHECK(value_of(of(base), "ANTHROPIC_API_KEY").empty());
    CHECK(of(base).no_api_key_helper);
  }
}

}  // namespace ccrelay::app
