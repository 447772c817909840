#include "catch.hpp"

#include <ccrelay/config_load.hpp>

#include <functional>

using namespace ccrelay;

namespace {

ProviderConfig provider(std::string name, std::string type) {
  ProviderConfig made;
  made.name = std::move(name);
  made.type = std::move(type);
  made.keys.push_back({Secret("key"), 1, 1});
  return made;
}

std::string said_about(const std::function<void(Config&)>& change) {
  Config config;
  config.providers.push_back(provider("a", "anthropic"));
  change(config);
  const auto result = validate(config);
  return result ? "ok" : result.error().message;
}

}  // namespace

TEST_CASE("a default-constructed configuration is valid", "[config]") {
  CHECK(validate(Config{}));
}

TEST_CASE("addresses to listen on are told from others", "[config]") {
  for (const std::string listen :
       {"127.0.0.1:8787", "localhost:8787", "LOCALHOST:1", "[::1]:8787", "127.9.9.9:0"}) {
    CAPTURE(listen);
    CHECK(said_about([&](Config& config) { config.server.listen = listen; }) == "ok");
  }
  for (const std::string listen :
       {"", "127.0.0.1", "localhost8787", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:http", "[::1]", "[::1]8787", "::1:8787", "[::1:8787", "[host]:80", "a b:80"}) {
    CAPTURE(listen);
    CHECK(said_about([&](Config& config) { config.server.listen = listen; }) ==
          "server.listen \"" + listen +
              "\" is not an address to listen on; write host:port, [v6]:port or :port, with a port "
              "from 0 to 65535, or unix:/path");
  }
}

TEST_CASE("a Unix socket needs a path and a mode, and is this machine's own", "[config]") {
  const auto with = [](const std::string& listen, const std::string& mode) {
    return said_about([&](Config& config) {
      config.server.listen = listen;
      config.server.unix_mode = mode;
    });
  };
  CHECK(with("unix:/run/relay", "0600") == "ok");
  CHECK(with("unix:relay.sock", "660") == "ok");
  CHECK(with("unix:", "0600").find("is not an address to listen on") != std::string::npos);
  CHECK(with("unix:/run/", "0600").find("is not an address to listen on") != std::string::npos);
  for (const std::string mode : {"", "rw", "0800", "06000", "1777", "6"}) {
    CHECK(with("unix:/run/relay", mode) ==
          "server.unix_mode \"" + mode +
              "\" is no file mode; write it in octal, like \"0600\" (you alone) or \"0660\" (and "
              "the group)");
  }
}

TEST_CASE("half of a TLS configuration is named", "[config]") {
  const auto with = [](const std::function<void(TlsConfig&)>& change) {
    return said_about([&](Config& config) { change(config.server.tls); });
  };
  CHECK(with([](TlsConfig& tls) { tls.cert_file = tls.key_file = "x"; }) == "ok");
  CHECK(with([](TlsConfig& tls) { tls.cert_file = "x"; }) ==
        "server.tls.key_file is missing; TLS needs a certificate and its key");
  CHECK(with([](TlsConfig& tls) { tls.key_file = "x"; }) ==
        "server.tls.cert_file is missing; TLS needs a certificate and its key");
  CHECK(with([](TlsConfig& tls) { tls.min_version = "1.1"; }) ==
        "server.tls.min_version \"1.1\" is unknown; one of: 1.2, 1.3");
  CHECK(with([](TlsConfig& tls) {
          tls.cert_file = tls.key_file = "x";
          tls.client_auth = ClientAuth::required;
        }) ==
        "server.tls.client_ca_file is missing; server.tls.client_auth needs the CA that issues the "
        "clients' certificates");
  CHECK(with([](TlsConfig& tls) { tls.cert_file = tls.key_file = tls.client_ca_file = "x"; }) ==
        "server.tls.client_auth is \"none\" and server.tls.client_ca_file is set; set it to "
        "\"optional\" or \"required\", or remove client_ca_file");
  CHECK(with([](TlsConfig& tls) { tls.handshake_timeout = milliseconds(0); }) ==
        "server.tls.handshake_timeout_ms 0 is out of range; allowed: 1 to 86400000");
}

TEST_CASE("a public address needs authentication or a word that it does not", "[config]") {
  for (const std::string listen :
       {":8787", "0.0.0.0:8787", "[::]:8787", "192.168.1.2:80", "host.example:80"}) {
    CAPTURE(listen);
    const auto with = [&](const std::function<void(ServerConfig&)>& change) {
      return said_about([&](Config& config) {
        config.server.listen = listen;
        change(config.server);
      });
    };
    CHECK(with([](ServerConfig&) {}) ==
          "server.listen \"" + listen +
              "\" can be reached from other machines, and nothing says who may use it; set "
              "server.auth.api_key (or another of server.auth), listen on 127.0.0.1, or set "
              "server.allow_public_without_auth = true");
    CHECK(with([](ServerConfig& server) { server.auth.api_key = Secret("k"); }) == "ok");
    CHECK(with([](ServerConfig& server) { server.auth.bearer_secret = Secret("k"); }) == "ok");
    CHECK(with([](ServerConfig& server) { server.auth.allow_subscription = true; }) == "ok");
    CHECK(with([](ServerConfig& server) { server.allow_public_without_auth = true; }) == "ok");
  }
}

TEST_CASE("each thing plain data can get wrong is named with its setting", "[config]") {
  struct Case {
    std::function<void(Config&)> change;
    std::string message;
  };
  const std::string not_a_key_name =
      " is not a name; allowed: 1 to 64 printable ASCII characters, no blank at either end";
  const Case cases[] = {
      {[](Config& c) { c.server.workers = 0; },
       "server.workers 0 is out of range; allowed: 1 to 64"},
      {[](Config& c) { c.server.timeout = milliseconds(-1); },
       "server.timeout_ms -1 is out of range; allowed: 0 to 86400000"},
      {[](Config& c) { c.server.max_header_bytes = 1023; },
       "server.max_header_bytes 1023 is out of range; allowed: 1024 to 1048576"},
      {[](Config& c) { c.server.http2_max_streams = 0; },
       "server.http2_max_streams 0 is out of range; allowed: 1 to 10000"},
      {[](Config& c) { c.server.http2_frame_budget = 9; },
       "server.http2_frame_budget 9 is out of range; allowed: 10 to 1000000"},
      {[](Config& c) { c.server.max_connection_age = milliseconds(-1); },
       "server.max_connection_age_ms -1 is out of range; allowed: 0 to 86400000"},
      {[](Config& c) { c.server.max_body_bytes = ~0ull; },
       "server.max_body_bytes 9223372036854775807 is out of range; allowed: 1 to 1099511627776"},
      {[](Config& c) { c.timeouts.connect = milliseconds(0); },
       "timeouts.connect_ms 0 is out of range; allowed: 1 to 86400000"},
      {[](Config& c) { c.routing.strategy = "x"; },
       "routing.strategy \"x\" is unknown; one of: failover, round_robin, weighted_round_robin, "
       "shuffle, least_loaded, weighted_failover, latency_based, cost_based, model_based"},
      {[](Config& c) { c.routing.strategy = "model_based"; },
       "routing.model_mapping is empty, and strategy \"model_based\" needs it; write into it the "
       "beginning of a model's name = a provider, or set routing.default_provider"},
      {[](Config& c) {
         c.routing.strategy = "model_based";
         c.routing.default_provider = "b";
       },
       "routing.default_provider \"b\" is no configured provider; one of: a"},
      {[](Config& c) { c.routing.affinity = "x"; },
       "routing.affinity \"x\" is unknown; one of: conversation, none"},
      {[](Config& c) { c.routing.race = 0; }, "routing.race 0 is out of range; allowed: 1 to 8"},
      {[](Config& c) { c.health.check_interval = milliseconds(0); },
       "health.health_check.interval_ms 0 is out of range; allowed: 100 to 86400000"},
      {[](Config& c) { c.health.failure_threshold = 0; },
       "health.circuit_breaker.failure_threshold 0 is out of range; allowed: 1 to 1000000"},
      {[](Config& c) { c.health.open_duration = milliseconds(0); },
       "health.circuit_breaker.open_duration_ms 0 is out of range; allowed: 1 to 86400000"},
      {[](Config& c) { c.health.half_open_probes = 0; },
       "health.circuit_breaker.half_open_probes 0 is out of range; allowed: 1 to 1000"},
      {[](Config& c) { c.logging.output.clear(); },
       "logging.output is empty; write \"stdout\", \"stderr\" or a file"},
      {[](Config& c) { c.server.auth.api_key = Secret("a\n"); },
       "server.auth.api_key contains a control character, or begins or ends with a blank, so no "
       "client can send it; remove that"},
      {[](Config& c) { c.providers.push_back(provider("a", "zai")); },
       "providers[1].name \"a\" is already used by providers[0]; each provider needs a name of its "
       "own"},
      {[](Config& c) { c.providers[0].name = std::string(65, 'n'); },
       "providers[0].name \"" + std::string(65, 'n') +
           "\" is not a name; allowed: 1 to 64 letters, digits, \".\", \"_\" and \"-\""},
      {[](Config& c) { c.providers[0].keys[0].name = std::string(65, 'n'); },
       "providers[0].keys[0].name \"" + std::string(65, 'n') + "\"" + not_a_key_name},
      {[](Config& c) { c.providers[0].keys[0].name = "a\x1b[2J"; },
       "providers[0].keys[0].name \"a\\u001B[2J\"" + not_a_key_name},
      {[](Config& c) { c.providers[0].keys[0].name = " a"; },
       "providers[0].keys[0].name \" a\"" + not_a_key_name},
      {[](Config& c) {
         c.providers[0].keys[0].key = Secret("canary-key");
         c.providers[0].keys[0].name = "canary-key";
       },
       "providers[0].keys[0].name is the key itself; write a name that may be read in logs"},
      {[](Config& c) {
         c.providers[0].keys[0].name = "team-a";
         c.providers[0].keys.push_back({Secret("other")});
         c.providers[0].keys[1].name = "team-a";
       },
       "providers[0].keys[1].name \"team-a\" is already used by providers[0].keys[0]; each key of "
       "a provider needs a name of its own"},
      {[](Config& c) { c.providers[0].keys[0].weight = -1; },
       "providers[0].keys[0].weight -1 is out of range; allowed: 0 to 1000000"},
      {[](Config& c) { c.providers[0].keys[0].rpm_limit = ~0ull; },
       "providers[0].keys[0].rpm_limit 9223372036854775807 is out of range; allowed: 0 to "
       "1000000000"},
      {[](Config& c) { c.providers[0].keys[0].tpm_limit = 1'000'000'001; },
       "providers[0].keys[0].tpm_limit 1000000001 is out of range; allowed: 0 to 1000000000"},
      {[](Config& c) { c.providers[0].keys[0].max_in_flight = -1; },
       "providers[0].keys[0].max_in_flight -1 is out of range; allowed: 0 to 1000000"},
      {[](Config& c) { c.providers[0].max_in_flight = -1; },
       "providers[0].max_in_flight -1 is out of range; allowed: 0 to 1000000"},
      {[](Config& c) { c.providers[0].priority = -1; },
       "providers[0].priority -1 is out of range; allowed: 0 to 1000000"},
      {[](Config& c) { c.providers[0].stream_idle_timeout = milliseconds(0); },
       "providers[0].stream_idle_ms 0 is out of range; allowed: 1 to 86400000"},
      {[](Config& c) { c.providers[0].keys[0].key = Secret("a b"); },
       "providers[0].keys[0].key contains a blank or control character; remove it"},
      {[](Config& c) {
         c.providers[0].type = "zai";
         c.providers[0].credentials = Credentials::passthrough;
       },
       "providers[0].credentials \"passthrough\" would send the client's own credential to a "
       "provider of type \"zai\"; only \"anthropic\" may have it, use \"configured\""},
      {[](Config& c) {
         c.providers[0].keys.clear();
         c.providers[0].credentials = Credentials::configured;
       },
       "providers[0].credentials \"configured\" needs a key; add [[providers.keys]], or use "
       "\"auto\""},
      {[](Config& c) { c.providers[0].models = {"*-sonnet"}; },
       "providers[0].models[0] \"*-sonnet\" has a \"*\" that is not at its end; only there it "
       "stands for any text"},
      {[](Config& c) { c.providers[0].models = {""}; },
       "providers[0].models[0] names no model; write a model, or the beginning of some and \"*\""},
      {[](Config& c) {
         c.providers[0].model_mapping = {{"a", ""}};
       },
       "providers[0].model_mapping.a is mapped to no valid model; write the model to ask the "
       "provider for"},
      {[](Config& c) {
         c.providers[0].headers = {{"x y", Secret("v")}};
       },
       "providers[0].headers has a name that is not a header name; allowed: letters, digits and "
       "!#$%&'*+-.^_`|~"},
      {[](Config& c) {
         c.providers[0].headers = {{"x", Secret("v\r\nw: 1")}};
       },
       "providers[0].headers.x contains a control character; remove it"},
      {[](Config& c) {
         c.providers[0].headers = {{"x", Secret("v")}, {"X", Secret("v")}};
       },
       "providers[0].headers.X is given twice; upper and lower case are the same"},
      {[](Config& c) {
         c.providers[0].headers = {{"Content-Length", Secret("1")}};
       },
       "providers[0].headers.Content-Length is set by the relay itself; remove it"},
  };
  for (const auto& [change, message] : cases) CHECK(said_about(change) == message);
}

TEST_CASE("a base_url is a plain http or https address", "[config]") {
  const auto with = [](const std::string& url) {
    return said_about([&](Config& config) { config.providers[0].base_url = url; });
  };
  for (const std::string url : {"http://a", "https://a.example:8443/x/", "HTTPS://A",
                                "http://[::1]:1", "http://127.0.0.1:11434"}) {
    CAPTURE(url);
    CHECK(with(url) == "ok");
  }
  struct Case {
    std::string url, problem;
  };
  const Case cases[] = {
      {"a.example", "is not an http:// or https:// URL; begin it with one"},
      {"ftp://a", "is not an http:// or https:// URL; begin it with one"},
      {"http://", "has no valid host; write it like https://host:port/path"},
      {"http://:80", "has no valid host; write it like https://host:port/path"},
      {"http://[::1", "has no valid host; write it like https://host:port/path"},
      {"http://a:0", "has no valid port; allowed: 1 to 65535"},
      {"http://a:", "has no valid port; allowed: 1 to 65535"},
      {"http://a:65536/x", "has no valid port; allowed: 1 to 65535"},
      {"http://a/?q", "has a query or fragment; only scheme, host, port and path are allowed"},
      {"http://a#f", "has a query or fragment; only scheme, host, port and path are allowed"},
      {"http://a/x y", "contains a blank or a character that is not ASCII; encode it"},
  };
  for (const auto& [url, problem] : cases) {
    CHECK(with(url) == "providers[0].base_url \"" + url + "\" " + problem);
  }
  CHECK(with("https://u:p@a") ==
        "providers[0].base_url contains a login or an \"@\"; put the credential into "
        "[[providers.keys]] or [providers.headers]");
}

TEST_CASE("a proxy may have a login, or be none", "[config]") {
  for (const std::string proxy : {"", "none", "http://proxy:3128", "http://u:p@proxy:3128"}) {
    CHECK(said_about([&](Config& config) { config.providers[0].proxy = proxy; }) == "ok");
  }
  CHECK(said_about([](Config& config) { config.providers[0].proxy = "proxy:3128"; }) ==
        "providers[0].proxy \"proxy:3128\" is not an http:// or https:// URL; begin it with one");
}

TEST_CASE("types that need a key say so, and others do not", "[config]") {
  const auto without_key = [](const std::string& type, bool enabled) {
    return said_about([&](Config& config) {
      config.providers[0].type = type;
      config.providers[0].enabled = enabled;
      config.providers[0].keys.clear();
      config.providers.push_back(provider("other", "ollama"));
    });
  };
  for (const std::string type : {"zai", "minimax"}) {
    CHECK(without_key(type, true) == "providers[0].keys is missing, and type \"" + type +
                                         "\" needs a key; add [[providers.keys]] with key = \"…\"");
    CHECK(without_key(type, false) == "ok");
  }
  for (const std::string type : {"anthropic", "ollama", "made-by-a-program"}) {
    CHECK(without_key(type, true) == "ok");
  }
}

TEST_CASE("all mistakes of plain data are said at once", "[config]") {
  CHECK(said_about([](Config& config) {
          config.server.workers = 65;
          config.providers[0].name.clear();
        }) ==
        "server.workers 65 is out of range; allowed: 1 to 64\n"
        "providers[0].name is missing; give the provider a name of its own");
}
