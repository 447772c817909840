#include "read.hpp"

#include <algorithm>
#include <utility>

#include "json_object.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::size_t seconds_max = 300;

Usage usage_of(const JsonObject& json) {
  return {json.number("input_tokens"), json.number("output_tokens"),
          json.number("cache_write_tokens"), json.number("cache_read_tokens")};
}

Totals totals_of(const JsonObject& json) {
  const JsonObject cost = json.object("cost");
  return {json.number("requests"), json.number("failed"),           json.number("client_gone"),
          json.number("retried"),  json.number("attempts"),         usage_of(json.object("usage")),
          cost.number("nano_usd"), cost.number("unpriced_requests")};
}

std::optional<Totals> totals_if_there(const JsonObject& json) {
  if (!json.is_there()) return {};
  return totals_of(json);
}

std::optional<AdminOverride> override_of(const JsonObject& json) {
  if (!json.is_there()) return {};
  return AdminOverride{json.text("set_by"), json.text("reason"), json.time("set_time"),
                       json.time("expire_time")};
}

std::optional<LastError> last_error_of(const JsonObject& json) {
  if (!json.is_there()) return {};
  LastError error{json.time("time"), json.word("outcome", "OUTCOME_"), json.number("status"),
                  json.text("message"), json.text("id")};
  if (!error.time) return {};
  return error;
}

Provider provider_of(const JsonObject& json) {
  Provider out;
  out.name = json.text("name");
  out.type = json.text("type");
  out.base_url = json.text("base_url");
  out.models = json.texts("models");
  out.priority = json.number("priority");
  out.weight = json.number("weight");
  out.admin_state = json.word("admin_state", "ADMIN_STATE_");
  out.admin_override = override_of(json.object("admin_override"));
  out.health = json.word("health", "PROVIDER_HEALTH_");
  const JsonObject breaker = json.object("breaker");
  out.failures = breaker.number("failures");
  out.failure_threshold = breaker.number("failure_threshold");
  out.half_open_in_ms = breaker.number("half_open_in_ms");
  out.opened = breaker.number("opened");
  out.in_flight = json.number("in_flight");
  out.in_flight_limit = json.number("in_flight_limit");
  out.conversations = json.number("conversations");
  out.first_byte_us = json.number("first_byte_us");
  out.totals = totals_of(json.object("totals"));
  out.failure_ratio = json.real("failure_ratio");
  out.last_error = last_error_of(json.object("last_error"));
  out.keys = json.texts("keys");
  const JsonObject identity = json.object("identity");
  out.identity_state = identity.text("state");
  out.identity_source = identity.text("source");
  out.identity_error = identity.text("error");
  out.identity_expire_time = identity.time("expire_time");
  out.dialects = json.texts("dialects");
  return out;
}

std::vector<Budget> budgets_of(const JsonObject& json) {
  std::vector<Budget> out;
  for (const JsonObject& each : json.list("budgets")) {
    out.push_back({each.word("kind", "BUDGET_KIND_"), each.number("used"), each.number("limit"),
                   each.number("provider_limit"), each.number("provider_remaining"),
                   each.number("free_in_ms")});
  }
  return out;
}

Key key_of(const JsonObject& json) {
  Key out;
  out.fingerprint = json.text("fingerprint");
  out.name = json.text("name");
  out.providers = json.texts("providers");
  out.state = json.word("state", "KEY_STATE_");
  out.admin_state = json.word("admin_state", "ADMIN_STATE_");
  out.admin_override = override_of(json.object("admin_override"));
  for (const JsonObject& each : json.list("cool_downs")) {
    out.cool_downs.push_back({each.text("model"), each.time("expire_time")});
  }
  out.refused_until = json.time("refused_until");
  out.in_flight = json.number("in_flight");
  out.in_flight_limit = json.number("in_flight_limit");
  out.budgets = budgets_of(json);
  for (const JsonObject& each : json.list("plan_windows")) {
    out.plan_windows.push_back({each.text("name"), each.text("status"), each.real("utilization"),
                                each.time("reset_time")});
  }
  out.totals = totals_of(json.object("totals"));
  out.last_error = last_error_of(json.object("last_error"));
  out.last_used_time = json.time("last_used_time");
  return out;
}

Client client_of(const JsonObject& json) {
  Client out;
  out.name = json.text("name");
  out.kind = json.word("kind", "CLIENT_KIND_");
  out.in_flight = json.number("in_flight");
  out.budgets = budgets_of(json);
  out.totals = totals_of(json.object("totals"));
  out.today = totals_if_there(json.object("today"));
  out.month = totals_if_there(json.object("month"));
  out.allowed_models = json.texts("allowed_models");
  out.allowed_providers = json.texts("allowed_providers");
  out.limited = json.number("limited");
  out.last_seen_time = json.time("last_seen_time");
  return out;
}

template <class Item, class Read>
bool read_page(std::string_view body, const char* name, std::vector<Item>& append,
               std::string& more, Read read) {
  simdjson::dom::parser parser;
  const JsonObject json = parse(parser, body);
  if (!json.is_there()) return false;
  for (const JsonObject& each : json.list(name)) append.push_back(read(each));
  more = json.text("next_page_token");
  return true;
}

}  // namespace

JsonObject parse(simdjson::dom::parser& parser, std::string_view body) {
  simdjson::dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return {};
  return JsonObject(root);
}

