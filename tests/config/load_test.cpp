#include "catch.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

TEST_CASE("an empty file is the defaults", "[config]") {
  auto config = parse_config("", "c.toml", variables());
  REQUIRE(config);
  CHECK(config->source == "c.toml");
  config->source.clear();
  CHECK(show_config(*config) == show_config(Config{}));
}

TEST_CASE("every setting of a file arrives", "[config]") {
  const auto config = parse_config(R"(
[server]
listen = ":80"
timeout_ms = 1
max_concurrent = 2
max_connections = 3
max_body_bytes = 4
max_header_bytes = 2048
workers = 5
shutdown_timeout_ms = 6
passthrough = false
allow_public_without_auth = true
[server.auth]
api_key = "in"
bearer_secret = "bearer"
allow_subscription = true
[timeouts]
connect_ms = 11
first_byte_ms = 0
stream_idle_ms = 12
error_body_ms = 13
upstream_idle_ms = 14
client_header_ms = 15
client_body_ms = 16
client_idle_ms = 17
client_write_ms = 18
client_linger_ms = 19
[stream]
keepalive_ms = 20
hold_ms = 21
buffer_bytes = 20000
inspect_bytes = 22
[routing]
strategy = "failover"
failover_timeout = 31
max_attempts = 3
debug = true
[[providers]]
name = "a"
type = "anthropic"
enabled = false
base_url = "https://a.example/x"
models = ["m", "n*"]
weight = 7
priority = 8
credentials = "configured"
proxy = "http://user:pass@proxy:3128"
ca_file = "/ca.pem"
connect_ms = 41
first_byte_ms = 0
stream_idle_ms = 42
pooling.enabled = true
[providers.model_mapping]
"claude-*" = "glm"
[providers.headers]
X-A = "1"
[[providers.keys]]
key = "${K}"
weight = 9
priority = 2
[[providers]]
name = "b"
type = "ollama"
[logging]
level = "warn"
format = "console"
output = "stderr"
debug_options.log_request_body = true
debug_options.max_body_log_size = 5
)",
                                   "c.toml", variables({{"K", "key"}}));
  if (!config) FAIL(config.error().message);
  const auto& server = config->server;
  CHECK(server.listen == ":80");
  CHECK(server.timeout == milliseconds(1));
  CHECK(server.max_concurrent == 2);
  CHECK(server.max_connections == 3);
  CHECK(server.max_body_bytes == 4);
  CHECK(server.max_header_bytes == 2048);
  CHECK(server.workers == 5);
  CHECK(server.shutdown_timeout == milliseconds(6));
  CHECK(!server.passthrough);
  CHECK(server.allow_public_without_auth);
  CHECK(server.auth.api_key.reveal() == "in");
  CHECK(server.auth.bearer_secret.reveal() == "bearer");
  CHECK(server.auth.allow_subscription);
  const auto& timeouts = config->timeouts;
  CHECK(timeouts.connect == milliseconds(11));
  CHECK(timeouts.first_byte == milliseconds(0));
  CHECK(timeouts.stream_idle == milliseconds(12));
  CHECK(timeouts.error_body == milliseconds(13));
  CHECK(timeouts.upstream_idle == milliseconds(14));
  CHECK(timeouts.client_header == milliseconds(15));
  CHECK(timeouts.client_body == milliseconds(16));
  CHECK(timeouts.client_idle == milliseconds(17));
  CHECK(timeouts.client_write == milliseconds(18));
  CHECK(timeouts.client_linger == milliseconds(19));
  CHECK(config->stream.keepalive == milliseconds(20));
  CHECK(config->stream.hold == milliseconds(21));
  CHECK(config->stream.buffer_bytes == 20000);
  CHECK(config->stream.inspect_bytes == 22);
  CHECK(config->routing.failover_timeout == milliseconds(31));
  CHECK(config->routing.max_attempts == 3);
  CHECK(config->routing.debug);
  REQUIRE(config->providers.size() == 2);
  const auto& a = config->providers[0];
  CHECK(!a.enabled);
  CHECK(a.base_url == "https://a.example/x");
  CHECK(a.models == std::vector<std::string>{"m", "n*"});
  CHECK(a.weight == 7);
  CHECK(a.priority == 8);
  CHECK(a.credentials == Credentials::configured);
  CHECK(a.proxy == "http://user:pass@proxy:3128");
  CHECK(a.ca_file == "/ca.pem");
  CHECK(a.connect_timeout == milliseconds(41));
  CHECK(a.first_byte_timeout == milliseconds(0));
  CHECK(a.stream_idle_timeout == milliseconds(42));
  CHECK(a.model_mapping == std::map<std::string, std::string>{{"claude-*", "glm"}});
  REQUIRE(a.headers.size() == 1);
  CHECK(a.headers[0].first == "X-A");
  CHECK(a.headers[0].second.reveal() == "1");
  REQUIRE(a.keys.size() == 1);
  CHECK(a.keys[0].key.reveal() == "key");
  CHECK(a.keys[0].weight == 9);
  CHECK(a.keys[0].priority == 2);
  CHECK(config->providers[1].enabled);
  CHECK(config->logging.level == Level::warn);
  CHECK(config->logging.format == LogFormat::text);
  CHECK(config->logging.output == "stderr");
  CHECK(config->logging.log_request_body);
  CHECK(config->logging.max_body_log_size == 5);
}

