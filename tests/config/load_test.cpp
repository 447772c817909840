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
max_buffered_body_bytes = 44
max_header_bytes = 2048
max_headers = 77
max_connections_per_address = 9
unix_mode = "0660"
unix_owner = "me:us"
workers = 5
shutdown_timeout_ms = 6
shutdown_grace_ms = 16
shutdown_idle_ms = 26
reuse_port = true
hosts = ["relay.lan", "other"]
enable_http2 = false
http2_max_streams = 7
http2_frame_budget = 80
max_connection_age_ms = 9
passthrough = false
allow_public_without_auth = true
[server.tls]
cert_file = "c.pem"
key_file = "k.pem"
client_ca_file = "a.pem"
client_auth = "required"
min_version = "1.3"
handshake_timeout_ms = 42
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
strategy = "model_based"
failover_timeout = 31
max_attempts = 3
race = 4
hedge_ms = 34
affinity = "none"
model_fallback = true
default_provider = "b"
conversations_max = 32
signatures_max = 33
debug = true
[routing.model_mapping]
"claude-" = "a"
"glm-4.7" = "b"
[health.health_check]
enabled = false
interval_ms = 51000
[health.circuit_breaker]
failure_threshold = 52
open_duration_ms = 53
half_open_probes = 54
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
max_in_flight = 43
pooling.enabled = true
pooling.strategy = "weighted"
[providers.model_mapping]
"claude-*" = "glm"
[providers.headers]
X-A = "1"
[[providers.keys]]
key = "${K}"
name = "team a"
weight = 9
priority = 2
rpm_limit = 61
itpm_limit = 62
otpm_limit = 63
tpm_limit = 64
max_in_flight = 65
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
  CHECK(server.max_buffered_body_bytes == 44);
  CHECK(server.max_header_bytes == 2048);
  CHECK(server.max_headers == 77);
  CHECK(server.max_connections_per_address == 9);
  CHECK(server.unix_mode == "0660");
  CHECK(server.unix_owner == "me:us");
  CHECK(server.tls.cert_file == "c.pem");
  CHECK(server.tls.key_file == "k.pem");
  CHECK(server.tls.client_ca_file == "a.pem");
  CHECK(server.tls.client_auth == ClientAuth::required);
  CHECK(server.tls.min_version == "1.3");
  CHECK(server.tls.handshake_timeout == milliseconds(42));
  CHECK(server.workers == 5);
  CHECK(server.shutdown_timeout == milliseconds(6));
  CHECK(server.shutdown_grace == milliseconds(16));
  CHECK(server.shutdown_idle == milliseconds(26));
  CHECK(server.reuse_port);
  CHECK(server.hosts == std::vector<std::string>{"relay.lan", "other"});
  CHECK(!server.enable_http2);
  CHECK(server.http2_max_streams == 7);
  CHECK(server.http2_frame_budget == 80);
  CHECK(server.max_connection_age == milliseconds(9));
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
  const auto& routing = config->routing;
  CHECK(routing.strategy == "model_based");
  CHECK(routing.failover_timeout == milliseconds(31));
  CHECK(routing.max_attempts == 3);
  CHECK(routing.race == 4);
  CHECK(routing.hedge == milliseconds(34));
  CHECK(routing.affinity == "none");
  CHECK(routing.model_fallback);
  CHECK(routing.default_provider == "b");
  CHECK(routing.model_mapping ==
        std::map<std::string, std::string>{{"claude-", "a"}, {"glm-4.7", "b"}});
  CHECK(routing.conversations_max == 32);
  CHECK(routing.signatures_max == 33);
  CHECK(routing.debug);
  const auto& health = config->health;
  CHECK(!health.checks);
  CHECK(health.check_interval == milliseconds(51000));
  CHECK(health.failure_threshold == 52);
  CHECK(health.open_duration == milliseconds(53));
  CHECK(health.half_open_probes == 54);
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
  CHECK(a.max_in_flight == 43);
  CHECK(a.pool_strategy == PoolStrategy::weighted);
  CHECK(a.model_mapping == std::map<std::string, std::string>{{"claude-*", "glm"}});
  REQUIRE(a.headers.size() == 1);
  CHECK(a.headers[0].first == "X-A");
  CHECK(a.headers[0].second.reveal() == "1");
  REQUIRE(a.keys.size() == 1);
  CHECK(a.keys[0].key.reveal() == "key");
  CHECK(a.keys[0].name == "team a");
  CHECK(a.keys[0].weight == 9);
  CHECK(a.keys[0].priority == 2);
  CHECK(a.keys[0].rpm_limit == 61);
  CHECK(a.keys[0].itpm_limit == 62);
  CHECK(a.keys[0].otpm_limit == 63);
  CHECK(a.keys[0].tpm_limit == 64);
  CHECK(a.keys[0].max_in_flight == 65);
  CHECK(config->providers[1].enabled);
  CHECK_FALSE(config->providers[1].priority);
  CHECK(config->logging.level == Level::warn);
  CHECK(config->logging.format == LogFormat::text);
  CHECK(config->logging.output == "stderr");
  CHECK(config->logging.log_request_body);
  CHECK(config->logging.max_body_log_size == 5);
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
