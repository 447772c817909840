#include <string>

#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::variables;

namespace {

std::string warned(const std::string& toml) {
  const auto config = parse_config(
      toml, "c.toml", variables({{"SET", "canary"}, {"EMPTY", ""}, {"ZAI_API_KEY", "canary-zai"}}));
  if (!config) return config.error().message;
  std::string all;
  for (const std::string& warning : warnings_of(*config)) {
    all += (all.empty() ? "" : "\n") + warning;
  }
  return all;
}

std::string of_provider(const std::string& type, const std::string& lines) {
  return warned("[[providers]]\nname = \"a\"\ntype = \"" + type + "\"\n" + lines);
}

}  // namespace

TEST_CASE("a configuration without a provider is warned about, a good one is not", "[config]") {
  const std::string none =
      "providers: there is none, so no request can be served; write [[providers]] and below it "
      "name, type and what the type needs";
  CHECK(warned("") == none);
  CHECK(warned("[server]\nworkers = 2") == none);
  CHECK(of_provider("ollama", "") == "");
  CHECK(of_provider("zai", "[[providers.keys]]\nkey = \"${SET}\"") == "");
}

TEST_CASE("providers that are all disabled are a mistake", "[config]") {
  const std::string off = "[[providers]]\nname = \"a\"\ntype = \"ollama\"\nenabled = false\n";
  CHECK(warned(off) ==
        "c.toml:1:1: providers are all disabled (enabled = false), so no request could be served; "
        "enable one");
  CHECK(warned(off + "[[providers]]\nname = \"b\"\ntype = \"ollama\"\n") == "");
}

TEST_CASE("a variable that is set to nothing is warned about, whatever it is for", "[config]") {
  const std::string empty =
      "environment variable EMPTY is set, but empty; give it a value, or write ${EMPTY:-} if that "
      "is meant";
  CHECK(of_provider("anthropic", "[[providers.keys]]\nkey = \"${EMPTY}\"") ==
        "c.toml:5:7: providers[0].keys[0].key: " + empty);
  CHECK(warned("[server.auth]\napi_key = \"${EMPTY}\"\n[[providers]]\nname = \"a\"\ntype = "
               "\"ollama\"") == "c.toml:2:11: server.auth.api_key: " + empty);
  CHECK(of_provider("anthropic", "[[providers.keys]]\nkey = \"${EMPTY:-}\"") == "");
}

TEST_CASE("a key that may be missing takes its provider out, and it is said where", "[config]") {
  const auto provider = [](const char* name, const char* type, const char* keys) {
    return std::string("[[providers]]\nname = \"") + name + "\"\ntype = \"" + type + "\"\n" + keys;
  };
  const char* absent = "[[providers.keys]]\nkey = \"${ABSENT:-}\"\n";
  const std::string other = provider("b", "ollama", "");
  const std::string out =
      "c.toml:5:7: providers[0].keys[0].key: environment variable ABSENT has no value, so provider "
      "\"a\" is left out; set it where the relay is started";
  for (const char* type : {"zai", "minimax", "openai", "gemini"}) {
    INFO(type);
    CHECK(warned(provider("a", type, absent) + other) == out);
  }
  const auto read = parse_config(provider("a", "zai", absent) + other, "c.toml", variables());
  REQUIRE(read);
  CHECK_FALSE(read->providers[0].enabled);
  CHECK(read->providers[0].missing_variable == "ABSENT");
  CHECK(read->providers[0].keys.empty());
  // Set to nothing is not there either.
  CHECK(warned(provider("a", "zai", "[[providers.keys]]\nkey = \"${EMPTY:-}\"\n") + other)
            .find("EMPTY has no value, so provider \"a\" is left out") != std::string::npos);
  // Of several keys the others are enough.
  const std::string two = "[[providers.keys]]\nkey = \"${SET:-}\"\n";
  CHECK(
      warned(provider("a", "zai", (absent + two).c_str())) ==
      "c.toml:5:7: providers[0].keys[0].key: environment variable ABSENT has no value, so this key "
      "is left out; set it where the relay is started");
  // With nobody left there is no relay.
  CHECK(warned(provider("a", "zai", absent)) ==
        "c.toml:5:7: providers[0].keys[0].key: environment variable ABSENT has no value, and no "
        "other provider is there to be asked; set it");
  // What only looks like it is a mistake as before.
  CHECK(warned(provider("a", "zai", "[[providers.keys]]\nkey = \"${ABSENT}\"\n") + other) ==
        "c.toml:5:7: providers[0].keys[0].key: environment variable ABSENT is not set; set it, or "
        "write ${ABSENT:-default}");
  for (const char* key : {"", "${ABSENT:-}${ABSENT:-}"}) {
    INFO(key);
    const std::string keys = std::string("[[providers.keys]]\nkey = \"") + key + "\"\n";
    CHECK(warned(provider("a", "zai", keys.c_str()) + other).find(".key is empty") !=
          std::string::npos);
  }
}

