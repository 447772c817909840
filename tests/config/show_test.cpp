#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::variables;

namespace {

Config example() {
  Config config;
  config.source = "c.toml";
  config.server.auth.api_key = Secret("canary-in");
  config.server.auth.bearer_secret = Secret("canary-bearer");
  config.proxy = {"http://user:canary@proxy:1", "http://user:canary@proxy:2", "localhost"};
  ProviderConfig provider;
  provider.name = "a";
  provider.type = "anthropic";
  provider.base_url = "https://a.example/$x";
  provider.models = {"m", "say \"n\""};
  provider.model_mapping = {{"claude-*", "glm"}};
  provider.proxy = "http://user:canary@proxy:3";
  provider.connect_timeout = milliseconds(7);
  provider.headers.emplace_back("x-a", Secret("canary-header"));
  provider.keys.push_back({Secret("canary-key"), 3, 4});
  config.providers.push_back(provider);
  return config;
}

}  // namespace

TEST_CASE("a provider is shown whole, with its secrets masked", "[config]") {
  const auto shown = show_config(example());
  CHECK(shown.find("canary") == std::string::npos);
  const auto begin = shown.find("[[providers]]");
  REQUIRE(begin != std::string::npos);
  CHECK(shown.substr(begin) == R"([[providers]]
name = "a"
type = "anthropic"
enabled = true
base_url = "https://a.example/$$x"
models = ["m", "say \"n\""]
weight = 3
priority = 4
credentials = "auto"
proxy = "http://***@proxy:3"
ca_file = ""
connect_ms = 7
first_byte_ms = 120000
stream_idle_ms = 300000

[providers.model_mapping]
"claude-*" = "glm"

[providers.headers]
"x-a" = "***"

[[providers.keys]]
key = "***"
weight = 3
priority = 4
)");
}

TEST_CASE("the head of what is shown names the file and the environment's proxies", "[config]") {
  CHECK(show_config(example()).starts_with(R"(# from c.toml
# HTTPS_PROXY = http://***@proxy:1
# HTTP_PROXY = http://***@proxy:2
# NO_PROXY = localhost

[server]
listen = "127.0.0.1:8787"
workers = 1
timeout_ms = 600000
)"));
}

TEST_CASE("what is shown can be read again and shows the same", "[config]") {
  const auto shown = show_config(example());
  const auto again = parse_config(shown, "c.toml", variables());
  if (!again) FAIL(again.error().message);
  auto config = *again;
  config.proxy = example().proxy;
  CHECK(show_config(config) == shown);
}
