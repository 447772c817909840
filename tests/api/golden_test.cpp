#include <chrono>
#include <string>

#include "api/json.hpp"
#include "catch.hpp"

// Each field has the value of its own: messages whose values tell them apart, printed whole.

using namespace ccrelay;
using namespace ccrelay::management;

namespace {

std::string json(const auto& value) {
  std::string out;
  api::append_json(out, value);
  return out;
}

WallTime at(int second) {
  return WallTime(std::chrono::seconds(1'769'850'000 + second));
}

const Totals totals{1, 2, 3, 4, 5, {6, 7, 8, 9, 10, 11}, {12, 13, 14}, 15, 16};
const std::string totals_json =
    R"({"requests":1,"failed":2,"client_gone":3,"retried":4,"attempts":5,"usage":{"input_tokens":6,)"
    R"("output_tokens":7,"cache_write_tokens":8,"cache_read_tokens":9,"cache_write_1h_tokens":10,)"
    R"("web_searches":11},"cost":{"nano_usd":12,"unpriced_requests":13,"client_paid_nano_usd":14},)"
    R"("partial":15,"without_usage":16})";

}  // namespace

TEST_CASE("a status, whole") {
  Status status;
  status.time = at(1);
  status.state = ServerState::draining;
  status.uptime_ms = 2;
  status.in_flight = 3;
  status.streaming = 4;
  status.rates = {5.5, 6.5, 7.5, 8.5};
  status.totals = totals;
  status.first_byte = {10, 11, 12, 13};
  status.total = {14, 15, 16, 17};
  status.history = {{at(2), 18, 19, 20, 21, 22}};
  status.process.rss_bytes = 23;
  status.process.cpu_ms = 24;
  status.process.client_connections = 25;
  status.process.upstream_idle_connections = 26;
  status.process.buffered_body_bytes = 27;
  status.process.loop_lag_max_us = 28;
  status.process.subscribers = 29;
  status.process.events_dropped = 30;
  status.providers = {31, 32, 33, 34, 35};
  status.config_generation = 36;
  CHECK(json(status) ==
        R"({"time":"2026-01-31T09:00:01Z","state":"SERVER_STATE_DRAINING","uptime_ms":2,)"
        R"("in_flight":3,"streaming":4,"rates":{"requests_per_second":5.5,)"
        R"("failures_per_second":6.5,"input_tokens_per_second":7.5,)"
        R"("output_tokens_per_second":8.5},"totals":)" +
            totals_json +
            R"(,"today":null,"first_byte":{"count":10,"p50_us":11,"p90_us":12,"p99_us":13},)"
            R"("total":{"count":14,"p50_us":15,"p90_us":16,"p99_us":17},"history":[{)"
            R"("time":"2026-01-31T09:00:02Z","requests":18,"failed":19,"input_tokens":20,)"
            R"("output_tokens":21,"in_flight_max":22}],"process":{"rss_bytes":23,"cpu_ms":24,)"
            R"("client_connections":25,"upstream_idle_connections":26,"buffered_body_bytes":27,)"
            R"("loop_lag_max_us":28,"subscribers":29,"events_dropped":30},"providers":{)"
            R"("configured":31,"available":32,"broken":33,"limited":34,"disabled":35},)"
            R"("config_generation":36})");
}

TEST_CASE("a provider, whole") {
  management::Provider provider;
  provider.name = "a";
  provider.type = "b";
  provider.base_url = "c";
  provider.models = {"d", "e"};
  provider.priority = 1;
  provider.weight = 2;
  provider.admin_state = AdminState::draining;
  provider.admin_override = AdminOverride{AdminState::disabled, "f", "g", at(1), at(2)};
  provider.health = ProviderHealth::limited;
  provider.breaker = {BreakerState::half_open, 3, 4, 5, 6};
  provider.in_flight = 7;
  provider.in_flight_limit = 8;
  provider.conversations = 9;
  provider.first_byte_us = 10;
  provider.totals = totals;
  provider.outcomes = {{Outcome::timed_out, 11}};
  provider.failure_ratio = 0.12;
  provider.last_error = LastError{at(3), Outcome::failed, 13, "h", "i"};
  provider.keys = {"j"};
  provider.identity = CloudIdentity{"k", "l", at(4), "m"};
  provider.dialects = {"n", "o"};
  CHECK(json(provider) ==
        R"({"name":"a","type":"b","base_url":"c","models":["d","e"],"priority":1,"weight":2,)"
        R"("admin_state":"ADMIN_STATE_DRAINING","admin_override":{"state":"ADMIN_STATE_DISABLED",)"
        R"("set_by":"f","reason":"g","set_time":"2026-01-31T09:00:01Z",)"
        R"("expire_time":"2026-01-31T09:00:02Z"},"health":"PROVIDER_HEALTH_LIMITED","breaker":{)"
        R"("state":"BREAKER_STATE_HALF_OPEN","failures":3,"failure_threshold":4,)"
        R"("half_open_in_ms":5,"opened":6},"in_flight":7,"in_flight_limit":8,"conversations":9,)"
        R"("first_byte_us":10,"totals":)" +
            totals_json +
            R"(,"outcomes":[{"outcome":"OUTCOME_TIMED_OUT","count":11}],"failure_ratio":0.12,)"
            R"("last_error":{"time":"2026-01-31T09:00:03Z","outcome":"OUTCOME_FAILED","status":13,)"
            R"("message":"h","id":"i"},"keys":["j"],"identity":{"state":"k","source":"l",)"
            R"("expire_time":"2026-01-31T09:00:04Z","error":"m"},"dialects":["n","o"]})");
}

TEST_CASE("a key, whole") {
  Key key;
  key.fingerprint = "a";
  key.name = "b";
  key.providers = {"c"};
  key.state = KeyState::cooling;
  key.admin_state = AdminState::enabled;
  key.cool_downs = {{"d", at(1)}};
  key.refused_until = at(2);
  key.in_flight = 1;
  key.in_flight_limit = 2;
  Budget budget;
  budget.kind = BudgetKind::output_tokens_per_minute;
  budget.used = 3;
  budget.limit = 4;
  budget.provider_limit = 5;
  budget.provider_remaining = 6;
  budget.provider_reset_time = at(3);
  budget.free_in_ms = 7;
  key.budgets = {budget};
  key.plan_windows = {{"e", 0.5, at(4), "f"}};
  key.totals = totals;
  key.last_used_time = at(5);
  CHECK(json(key) ==
        R"({"fingerprint":"a","providers":["c"],"state":"KEY_STATE_COOLING",)"
        R"("admin_state":"ADMIN_STATE_ENABLED","admin_override":null,"cool_downs":[{"model":"d",)"
        R"("expire_time":"2026-01-31T09:00:01Z"}],"refused_until":"2026-01-31T09:00:02Z",)"
        R"("in_flight":1,"in_flight_limit":2,"budgets":[{)"
        R"("kind":"BUDGET_KIND_OUTPUT_TOKENS_PER_MINUTE","used":3,"limit":4,"provider_limit":5,)"
        R"("provider_remaining":6,"provider_reset_time":"2026-01-31T09:00:03Z","free_in_ms":7}],)"
        R"("plan_windows":[{"name":"e","utilization":0.5,"reset_time":"2026-01-31T09:00:04Z",)"
        R"("status":"f"}],"totals":)" +
            totals_json +
            R"(,"last_error":null,"last_used_time":"2026-01-31T09:00:05Z","name":"b"})");
}

TEST_CASE("a client, whole") {
  Client client;
  client.name = "a";
  client.kind = ClientKind::shared_secret;
  client.in_flight = 1;
  client.totals = totals;
  client.month = totals;
  client.allowed_models = {"b"};
  client.allowed_providers = {"c"};
  client.limited = 2;
  client.last_seen_time = at(1);
  CHECK(json(client) == R"({"name":"a","kind":"CLIENT_KIND_SHARED_SECRET","in_flight":1,)"
                        R"("budgets":[],"totals":)" +
                            totals_json + R"(,"today":null,"month":)" + totals_json +
                            R"(,"allowed_models":["b"],"allowed_providers":["c"],"limited":2,)"
                            R"("last_seen_time":"2026-01-31T09:00:01Z"})");
}

TEST_CASE("a request, whole") {
  Request request;
  request.id = "a";
  request.request_id = "b";
  request.session = "c";
  request.client = "d";
  request.client_address = "e";
  request.method = "f";
  request.path = "g";
  request.model = "h";
  request.model_sent = "i";
  request.stream = true;
  request.state = RequestState::ended;
  request.provider = "j";
  request.key = "k";
  request.attempt_count = 1;
  request.start_time = at(1);
  request.duration_us = 2;
  request.first_byte_us = 3;
  request.request_bytes = 4;
  request.response_bytes = 5;
  request.usage = {6, 7, 8, 9, 10, 11};
  request.cost = {12, 13, 14};
  request.status = 15;
  request.ending = Ending::broken;
  request.error = "l";
  request.attempts = {
      {16, "m", "n", "o", Outcome::stream_broken, 17, "p", 18, 19, 20, 21, "w", "x"}};
  request.trace = {{22, "q", "r", {{"s", "t"}, {"u", "v"}}}};
  request.traced = true;
  request.pings = 23;
  request.dialect = "y";
  CHECK(
      json(request) ==
      R"({"id":"a","request_id":"b","session":"c","client":"d","client_address":"e",)"
      R"("method":"f","path":"g","model":"h","model_sent":"i","stream":true,)"
      R"("state":"REQUEST_STATE_ENDED","provider":"j","key":"k","attempt_count":1,)"
      R"("start_time":"2026-01-31T09:00:01Z","duration_us":2,"first_byte_us":3,)"
      R"("request_bytes":4,"response_bytes":5,"usage":{"input_tokens":6,"output_tokens":7,)"
      R"("cache_write_tokens":8,"cache_read_tokens":9,"cache_write_1h_tokens":10,)"
      R"("web_searches":11},"cost":{"nano_usd":12,"unpriced_requests":13,)"
      R"("client_paid_nano_usd":14},"status":15,"ending":"ENDING_BROKEN","error":"l",)"
      R"("attempts":[{"number":16,"provider":"m","key":"n","model":"o",)"
      R"("outcome":"OUTCOME_STREAM_BROKEN","status":17,"detail":"p","start_us":18,)"
      R"("connect_us":19,"first_byte_us":20,"duration_us":21,"dialect":"w","translated":"x"}],)"
      R"("trace":[{"at_us":22,"event":"q","message":"r","fields":{"s":"t","u":"v"}}],"traced":true,"pings":23,)"
      R"("dialect":"y"})");
}

TEST_CASE("what a configuration is, is worth and has become, whole") {
  const management::Setting setting{"a", "b", SettingOrigin::command_line, 1, true};
  CHECK(json(EffectiveConfig{"c", {setting}, "d", 2, at(1)}) ==
        R"({"toml":"c","settings":[{"path":"a","value":"b","origin":"SETTING_ORIGIN_COMMAND_LINE",)"
        R"("line":1,"needs_restart":true}],"source":"d","generation":2,)"
        R"("load_time":"2026-01-31T09:00:01Z"})");
  const Diagnostic diagnostic{Severity::warning, "e", 3, 4, "f", "g"};
  const management::ConfigChange change{"h", "i", "j", true, "k"};
  const std::string diagnostics =
      R"("diagnostics":[{"severity":"SEVERITY_WARNING","file":"e","line":3,"column":4,"path":"f",)"
      R"("message":"g"}])";
  const std::string changes =
      R"("changes":[{"path":"h","old_value":"i","new_value":"j","needs_restart":true,)"
      R"("words":"k"}])";
  CHECK(json(Validation{true, {diagnostic}, {change}}) ==
        R"({"valid":true,)" + diagnostics + ',' + changes + '}');
  CHECK(json(ReloadReport{5, {change}, {diagnostic}}) ==
        R"({"generation":5,)" + changes + ',' + diagnostics + '}');
}

TEST_CASE("the log, whole") {
  CHECK(json(LogLevelState{LogLevel::warn, LogLevel::error, at(1)}) ==
        R"({"level":"LOG_LEVEL_WARN","configured_level":"LOG_LEVEL_ERROR",)"
        R"("expire_time":"2026-01-31T09:00:01Z"})");
  CHECK(json(LogEvent(LogLine{at(1), LogLevel::debug, "a", "b", "c", "d", {{"e", "f"}}})) ==
        R"({"line":{"time":"2026-01-31T09:00:01Z","level":"LOG_LEVEL_DEBUG","event":"a",)"
        R"("message":"b","id":"c","request_id":"d","fields":{"e":"f"}}})");
  CHECK(json(LogEvent(LinesLost{3})) == R"({"lost":3})");
}
