#include <string>

#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::variables;

namespace {

std::string said(const std::string& toml) {
  const auto config = parse_config(toml, "c.toml", variables({{"SET", "canary"}}));
  return config ? "ok" : config.error().message;
}

std::string of_provider(const std::string& line) {
  return said("[[providers]]\nname = \"a\"\ntype = \"ollama\"\n" + line);
}

}  // namespace

TEST_CASE("the setting that other programs' names mean is named, and how it is written",
          "[config]") {
  struct Case {
    std::string toml, message;
  };
  const Case cases[] = {
      {"[server]\nport = 9000",
       "c.toml:2:1: server.port is unknown; server.listen is meant; write listen = "
       "\"127.0.0.1:9000\""},
      {"[server]\nhost = \"0.0.0.0\"",
       "c.toml:2:1: server.host is unknown; server.listen is meant; write listen = "
       "\"0.0.0.0:8787\""},
      {"[server]\nhost = \"::1\"\nport = \"80\"",
       "c.toml:2:1: server.host is unknown; server.listen is meant; write listen = \"[::1]:80\"\n"
       "c.toml:3:1: server.port is unknown; server.listen is meant; write listen = \"[::1]:80\""},
      {"[server]\nbind = \"127.0.0.1:80\"",
       "c.toml:2:1: server.bind is unknown; server.listen is meant; write listen = "
       "\"127.0.0.1:80\""},
      {"port = 80",
       "c.toml:1:1: port is unknown; server.listen is meant; write [server] and below it listen = "
       "\"127.0.0.1:8787\""},
      {"[server]\ntoken = \"canary\"",
       "c.toml:2:1: server.token is unknown; server.auth.api_key is meant; write [server.auth] and "
       "below it api_key = \"…\""},
      {"[server.tls]\ncert = \"c.pem\"",
       "c.toml:2:1: server.tls.cert is unknown; server.tls.cert_file is meant; write cert_file = "
       "\"…\""},
      {"[logging]\nfile = \"x\"",
       "c.toml:2:1: logging.file is unknown; logging.output is meant; write output = "
       "\"/var/log/cc-relay.log\""},
      {"[routing]\nmode = \"x\"",
       "c.toml:2:1: routing.mode is unknown; routing.strategy is meant; write strategy = "
       "\"failover\""},
  };
  for (const auto& [toml, message] : cases) {
    CAPTURE(toml);
    CHECK(said(toml) == message);
  }
}

TEST_CASE("whatever a provider's settings are called elsewhere, they are found", "[config]") {
  const std::string key =
      "providers.keys.key is meant; write [[providers.keys]] and below it key =";
  const std::string url = "providers.base_url is meant; write base_url = \"https://…\"";
  for (const std::string name : {"api_key", "apiKey", "api-key", "APIKEY", "token", "auth_token",
                                 "secret", "key", "accessToken"}) {
    CAPTURE(name);
    const auto message = of_provider(name + " = \"canary\"");
    CHECK(message.find("c.toml:4:1: providers[0]." + name + " is unknown; " + key) == 0);
    CHECK(message.find("canary") == std::string::npos);
  }
  for (const std::string name :
       {"url", "endpoint", "api_base", "baseURL", "base-uri", "apiBase", "api_url", "host"}) {
    CAPTURE(name);
    CHECK(of_provider(name + " = \"https://canary\"") ==
          "c.toml:4:1: providers[0]." + name + " is unknown; " + url);
  }
  CHECK(of_provider("api_key_env = \"SET\"").find("key = \"${VARIABLE}\"") != std::string::npos);
  CHECK(of_provider("timeout = 5").find("write first_byte_ms = 120000") != std::string::npos);
  CHECK(of_provider("[[providers.keys]]\nvalue = \"canary\"") ==
        "c.toml:5:1: providers[0].keys[0].value is unknown; providers.keys.key is meant; write key "
        "= \"…\"");
}

