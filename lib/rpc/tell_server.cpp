#include <ccrelay/management/v1/management.pb.h>

#include "rpc/enums.hpp"
#include "rpc/tell.hpp"

namespace ccrelay::rpc {
namespace {

void tell(const management::Rates& rates, messages::Rates& out) {
  out.set_requests_per_second(rates.requests_per_second);
  out.set_failures_per_second(rates.failures_per_second);
  out.set_input_tokens_per_second(rates.input_tokens_per_second);
  out.set_output_tokens_per_second(rates.output_tokens_per_second);
}

void tell(const management::Latency& latency, messages::Latency& out) {
  out.set_count(latency.count);
  out.set_p50_us(latency.p50_us);
  out.set_p90_us(latency.p90_us);
  out.set_p99_us(latency.p99_us);
}

void tell(const management::Sample& sample, messages::Sample& out) {
  rpc::tell(sample.time, *out.mutable_time());
  out.set_requests(sample.requests);
  out.set_failed(sample.failed);
  out.set_input_tokens(sample.input_tokens);
  out.set_output_tokens(sample.output_tokens);
  out.set_in_flight_max(sample.in_flight_max);
}

void tell(const management::Process& process, messages::Process& out) {
  out.set_rss_bytes(process.rss_bytes);
  out.set_cpu_ms(process.cpu_ms);
  out.set_client_connections(process.client_connections);
  out.set_upstream_idle_connections(process.upstream_idle_connections);
  out.set_buffered_body_bytes(process.buffered_body_bytes);
  out.set_loop_lag_max_us(process.loop_lag_max_us);
  out.set_subscribers(process.subscribers);
  out.set_events_dropped(process.events_dropped);
}

void tell(const management::ProviderCounts& counts, messages::ProviderCounts& out) {
  out.set_configured(counts.configured);
  out.set_available(counts.available);
  out.set_broken(counts.broken);
  out.set_limited(counts.limited);
  out.set_disabled(counts.disabled);
}

}  // namespace

void tell(const management::Caller& caller, messages::Caller& out) {
  out.set_name(caller.name);
  out.set_role(told(caller.role));
}

void tell(const management::ServerInfo& info, messages::ServerInfo& out) {
  out.set_name(info.name);
  out.set_version(info.version);
  out.set_api_revision(info.api_revision);
  tell(info.start_time, *out.mutable_start_time());
  out.set_pid(info.pid);
  out.set_hostname(info.hostname);
  out.set_workers(info.workers);
  for (const std::string& address : info.listen_addresses) out.add_listen_addresses(address);
  for (const std::string& address : info.management_addresses) {
    out.add_management_addresses(address);
  }
  out.set_config_source(info.config_source);
  tell(info.config_load_time, *out.mutable_config_load_time());
  out.set_config_generation(info.config_generation);
  for (const std::string& feature : info.features) out.add_features(feature);
  out.set_ledger_path(info.ledger_path);
}

void tell(const management::Status& status, messages::Status& out) {
  tell(status.time, *out.mutable_time());
  out.set_state(told(status.state));
  out.set_uptime_ms(status.uptime_ms);
  out.set_in_flight(status.in_flight);
  out.set_streaming(status.streaming);
  tell(status.rates, *out.mutable_rates());
  tell(status.totals, *out.mutable_totals());
  if (status.today) tell(*status.today, *out.mutable_today());
  tell(status.first_byte, *out.mutable_first_byte());
  tell(status.total, *out.mutable_total());
  for (const management::Sample& sample : status.history) tell(sample, *out.add_history());
  tell(status.process, *out.mutable_process());
  tell(status.providers, *out.mutable_providers());
  out.set_config_generation(status.config_generation);
}

}  // namespace ccrelay::rpc