bool read_info(std::string_view body, Info& into) {
  simdjson::dom::parser parser;
  const JsonObject json = parse(parser, body).object("info");
  if (!json.is_there()) return false;
  Info out;
  out.version = json.text("version");
  out.api_revision = json.number("api_revision");
  out.start_time = json.time("start_time");
  out.pid = json.number("pid");
  out.hostname = json.text("hostname");
  out.listen_addresses = json.texts("listen_addresses");
  out.config_source = json.text("config_source");
  out.ledger_path = json.text("ledger_path");
  out.config_load_time = json.time("config_load_time");
  out.features = json.texts("features");
  out.caller = json.object("caller").text("name");
  out.role = json.object("caller").word("role", "ROLE_");
  into = std::move(out);
  return true;
}

bool read_status(std::string_view body, Model& model) {
  simdjson::dom::parser parser;
  const JsonObject json = parse(parser, body).object("status");
  if (!json.is_there()) return false;
  Status out;
  out.time = json.time("time");
  out.state = json.word("state", "SERVER_STATE_");
  out.uptime_ms = json.number("uptime_ms");
  out.in_flight = json.number("in_flight");
  out.streaming = json.number("streaming");
  const JsonObject rates = json.object("rates");
  out.requests_per_second = rates.real("requests_per_second");
  out.failures_per_second = rates.real("failures_per_second");
  out.input_tokens_per_second = rates.real("input_tokens_per_second");
  out.output_tokens_per_second = rates.real("output_tokens_per_second");
  out.totals = totals_of(json.object("totals"));
  out.today = totals_if_there(json.object("today"));
  const JsonObject first = json.object("first_byte");
  out.first_byte = {first.number("count"), first.number("p50_us"), first.number("p99_us")};
  const JsonObject process = json.object("process");
  out.rss_bytes = process.number("rss_bytes");
  out.cpu_ms = process.number("cpu_ms");
  out.client_connections = process.number("client_connections");
  out.buffered_body_bytes = process.number("buffered_body_bytes");
  out.loop_lag_max_us = process.number("loop_lag_max_us");
  out.subscribers = process.number("subscribers");
  out.events_dropped = process.number("events_dropped");
  for (const JsonObject& each : json.list("history")) {
    const Sample sample{each.time("time").value_or(0), each.real("requests").value_or(0),
                        each.real("failed").value_or(0), each.real("input_tokens").value_or(0),
                        each.real("output_tokens").value_or(0)};
    // Of two with the same second the newer one is the whole one.
    while (!model.history.empty() && model.history.back().time >= sample.time) {
      model.history.pop_back();
    }
    model.history.push_back(sample);
    if (model.history.size() > seconds_max) model.history.pop_front();
  }
  const Status& before = model.status;
  if (out.cpu_ms && out.uptime_ms && *out.uptime_ms > 0) {
    const std::int64_t cpu_before = before.cpu_ms.value_or(0);
    const std::int64_t then = before.uptime_ms.value_or(0);
    const bool same = then < *out.uptime_ms && cpu_before <= *out.cpu_ms;
    model.cpu = same ? static_cast<double>(*out.cpu_ms - cpu_before) /
                           static_cast<double>(*out.uptime_ms - then)
                     : static_cast<double>(*out.cpu_ms) / static_cast<double>(*out.uptime_ms);
  } else {
    model.cpu.reset();
  }
  model.status = std::move(out);
  return true;
}

bool read_providers(std::string_view body, std::vector<Provider>& append, std::string& more) {
  return read_page(body, "providers", append, more, provider_of);
}

bool read_keys(std::string_view body, std::vector<Key>& append, std::string& more) {
  return read_page(body, "keys", append, more, key_of);
}

bool read_clients(std::string_view body, std::vector<Client>& append, std::string& more) {
  return read_page(body, "clients", append, more, client_of);
}

bool read_log_level(std::string_view body, Model& model) {
  simdjson::dom::parser parser;
  const JsonObject json = parse(parser, body);
  if (!json.is_there()) return false;
  model.log_level = json.word("level", "LOG_LEVEL_");
  const std::string configured = json.word("configured_level", "LOG_LEVEL_");
  if (!configured.empty()) model.configured_log_level = configured;
  return true;
}

bool read_log_event(std::string_view message, Model& model) {
  simdjson::dom::parser parser;
  const JsonObject json = parse(parser, message);
  if (!json.is_there()) return false;
  LogLine line;
  if (const JsonObject told = json.object("line"); told.is_there()) {
    line = {told.time("time"), told.word("level", "LOG_LEVEL_"), told.text("event"),
            told.text("message"), 0};
  } else if (const Number lost = json.number("lost"); lost && *lost > 0) {
    line.lost = *lost;
  } else {
    return true;  // a heartbeat
  }
  model.log.push_back(std::move(line));
  if (model.log.size() > log_lines_max) model.log.pop_front();
  return true;
}

ActionAnswer read_action(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ActionAnswer out;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return out;
  bool changed = true;
  simdjson::dom::array changes;  // of a reload
  if (root["changed"].get(changed) == simdjson::SUCCESS) out.changed = changed;
  if (root["changes"].get(changes) == simdjson::SUCCESS) out.changed = changes.size() > 0;
  out.warnings = JsonObject(root).texts("warnings");
  return out;
}

std::string read_error(std::string_view body) {
  simdjson::dom::parser parser;
  const JsonObject error = parse(parser, body).object("error");
  std::string out = error.text("message");
  for (const JsonObject& each : error.list("diagnostics")) {
    const std::string text = each.text("message");
    if (out.find(text) == std::string::npos) out += "; " + text;
  }
  return out;
}

std::string raw_member(std::string_view body, std::string_view member) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::element value;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
      root.at_key(member).get(value) != simdjson::SUCCESS) {
    return "null";
  }
  return simdjson::minify(value);
}

}  // namespace ccrelay::app::top