TEST_CASE("providers and keys in another shape are told the shape they have here", "[config]") {
  struct Case {
    std::string toml, message;
  };
  const Case cases[] = {
      {"[[provider]]\nname = \"a\"",
       "c.toml:1:3: provider is unknown; providers is meant; write [[providers]] for each of them"},
      {"[provider]\nname = \"a\"",
       "c.toml:1:2: provider is unknown; providers is meant; write [[providers]] for each of them"},
      {"[providers.zai]\ntype = \"zai\"",
       "c.toml:1:2: providers is a table; write [[providers]] and below it name = \"zai\", for "
       "each "
       "of them"},
      {"[providers]\nname = \"a\"",
       "c.toml:1:2: providers is a table; write [[providers]], in two brackets"},
      {"providers = [\"zai\"]",
       "c.toml:1:13: providers is an array of other things than tables; write [[providers]] and "
       "below it its settings, for each of them"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\nkeys = [\"canary\"]",
       "c.toml:4:8: providers[0].keys is an array of other things than tables; write "
       "[[providers.keys]] and below it key = \"…\", for each of them"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\nkeys = \"canary\"",
       "c.toml:4:8: providers[0].keys is a string; write [[providers.keys]] and below it key = "
       "\"…\", for each of them"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\n[providers.keys]\nkey = \"canary\"",
       "c.toml:4:12: providers[0].keys is a table; write [[providers.keys]], in two brackets"},
  };
  for (const auto& [toml, message] : cases) {
    CAPTURE(toml);
    CHECK(said(toml) == message);
  }
}

TEST_CASE("a key that stands twice is named, with both places", "[config]") {
  struct Case {
    std::string toml, message;
  };
  const Case cases[] = {
      {"[server]\nlisten = \"canary\"\n\nlisten = \"canary\"",
       "c.toml:4:10: listen is given twice, here and in line 2; remove one of them"},
      {"[server]\nworkers = 1\n[routing]\n[server]\ntimeout_ms = 1",
       "c.toml:4:1: table [server] stands here and in line 1; put its settings together"},
      {"[[providers]]\nname = \"a\"\n[[providers]]\nname = \"b\"\nname = \"c\"",
       "c.toml:5:8: name is given twice, here and in line 4; remove one of them"},
      {"[[providers]]\nname = \"a\"\n[[providers.keys]]\nkey = \"canary\"\nkey = \"canary\"",
       "c.toml:5:7: key is given twice, here and in line 4; remove one of them"},
      {"[[providers]]\nname = \"a\"\n[providers]\nname = \"b\"",
       "c.toml:3:1: providers stands here and in line 1, once as [[providers]], for one of "
       "several, and once as [providers]; write [[providers]]"},
      {"server = { workers = 1, workers = 2 }",
       "c.toml:1:35: workers is given twice, in this line; remove one of them"},
      {"server = 1\n[server]\nworkers = 1",
       "c.toml:2:1: server stands here and in line 1, once as a value and once as a table; remove "
       "one of them"},
  };
  for (const auto& [toml, message] : cases) {
    CAPTURE(toml);
    CHECK(said(toml) == message);
  }
}

TEST_CASE("a variable without braces is a mistake where one is meant", "[config]") {
  const std::string prefix = "[[providers]]\nname = \"a\"\ntype = \"zai\"\n[[providers.keys]]\n";
  CHECK(said(prefix + "key = \"$ZAI_API_KEY\"") ==
        "c.toml:5:7: providers[0].keys[0].key: $ZAI_API_KEY is not expanded without braces; write "
        "${ZAI_API_KEY}, or $$ZAI_API_KEY for the characters themselves");
  CHECK(said("[server.auth]\napi_key = \"$SET\"").find("write ${SET}") != std::string::npos);
  CHECK(said(prefix + "key = \"$$SET\"") == "ok");
  CHECK(said(prefix + "key = \"p$ssword\"") == "ok");
}

TEST_CASE("JSON is told to be none", "[config]") {
  CHECK(said("\n {\"server\": {\"listen\": \"canary\"}}") ==
        "c.toml:1:1: is JSON; write the configuration as TOML");
}