TEST_CASE("a file of the older relay loads", "[config]") {
  const auto config = parse_config(R"(
[server]
listen = "127.0.0.1:8787"
api_key = "${RELAY_KEY}"
timeout_ms = 0
max_concurrent = 0
enable_http2 = false
[server.auth]
allow_bearer = true
[routing]
strategy = "failover"
failover_timeout = 5000
debug = false
default_provider = ""
[[providers]]
name = "anthropic"
type = "anthropic"
enabled = true
models = ["claude-sonnet-4-5"]
[[providers.keys]]
key = ""
rpm_limit = 0
tpm_limit = 0
priority = 0
weight = 0
[[providers]]
name = "zai"
type = "zai"
enabled = true
base_url = "https://api.z.ai/api/anthropic"
[providers.pooling]
enabled = true
[providers.model_mapping]
"claude-sonnet-4-5" = "glm-4.7"
[[providers.keys]]
key = "z"
[logging]
level = ""
format = "pretty"
output = "stdout"
pretty = true
[logging.debug_options]
log_response_headers = false
log_tls_metrics = false
[health.health_check]
enabled = false
[cache]
mode = "disabled"
)",
                                   "c.toml", variables({{"RELAY_KEY", "in"}}));
  if (!config) FAIL(config.error().message);
  CHECK(config->server.auth.api_key.reveal() == "in");
  CHECK(config->server.auth.allow_subscription);
  CHECK(config->server.timeout == ServerConfig{}.timeout);
  CHECK(config->providers.at(0).keys.empty());
  CHECK(config->providers.at(1).keys.at(0).weight == 1);
  CHECK(config->logging.format == LogFormat::text);
}

TEST_CASE("allow_bearer beside a secret lets in that secret only", "[config]") {
  const auto config = parse_config("[server.auth]\nallow_bearer = true\nbearer_secret = \"s\"\n",
                                   "c.toml", variables());
  REQUIRE(config);
  CHECK(!config->server.auth.allow_subscription);
  CHECK(config->server.auth.bearer_secret.reveal() == "s");
}

TEST_CASE("a file is read, and one that is too large is not", "[config]") {
  const test::ScratchDirectory directory;
  const auto good = directory.write("good.toml", "[server]\nworkers = 2\n");
  const auto config = load_config(good, variables());
  REQUIRE(config);
  CHECK(config->server.workers == 2);
  CHECK(config->source == good);

  const auto fits = directory.write("fits.toml", std::string(1 << 20, '\n'));
  CHECK(load_config(fits, variables()));
  const auto large = directory.write("large.toml", std::string((1 << 20) + 1, '\n'));
  const auto refused = load_config(large, variables());
  REQUIRE(!refused);
  CHECK(refused.error().message ==
        large + ": the configuration is larger than 1 MiB; make it smaller");
}

TEST_CASE("a file that cannot be read says so", "[config]") {
  struct Case {
    std::string path, message;
  };
  const Case cases[] = {
      {"/no/such.toml", "/no/such.toml: cannot be read; check that it exists and is readable"},
      {"/", "/: is a directory; name a configuration file"},
      {"config.yaml", "config.yaml: is YAML by its name; write the configuration as TOML"},
  };
  for (const auto& [path, message] : cases) {
    const auto config = load_config(path, variables());
    REQUIRE(!config);
    CHECK(config.error().message == message);
    CHECK(config.error().code == ErrorCode::config);
  }
}
