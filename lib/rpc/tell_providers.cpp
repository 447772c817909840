#include <ccrelay/management/v1/management.pb.h>

#include "rpc/enums.hpp"
#include "rpc/tell.hpp"
#include "rpc/tell_parts.hpp"

namespace ccrelay::rpc {
namespace {

void tell(const management::Breaker& breaker, messages::Breaker& out) {
  out.set_state(told(breaker.state));
  out.set_failures(breaker.failures);
  out.set_failure_threshold(breaker.failure_threshold);
  if (breaker.half_open_in_ms) out.set_half_open_in_ms(*breaker.half_open_in_ms);
  out.set_opened(breaker.opened);
}

void tell(const management::CloudIdentity& identity, messages::CloudIdentity& out) {
  out.set_state(identity.state);
  out.set_source(identity.source);
  if (identity.expire_time) rpc::tell(*identity.expire_time, *out.mutable_expire_time());
  out.set_error(identity.error);
}

}  // namespace

void tell(const management::AdminOverride& override, messages::AdminOverride& out) {
  out.set_state(told(override.state));
  out.set_set_by(override.set_by);
  out.set_reason(override.reason);
  tell(override.set_time, *out.mutable_set_time());
  if (override.expire_time) tell(*override.expire_time, *out.mutable_expire_time());
}

void tell(const management::LastError& error, messages::LastError& out) {
  tell(error.time, *out.mutable_time());
  if (error.outcome) out.set_outcome(told(*error.outcome));
  out.set_status(error.status);
  out.set_message(error.message);
  out.set_id(error.id);
}

void tell(const management::Provider& provider, messages::Provider& out) {
  out.set_name(provider.name);
  out.set_type(provider.type);
  out.set_base_url(provider.base_url);
  for (const std::string& model : provider.models) out.add_models(model);
  out.set_priority(provider.priority);
  out.set_weight(provider.weight);
  out.set_admin_state(told(provider.admin_state));
  if (provider.admin_override) tell(*provider.admin_override, *out.mutable_admin_override());
  out.set_health(told(provider.health));
  tell(provider.breaker, *out.mutable_breaker());
  out.set_in_flight(provider.in_flight);
  out.set_in_flight_limit(provider.in_flight_limit);
  out.set_conversations(provider.conversations);
  if (provider.first_byte_us) out.set_first_byte_us(*provider.first_byte_us);
  tell(provider.totals, *out.mutable_totals());
  for (const management::OutcomeCount& count : provider.outcomes) {
    auto& told_count = *out.add_outcomes();
    told_count.set_outcome(told(count.outcome));
    told_count.set_count(count.count);
  }
  if (provider.failure_ratio) out.set_failure_ratio(*provider.failure_ratio);
  if (provider.last_error) tell(*provider.last_error, *out.mutable_last_error());
  for (const std::string& key : provider.keys) out.add_keys(key);
  if (provider.identity) tell(*provider.identity, *out.mutable_identity());
  for (const std::string& dialect : provider.dialects) out.add_dialects(dialect);
}

}  // namespace ccrelay::rpc
