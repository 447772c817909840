#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/observer.hpp>

namespace ccrelay::front {

/// Keeps what a client says of the trace that its request is part of (W3C Trace Context): only a
/// well-formed `traceparent`, and `tracestate` with it alone.
void read_trace_context(const Headers& headers, RequestSummary& summary);

}  // namespace ccrelay::front
