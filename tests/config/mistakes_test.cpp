#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

TEST_CASE("a mistake is said with its place, what was found and what is allowed", "[config]") {
  struct Case {
    std::string toml, message;
  };
  const Case cases[] = {
      // Unknown keys.
      {"[servre]", "1:2: servre is unknown; did you mean \"server\"?"},
      {"[plumbing]",
       "1:2: plumbing is unknown; one of: server, timeouts, stream, routing, logging, health, "
       "cache, pricing, translation, ledger, metrics, otel, manage, grpc, prices, providers"},
      {"[server]\nlisten-on = 1\ntimout_ms = 5",
       "2:1: server.listen-on is unknown; did you mean \"listen\"?\nc.toml:3:1: server.timout_ms "
       "is unknown; did you mean \"timeout_ms\"?"},
      {"[server.auth]\napikey = \"\"",
       "2:1: server.auth.apikey is unknown; did you mean \"api_key\"?"},
      {"[stream]\nholdms = 1", "2:1: stream.holdms is unknown; did you mean \"hold_ms\"?"},
      {"[timeouts]\nconect_ms = 1",
       "2:1: timeouts.conect_ms is unknown; did you mean \"connect_ms\"?"},
      {"[health]\nbreaker = 1",
       "2:1: health.breaker is unknown; one of: health_check, circuit_breaker"},
      {"[health.health_check]\ncheck_interval_seconds = 10",
       "2:1: health.health_check.check_interval_seconds is unknown; one of: interval_ms, enabled"},
      {"[health.circuit_breaker]\nfailure_treshold = 5",
       "2:1: health.circuit_breaker.failure_treshold is unknown; did you mean "
       "\"failure_threshold\"?"},
      {"[routing]\nmodel_maping = {}",
       "2:1: routing.model_maping is unknown; did you mean \"model_mapping\"?"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\npooling.strateg = \"random\"",
       "4:9: providers[0].pooling.strateg is unknown; did you mean \"strategy\"?"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\n[[providers.keys]]\nkey=\"k\"\nrpm = 1",
       "6:1: providers[0].keys[0].rpm is unknown; providers.keys.rpm_limit is meant; write "
       "rpm_limit = 50"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\n[[providers.keys]]\nkey=\"k\"\nzzz = 1",
       "6:1: providers[0].keys[0].zzz is unknown; one of: key, name, weight, priority, rpm_limit, "
       "itpm_limit, otpm_limit, tpm_limit, max_in_flight"},
      {"[cache.ristretto]\nmaxcost = 1",
       "2:1: cache.ristretto.maxcost is unknown; did you mean \"max_cost\"?"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\nmodel = []",
       "4:1: providers[0].model is unknown; providers.models is meant; write models = [\"…\"]"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\n[[providers.keys]]\nkey=\"k\"\nwieght = 1",
       "6:1: providers[0].keys[0].wieght is unknown; did you mean \"weight\"?"},
      {"\"a\\nb\" = 1",
       "1:1: a\\u000Ab is unknown; one of: server, timeouts, stream, routing, logging, health, "
       "cache, pricing, translation, ledger, metrics, otel, manage, grpc, prices, providers"},
      // Types.
      {"server = 1", "1:10: server is an integer; a table ([server]) is needed"},
      {"providers = {}", "1:1: providers is a table; write [[providers]], in two brackets"},
      {"providers = [1]",
       "1:13: providers is an array of other things than tables; write [[providers]] and below it "
       "its settings, for each of them"},
      {"[server]\nlisten = 8787",
       "2:10: server.listen is an integer; a string is needed; write listen = \"127.0.0.1:8787\""},
      {"[server]\nlisten = 9000",
       "2:10: server.listen is an integer; a string is needed; write listen = \"127.0.0.1:9000\""},
      {"[server]\nlisten = -1",
       "2:10: server.listen is an integer; a string is needed; write listen = \"127.0.0.1:8787\""},
      {"[server]\nworkers = \"2\"",
       "2:11: server.workers is a string; an integer from 1 to 64 is needed"},
      {"[server]\nworkers = 2.0",
       "2:11: server.workers is a float; an integer from 1 to 64 is needed"},
      {"[server]\npassthrough = 1",
       "2:15: server.passthrough is an integer; true or false is needed"},
      {"[server.auth]\napi_key = 12345",
       "2:11: server.auth.api_key is an integer; a string is needed"},
      {"[logging]\nlevel = 1979-05-27", "2:9: logging.level is a date or time; a string is needed"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\nmodels = [\"m\", 1]",
       "4:16: providers[0].models[1] is an integer; a string is needed"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\nheaders = { a = true }",
       "4:17: providers[0].headers.a is a boolean; a string is needed"},
      {"[cache]\nmode = 1", "2:8: cache.mode is an integer; a string is needed"},
      {"[cache]\nristretto.max_cost = \"1\"",
       "2:22: cache.ristretto.max_cost is a string; an integer from 0 to 1099511627776 is needed"},
      {"[health.health_check]\nenabled = 1",
       "2:11: health.health_check.enabled is an integer; true or false is needed"},
      {"[health.health_check]\ninterval_ms = \"10s\"",
       "2:15: health.health_check.interval_ms is a string; an integer from 100 to 86400000 is "
       "needed"},
      {"[routing]\naffinity = false", "2:12: routing.affinity is a boolean; a string is needed"},
      {"[routing]\nmodel_fallback = \"on\"",
       "2:18: routing.model_fallback is a string; true or false is needed"},
      {"[routing]\ndefault_provider = []",
       "2:20: routing.default_provider is an array; a string is needed"},
      {"[routing]\nmodel_mapping = \"a\"",
       "2:17: routing.model_mapping is a string; a table ([routing.model_mapping]) is needed"},
      {"[routing.model_mapping]\nclaude = 1",
       "2:10: routing.model_mapping.claude is an integer; a string is needed"},
      {"[routing.model_mapping]\nglm-4.7 = \"zai\"",
       "2:1: routing.model_mapping.glm-4 is a table; a string is needed; a name that contains a "
       "\".\" stands in quotes"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\nmodel_mapping.glm-4.7 = \"b\"",
       "4:15: providers[0].model_mapping.glm-4 is a table; a string is needed; a name that "
       "contains a \".\" stands in quotes"},
      // Ranges.
      {"[server]\nworkers = 65", "2:11: server.workers 65 is out of range; allowed: 1 to 64"},
      {"[server]\ntimeout_ms = -1",
       "2:14: server.timeout_ms -1 is out of range; allowed: 0 to 86400000"},
      {"[server]\ntimeout_ms = 86400001",
       "2:14: server.timeout_ms 86400001 is out of range; allowed: 0 to 86400000"},
      {"[server]\nmax_concurrent = 4294967297",
       "2:18: server.max_concurrent 4294967297 is out of range; allowed: 0 to 1000000"},
      {"[routing]\nmax_attempts = 0",
       "2:16: routing.max_attempts 0 is out of range; allowed: 1 to 32"},
      {"[stream]\nbuffer_bytes = 16383",
       "2:16: stream.buffer_bytes 16383 is out of range; allowed: 16384 to 1073741824"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\nconnect_ms = -1",
       "4:14: providers[0].connect_ms -1 is out of range; allowed: 1 to 86400000"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\nmax_in_flight = -1",
       "4:17: providers[0].max_in_flight -1 is out of range; allowed: 0 to 1000000"},
      {"[routing]\nrace = 0", "2:8: routing.race 0 is out of range; allowed: 1 to 8"},
      {"[routing]\nrace = 9", "2:8: routing.race 9 is out of range; allowed: 1 to 8"},
      {"[routing]\nconversations_max = 1000001",
       "2:21: routing.conversations_max 1000001 is out of range; allowed: 0 to 1000000"},
      {"[routing]\nsignatures_max = 10000001",
       "2:18: routing.signatures_max 10000001 is out of range; allowed: 0 to 10000000"},
      {"[health.health_check]\ninterval_ms = -1",
       "2:15: health.health_check.interval_ms -1 is out of range; allowed: 100 to 86400000, or 0 "
       "for the default"},
      {"[health.health_check]\ninterval_ms = 99",
       "2:15: health.health_check.interval_ms 99 is out of range; allowed: 100 to 86400000, or 0 "
       "for the default"},
      {"[health.circuit_breaker]\nfailure_threshold = -1",
       "2:21: health.circuit_breaker.failure_threshold -1 is out of range; allowed: 1 to 1000000, "
       "or 0 for the default"},
      {"[health.circuit_breaker]\nopen_duration_ms = 86400001",
       "2:20: health.circuit_breaker.open_duration_ms 86400001 is out of range; allowed: 1 to "
       "86400000, or 0 for the default"},
      {"[health.circuit_breaker]\nhalf_open_probes = 1001",
       "2:20: health.circuit_breaker.half_open_probes 1001 is out of range; allowed: 1 to 1000, or "
       "0 for the default"},
      {"[cache]\nristretto.max_cost = -1",
       "2:22: cache.ristretto.max_cost -1 is out of range; allowed: 0 to 1099511627776"},
      // Words.
      {"[routing]\nstrategy = \"fail-over\"",
       "2:12: routing.strategy \"fail-over\" is unknown; did you mean \"failover\"? (one of: "
       "failover, round_robin, weighted_round_robin, shuffle, least_loaded, weighted_failover, "
       "latency_based, cost_based, model_based)"},
      {"[routing]\naffinity = \"conversations\"",
       "2:12: routing.affinity \"conversations\" is unknown; did you mean \"conversation\"? (one "
       "of: conversation, none)"},
      {"[routing]\naffinity = \"\"",
       "2:12: routing.affinity \"\" is unknown; one of: conversation, none"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\npooling.strategy = \"round-robin\"",
       "4:20: providers[0].pooling.strategy \"round-robin\" is unknown; did you mean "
       "\"round_robin\"? (one of: least_loaded, round_robin, random, weighted)"},
      {"[logging]\nlevel = \"warning\"",
       "2:9: logging.level \"warning\" is unknown; one of: debug, info, warn, error"},
      {"[logging]\nlevel = \"Info\"",
       "2:9: logging.level \"Info\" is unknown; did you mean \"info\"? (one of: debug, info, warn, "
       "error)"},
      {"[logging]\nformat = \"jsn\"",
       "2:10: logging.format \"jsn\" is unknown; did you mean \"json\"? (one of: auto, json, text, "
       "console, pretty)"},
      {"[cache]\nmode = \"disable\"",
       "2:8: cache.mode \"disable\" is unknown; did you mean \"disabled\"? (one of: single, "
       "disabled)"},
      {"[[providers]]\nname = \"a\"\ntype = \"antropic\"",
       "3:8: providers[0].type \"antropic\" is unknown; did you mean \"anthropic\"? (one of: "
       "anthropic, zai, minimax, ollama, azure, bedrock, vertex, anthropic_aws, openai, "
       "azure_openai, gemini, gemini_vertex)"},
      {"[[providers]]\nname = \"a\"\ntype = \"ollama\"\ncredentials = \"client\"",
       "4:15: providers[0].credentials \"client\" is unknown; one of: auto, configured, "
       "passthrough"},
      // Together.
      {"[server]\napi_key = \"canary\"\nauth.api_key = \"canary\"",
       "3:6: server.auth.api_key is given twice; remove server.api_key, its older name"},
      {"[server]\nlisten = \":80\"",
       "2:10: server.listen \":80\" can be reached from other machines, and nothing says who may "
       "use it; set server.auth.api_key (or another of server.auth), listen on 127.0.0.1, or set "
       "server.allow_public_without_auth = true"},
      {"[server]\nlisten = \":80\"\nauth.api_key = \"${NOT_SET}\"",
       "3:16: server.auth.api_key: environment variable NOT_SET is not set; set it, or write "
       "${NOT_SET:-default}"},
      {"[[providers]]\ntype = \"ollama\"",
       "1:1: providers[0].name is missing; give the provider a name of its own"},
      {"[[providers]]\nname = \"a\"",
       "1:1: providers[0].type is missing; write one of: anthropic, zai, minimax, ollama, "
       "azure, bedrock, vertex, anthropic_aws, openai, azure_openai, gemini, gemini_vertex"},
      {"[[providers]]\nname = \"a\"\ntype = \"zai\"",
       "1:1: providers[0].keys is missing, and type \"zai\" needs a key; add [[providers.keys]] "
       "with key = \"…\""},
      {"[[providers]]\nname = \"a\"\ntype = \"zai\"\n[[providers.keys]]\nkey = \"${X:-}\"",
       "5:7: providers[0].keys[0].key: environment variable X has no value, and no other provider "
       "is "
       "there to be asked; set it"},
      {"[[providers]]\nname = \"a\"\ntype = \"anthropic\"\n[[providers.keys]]\nweight = 1",
       "4:1: providers[0].keys[0].key is empty; give the key, or remove this entry"},
      // Expansion.
      {"[[providers]]\nname = \"a\"\ntype = \"zai\"\n[[providers.keys]]\nkey = \"${X}\"",
       "5:7: providers[0].keys[0].key: environment variable X is not set; set it, or write "
       "${X:-default}"},
      {"[server]\nlisten = \"${\"",
       "2:10: server.listen: \"${\" has no closing \"}\"; add it, or write $${ for the characters "
       "themselves"},
      // TOML itself.
      {"[ $",
       "1:3: not valid TOML: Error while parsing key: expected bare key starting character or "
       "string delimiter, saw '$'"},
      {"[server\n",
       "1:8: not valid TOML: Error while parsing table header: expected ']', saw '\\n'"},
  };
  for (const auto& [toml, message] : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml) == "c.toml:" + message);
  }
}

