#include "exchange/tracing.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "http/trace_context.hpp"

namespace ccrelay::exchange {
namespace {

// By the trace's own id, as whoever else samples decides (W3C Trace Context level 2, "random trace
// id flag"; OpenTelemetry, "probability sampling"): the last 56 bits are compared.
bool is_sampled(std::uint64_t low, double ratio) {
  constexpr std::uint64_t all = 1ull << 56;
  const double share = std::clamp(ratio, 0.0, 1.0) * static_cast<double>(all);
  return (low & (all - 1)) >= all - static_cast<std::uint64_t>(share);
}

}  // namespace

void begin_trace(worker::Tools& tools, const Headers& headers, RequestSummary& summary) {
  http::TraceContext context = http::trace_context_of(headers);
  summary.traceparent = std::move(context.traceparent);
  summary.tracestate = std::move(context.tracestate);
  if (!tools.shared.sample_ratio) return;
  base::Rng& rng = tools.rng;
  if (!summary.traceparent.empty()) {
    summary.own_traceparent = http::child_traceparent(summary.traceparent, rng.next());
    return;
  }
  const std::uint64_t high = rng.next();
  const std::uint64_t low = rng.next();
  const bool sampled = is_sampled(low, *tools.shared.sample_ratio);
  summary.own_traceparent = http::new_traceparent(high, low, rng.next(), sampled);
}

void begin_span(worker::Tools& tools, const ClientRequest& request, const worker::Entry& entry,
                AttemptSummary& attempt) {
  attempt.provider_type = entry.config->type;
  attempt.server = entry.destination.origin;
  if (request.traceparent.empty()) return;
  attempt.traceparent = http::child_traceparent(request.traceparent, tools.rng.next());
}

void write_trace(std::string_view traceparent, std::string_view tracestate, Headers& headers) {
  headers.set("traceparent", traceparent);
  headers.remove("tracestate");
  if (!tracestate.empty()) headers.add("tracestate", tracestate);
}

}  // namespace ccrelay::exchange