TEST_CASE("a variable without braces inside a text is warned about", "[config]") {
  CHECK(of_provider("ollama", "headers.x = \"Bearer $SET\"") ==
        "c.toml:4:13: providers[0].headers.x: $SET is not expanded without braces; write ${SET}, "
        "or $$SET for the characters themselves");
  CHECK(of_provider("ollama", "headers.x = \"costs $5\"") == "");
}

TEST_CASE("what requests bring along is taken off a base_url, with a warning", "[config]") {
  struct Case {
    std::string type, url, rest, used;
  };
  const Case cases[] = {
      {"ollama", "http://h:1/v1", "/v1", "http://h:1"},
      {"ollama", "http://h:1/v1/", "/v1/", "http://h:1"},
      {"ollama", "http://h:1/v1/messages", "/v1/messages", "http://h:1"},
      {"ollama", "http://h:1/x/v1/chat/completions", "/v1/chat/completions", "http://h:1/x"},
      {"anthropic", "https://api.anthropic.com/v1", "/v1", "https://api.anthropic.com"},
      {"zai", "https://api.z.ai/api/anthropic/v1", "/v1", "https://api.z.ai/api/anthropic"},
  };
  for (const auto& [type, url, rest, used] : cases) {
    CAPTURE(url);
    CHECK(of_provider(type, "base_url = \"" + url + "\"\n[[providers.keys]]\nkey = \"k\"") ==
          "providers[0].base_url \"" + url + "\" has \"" + rest +
              "\" at its end, which every request brings along; it is taken off, write \"" + used +
              "\"");
  }
  for (const std::string url : {"http://h:1", "http://h:1/", "http://h:1/v2", "http://h:1/av1"}) {
    CAPTURE(url);
    CHECK(of_provider("ollama", "base_url = \"" + url + "\"") == "");
  }
}

TEST_CASE("a vendor's host without the path of this API is warned about", "[config]") {
  CHECK(of_provider("zai", "base_url = \"https://api.z.ai\"\n[[providers.keys]]\nkey = \"k\"") ==
        "providers[0].base_url \"https://api.z.ai\" is not where zai speaks the Anthropic API; "
        "write \"https://api.z.ai/api/anthropic\", or leave base_url out");
}

TEST_CASE("who has no price at all is warned about where the cheapest is asked first", "[config]") {
  const std::string both =
      "[[providers]]\nname = \"a\"\ntype = \"anthropic\"\n"
      "[[providers]]\nname = \"b\"\ntype = \"ollama\"\n";
  const std::string cheapest = "[routing]\nstrategy = \"cost_based\"\n";
  CHECK(warned(both) == "");
  CHECK(
      warned(both + cheapest) ==
      "providers[1]: nothing of \"b\" has a price, so strategy \"cost_based\" asks it last; write "
      "its prices into [[prices]]");
  CHECK(warned(both + "enabled = false\n" + cheapest) == "");
  const std::string price = "[[prices]]\nmodels = [\"m\"]\ninput = 0\n";
  for (const std::string of : {"", "provider = \"b\"\n", "provider = \"Ollama\"\n"}) {
    CAPTURE(of);
    CHECK(warned(both + cheapest + price + of) == "");
  }
  CHECK(warned(both + cheapest + price + "provider = \"a\"\n") != "");
  // OpenAI's prices are not those of whoever speaks its words.
  const auto server = [&](const std::string& url) {
    return cheapest + "[[providers]]\nname = \"openai\"\ntype = \"openai\"\nbase_url = \"" + url +
           "\"\n";
  };
  CHECK(warned(server("https://api.openai.com/v1")) == "");
  CHECK(warned(server("https://api.x.ai/v1")) == "");
  CHECK(warned(server("http://127.0.0.1:8000/v1")).starts_with("providers[0]: nothing of "));
  const std::string own = server("http://127.0.0.1:8000/v1") + price;
  CHECK(warned(own + "provider = \"openai\"\n") == "");
  CHECK(warned(own + "provider = \"generic\"\n") == "");
}

TEST_CASE("a secret that stands twice, or is none, is warned about", "[config]") {
  const std::string key = "[[providers.keys]]\nkey = ";
  CHECK(of_provider("zai", key + "\"canary\"\n" + key + "\"other\"\n" + key + "\"canary\"") ==
        "providers[0].keys[2].key is the same secret as keys[0].key, so it makes no second budget; "
        "remove one of them");
  for (const std::string text :
       {"your-key", "<key>", "sk-ant-...", "sk-xxxxxxxx", "env:KEY", "os.environ/KEY", "{{KEY}}"}) {
    CAPTURE(text);
    CHECK(of_provider("zai", key + "\"" + text + "\"") ==
          "providers[0].keys[0].key looks like the placeholder of an example; write the key, or "
          "${VARIABLE}");
  }
}