TEST_CASE("each limit of a key has a range that is said", "[config]") {
  const std::string key =
      "[[providers]]\nname = \"a\"\ntype = \"ollama\"\n[[providers.keys]]\nkey = \"k\"\n";
  for (const std::string limit : {"rpm_limit", "itpm_limit", "otpm_limit", "tpm_limit"}) {
    const auto said = [&](const std::string& value) {
      return said_about(key + limit + " = " + value);
    };
    const std::string path = "providers[0].keys[0]." + limit;
    const auto place = "c.toml:6:" + std::to_string(limit.size() + 4) + ": ";
    CHECK(said("0") == "ok");
    CHECK(said("1000000000") == "ok");
    CHECK(said("-1") == place + path + " -1 is out of range; allowed: 0 to 1000000000");
    CHECK(said("1000000001") ==
          place + path + " 1000000001 is out of range; allowed: 0 to 1000000000");
    CHECK(said("\"60\"") ==
          place + path + " is a string; an integer from 0 to 1000000000 is needed");
  }
  CHECK(
      said_about(key + "max_in_flight = -1") ==
      "c.toml:6:17: providers[0].keys[0].max_in_flight -1 is out of range; allowed: 0 to 1000000");
}

TEST_CASE("all mistakes of a file are said at once, in its order", "[config]") {
  CHECK(said_about("[stream]\nhold_ms = -1\n"
                   "[server]\nlisten = \"nowhere\"\nworkers = 0\ncolour = \"red\"\n"
                   "[[providers]]\nname = \"a b\"\ntype = \"ollama\"\n"
                   "[[providers]]\nname = \"b\"\ntype = \"ollama\"\nbase_url = \"${HOST}\"\n") ==
        "c.toml:2:11: stream.hold_ms -1 is out of range; allowed: 0 to 86400000\n"
        "c.toml:4:10: server.listen \"nowhere\" is not an address to listen on; write host:port, "
        "[v6]:port or :port, with a port from 0 to 65535, or unix:/path\n"
        "c.toml:5:11: server.workers 0 is out of range; allowed: 1 to 64\n"
        "c.toml:6:1: server.colour is unknown; one of: listen, api_key, unix_mode, "
        "unix_owner, trusted_proxies, hosts, tls, auth, workers, timeout_ms, "
        "max_concurrent, max_connections, max_connections_per_address, max_body_bytes, "
        "max_buffered_body_bytes, max_header_bytes, max_headers, max_connection_age_ms, "
        "http2_max_streams, "
        "http2_frame_budget, shutdown_grace_ms, shutdown_idle_ms, shutdown_timeout_ms, "
        "enable_http2, reuse_port, passthrough, watch_config, "
        "allow_public_without_auth\n"
        "c.toml:8:8: providers[0].name \"a b\" is not a name; allowed: 1 to 64 letters, digits, "
        "\".\", \"_\" and \"-\"\n"
        "c.toml:13:12: providers[1].base_url: environment variable HOST is not set; set it, or "
        "write ${HOST:-default}");
}

