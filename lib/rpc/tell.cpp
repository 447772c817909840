#include "rpc/tell.hpp"

#include <ccrelay/management/v1/management.pb.h>

#include <chrono>

#include "rpc/enums.hpp"

namespace ccrelay::rpc {

void tell(WallTime time, google::protobuf::Timestamp& out) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  out.set_seconds(seconds.count());
  out.set_nanos(static_cast<std::int32_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count()));
}

void tell(const management::TokenUsage& usage, messages::TokenUsage& out) {
  out.set_input_tokens(usage.input_tokens);
  out.set_output_tokens(usage.output_tokens);
  out.set_cache_write_tokens(usage.cache_write_tokens);
  out.set_cache_read_tokens(usage.cache_read_tokens);
  out.set_cache_write_1h_tokens(usage.cache_write_1h_tokens);
  out.set_web_searches(usage.web_searches);
}

void tell(const management::Cost& cost, messages::Cost& out) {
  out.set_nano_usd(cost.nano_usd);
  out.set_unpriced_requests(cost.unpriced_requests);
  out.set_client_paid_nano_usd(cost.client_paid_nano_usd);
}

void tell(const management::Totals& totals, messages::Totals& out) {
  out.set_requests(totals.requests);
  out.set_failed(totals.failed);
  out.set_client_gone(totals.client_gone);
  out.set_retried(totals.retried);
  out.set_attempts(totals.attempts);
  tell(totals.usage, *out.mutable_usage());
  tell(totals.cost, *out.mutable_cost());
  out.set_partial(totals.partial);
  out.set_without_usage(totals.without_usage);
}

void tell(const management::Budget& budget, messages::Budget& out) {
  out.set_kind(told(budget.kind));
  out.set_used(budget.used);
  out.set_limit(budget.limit);
  if (budget.provider_limit) out.set_provider_limit(*budget.provider_limit);
  if (budget.provider_remaining) out.set_provider_remaining(*budget.provider_remaining);
  if (budget.provider_reset_time) {
    tell(*budget.provider_reset_time, *out.mutable_provider_reset_time());
  }
  out.set_free_in_ms(budget.free_in_ms);
}

}  // namespace ccrelay::rpc
