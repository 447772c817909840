#include "api/json.hpp"

namespace ccrelay::api {

void append_json(std::string& out, const management::Caller& caller) {
  JsonObject{out}("name", caller.name)("role", caller.role);
}

void append_json(std::string& out, const management::ServerInfo& info,
                 const management::Caller& caller) {
  JsonObject object(out);
  object("name", info.name)("version", info.version)("api_revision", info.api_revision);
  object("start_time", info.start_time)("pid", info.pid)("hostname", info.hostname);
  object("workers", info.workers)("listen_addresses", info.listen_addresses);
  object("management_addresses", info.management_addresses);
  object("config_source", info.config_source)("config_load_time", info.config_load_time);
  object("config_generation", info.config_generation)("features", info.features);
  object("caller", caller)("ledger_path", info.ledger_path);
}

void append_json(std::string& out, const management::Rates& rates) {
  JsonObject{out}("requests_per_second", rates.requests_per_second)("failures_per_second",
                                                                    rates.failures_per_second)(
      "input_tokens_per_second", rates.input_tokens_per_second)("output_tokens_per_second",
                                                                rates.output_tokens_per_second);
}

void append_json(std::string& out, const management::TokenUsage& usage) {
  JsonObject object(out);
  object("input_tokens", usage.input_tokens)("output_tokens", usage.output_tokens);
  object("cache_write_tokens", usage.cache_write_tokens);
  object("cache_read_tokens", usage.cache_read_tokens);
  object("cache_write_1h_tokens", usage.cache_write_1h_tokens);
  object("web_searches", usage.web_searches);
}

void append_json(std::string& out, const management::Cost& cost) {
  JsonObject object(out);
  object("nano_usd", cost.nano_usd)("unpriced_requests", cost.unpriced_requests);
  object("client_paid_nano_usd", cost.client_paid_nano_usd);
}

void append_json(std::string& out, const management::Totals& totals) {
  JsonObject object(out);
  object("requests", totals.requests)("failed", totals.failed)("client_gone", totals.client_gone);
  object("retried", totals.retried)("attempts", totals.attempts)("usage", totals.usage);
  object("cost", totals.cost)("partial", totals.partial)("without_usage", totals.without_usage);
}

void append_json(std::string& out, const management::Latency& latency) {
  JsonObject object(out);
  object("count", latency.count)("p50_us", latency.p50_us)("p90_us", latency.p90_us);
  object("p99_us", latency.p99_us);
}

void append_json(std::string& out, const management::Sample& sample) {
  JsonObject object(out);
  object("time", sample.time)("requests", sample.requests)("failed", sample.failed);
  object("input_tokens", sample.input_tokens)("output_tokens", sample.output_tokens);
  object("in_flight_max", sample.in_flight_max);
}

void append_json(std::string& out, const management::Process& process) {
  JsonObject object(out);
  object("rss_bytes", process.rss_bytes)("cpu_ms", process.cpu_ms);
  object("client_connections", process.client_connections);
  object("upstream_idle_connections", process.upstream_idle_connections);
  object("buffered_body_bytes", process.buffered_body_bytes);
  object("loop_lag_max_us", process.loop_lag_max_us);
  object("subscribers", process.subscribers)("events_dropped", process.events_dropped);
}

void append_json(std::string& out, const management::ProviderCounts& counts) {
  JsonObject object(out);
  object("configured", counts.configured)("available", counts.available)("broken", counts.broken);
  object("limited", counts.limited)("disabled", counts.disabled);
}

void append_json(std::string& out, const management::Status& status) {
  JsonObject object(out);
  object("time", status.time)("state", status.state)("uptime_ms", status.uptime_ms);
  object("in_flight", status.in_flight)("streaming", status.streaming)("rates", status.rates);
  object("totals", status.totals)("today", status.today)("first_byte", status.first_byte)(
      "total", status.total);
  object("history", status.history)("process", status.process)("providers", status.providers);
  object("config_generation", status.config_generation);
}

}  // namespace ccrelay::api