TEST_CASE("a secret never stands in an error", "[config]") {
  const std::string provider = "[[providers]]\nname = \"a\"\ntype = \"zai\"\n";
  const std::string cases[] = {
      "[server.auth]\napi_key = canary\n",
      "[server.auth]\napi_key = 'canary' canary\n",
      "[server.auth]\napi_key = \"canary\n",
      "[server.auth]\napi_key = \"canary\\qcanary\"\n",
      "[server.auth]\napi_key = [\"canary\"]\n",
      "[server.auth]\napi_key = \"canary${\"\n",
      "[server.auth]\napi_key = \"${canary-1}\"\n",
      "[server.auth]\napi_key = \"canary\\n\"\nbearer_secret = \" canary\"\n",
      "[server]\napi_key = \"canary\"\nauth.api_key = \"canary\"\n",
      provider + "[[providers.keys]]\nkey = \"canary \\u0000\"\n",
      provider + "[[providers.keys]]\nkey = [\"canary\"]\n",
      provider + "keys = [\"canary\"]\n",
      provider + "keys = \"canary\"\n",
      provider + "[providers.headers]\nx-a = \"canary\\r\\n\"\n",
      provider + "[providers.headers]\n\"x-a: canary\" = \"canary\"\n",
      provider + "headers = \"canary\"\n",
      provider + "base_url = \"https://user:canary@host\"\n",
      provider + "base_url = \"https://user:canary/x@host\"\n",
      provider + "proxy = \"socks5://user:canary@host\"\n",
      provider + "proxy = \"http://user:canary@host:0\"\n",
      provider + "azure_client_secret = \"canary\"\n",
  };
  for (const auto& toml : cases) {
    CAPTURE(toml);
    const auto said = said_about(toml);
    CHECK(said != "ok");
    CHECK(said.find("canary") == std::string::npos);
  }
}

TEST_CASE("an unwritten number too large for TOML is not quoted", "[config]") {
  CHECK(said_about("[server.auth]\napi_key = 99999999999999999999\n").find("999") ==
        std::string::npos);
}

TEST_CASE("a key in another script is a mistake like any other", "[config]") {
  CHECK(said_about("[server\u031Eauth]\n").starts_with("c.toml:1:"));
  CHECK(said_about("\u00E9 = 1\n").starts_with("c.toml:1:"));
  CHECK(said_about("# \u00E9\u031E\n") == "ok");
}

TEST_CASE("a key of endlessly many parts is refused before it is parsed", "[config]") {
  std::string key = "a";
  for (int i = 0; i < 200'000; ++i) key += ".a";
  const std::string message = "c.toml:2:1: a key has too many parts; no setting has more than five";
  CHECK(said_about("\n" + key + " = 1") == message);
  CHECK(said_about("\n[" + key + "]") == message);
  CHECK(said_about("\n\"\\\"\"." + key + " = 1") == message);
  CHECK(said_about("# " + key + "\n[logging]\noutput = \"" + key + "\"") == "ok");
}
