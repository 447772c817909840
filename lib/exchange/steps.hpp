#pragma once

#include <ccrelay/observer.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "exchange/client_request.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// Whether somebody wants to know the decisions about requests: whoever watches or has looked at
/// one, the log at debug, or manage.trace. All that is paid for them while nobody does.
bool wants_steps(const worker::Tools& tools);

/// A decision about a request, for the log at debug and for its trace. `event` is one of the fixed
/// words of management::TraceStep.
void tell_step(worker::Tools& tools, const ClientRequest& request, std::string_view event,
               std::string message, std::vector<Note::Field> fields = {});
/// The same for the trace alone.
void keep_step(worker::Tools& tools, const ClientRequest& request, std::string_view event,
               std::string message, const std::vector<Note::Field>& fields = {});

}  // namespace ccrelay::exchange
