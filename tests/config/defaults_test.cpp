#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::variables;

TEST_CASE("without any key Anthropic is served with the client's own", "[config]") {
  const auto config = default_config(variables({{"ANTHROPIC_API_KEY", ""}}));
  CHECK(config.server.listen == "127.0.0.1:8787");
  REQUIRE(config.providers.size() == 1);
  CHECK(config.providers[0].name == "anthropic");
  CHECK(config.providers[0].type == "anthropic");
  CHECK(config.providers[0].keys.empty());
  CHECK(config.providers[0].credentials == Credentials::automatic);
  CHECK(validate(config));
}

TEST_CASE("each key in the environment makes a provider", "[config]") {
  const auto config = default_config(variables({{"MINIMAX_API_KEY", "m"},
                                                {"ZAI_API_KEY", "z"},
                                                {"ANTHROPIC_API_KEY", "a"},
                                                {"OLLAMA_HOST", "box:1234"}}));
  REQUIRE(config.providers.size() == 4);
  const std::string names[] = {"anthropic", "zai", "minimax", "ollama"};
  const std::string keys[] = {"a", "z", "m"};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(config.providers[i].name == names[i]);
    CHECK(config.providers[i].type == names[i]);
    CHECK(config.providers[i].credentials == Credentials::automatic);
    if (i < 3) CHECK(config.providers[i].keys.at(0).key.reveal() == keys[i]);
  }
  CHECK(config.providers[3].keys.empty());
  CHECK(validate(config));
}

TEST_CASE("a key of OpenAI or Gemini in the environment serves their models beside Claude's",
          "[config]") {
  const auto config = default_config(variables({{"OPENAI_API_KEY", "o"}, {"GEMINI_API_KEY", "g"}}));
  REQUIRE(config.providers.size() == 3);
  CHECK(config.providers[0].type == "openai");
  CHECK(config.providers[0].keys.at(0).key.reveal() == "o");
  CHECK(config.providers[0].models.at(0) == "gpt-*");
  CHECK(config.providers[1].type == "gemini");
  CHECK(config.providers[1].models == std::vector<std::string>{"gemini-*"});
  // Whose key they are says nothing of Claude, which goes on being asked with the client's own.
  CHECK(config.providers[2].type == "anthropic");
  CHECK(config.providers[2].models.empty());
  CHECK(validate(config));
}

TEST_CASE("OLLAMA_HOST is understood as Ollama's own clients do", "[config]") {
  struct Case {
    std::string host, url;
  };
  const Case cases[] = {
      {"box", "http://box:11434"},
      {"box:1234", "http://box:1234"},
      {"http://box:1234/", "http://box:1234"},
      {"https://box", "https://box"},
      {"https://box/ollama", "https://box/ollama"},
      {"0.0.0.0", "http://127.0.0.1:11434"},
      {"0.0.0.0:80", "http://127.0.0.1:80"},
      {":1234", "http://127.0.0.1:1234"},
      {"[::1]:1234", "http://[::1]:1234"},
  };
  for (const auto& [host, url] : cases) {
    CAPTURE(host);
    const auto config = default_config(variables({{"OLLAMA_HOST", host}}));
    CHECK(config.providers.at(0).base_url == url);
    CHECK(validate(config));
  }
}

TEST_CASE("proxies come from the environment in either case", "[config]") {
  struct Case {
    std::map<std::string, std::string> set;
    std::string https, http, no_proxy;
  };
  const Case cases[] = {
      {{}, "", "", ""},
      {{{"HTTPS_PROXY", "s"}, {"HTTP_PROXY", "h"}, {"NO_PROXY", "n"}}, "s", "h", "n"},
      {{{"https_proxy", "s"}, {"http_proxy", "h"}, {"no_proxy", "n"}}, "s", "h", "n"},
      {{{"https_proxy", "low"}, {"HTTPS_PROXY", "UP"}}, "low", "", ""},
      {{{"ALL_PROXY", "a"}, {"http_proxy", "h"}}, "a", "h", ""},
      {{{"all_proxy", "a"}}, "a", "a", ""},
      {{{"HTTP_PROXY", "from a client"}, {"REQUEST_METHOD", "GET"}}, "", "", ""},
  };
  for (const auto& [set, https, http, no_proxy] : cases) {
    const auto by_default = default_config(variables(set)).proxy;
    CHECK(by_default.https == https);
    CHECK(by_default.http == http);
    CHECK(by_default.no_proxy == no_proxy);
    const auto parsed = parse_config("", "c.toml", variables(set));
    REQUIRE(parsed);
    CHECK(parsed->proxy.https == https);
    CHECK(parsed->proxy.http == http);
    CHECK(parsed->proxy.no_proxy == no_proxy);
  }
}
