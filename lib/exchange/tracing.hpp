#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/observer.hpp>

#include <string>
#include <string_view>

#include "exchange/client_request.hpp"
#include "worker/snapshot.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// Keeps what a client says of the trace that its request is part of, and where requests are
/// traced begins the relay's own span in it.
void begin_trace(worker::Tools& tools, const Headers& headers, RequestSummary& summary);

/// What an attempt tells a Telemetry beside the rest; where requests are traced its span as well.
void begin_span(worker::Tools& tools, const ClientRequest& request, const worker::Entry& entry,
                AttemptSummary& attempt);

/// In place of what the client says of its trace: so retries are told apart.
void write_trace(std::string_view traceparent, std::string_view tracestate, Headers& headers);

}  // namespace ccrelay::exchange
