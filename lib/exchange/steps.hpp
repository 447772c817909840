#pragma once

#include <ccrelay/observer.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/client_request.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// Whether somebody wants to know the decisions about requests: whoever watches and keeps up, or
/// has looked at one, the log at debug, or manage.trace. All that is paid for them while nobody
/// does.
bool wants_steps(const worker::Tools& tools);

/// Texts in a row. With each request that somebody watches some are made that few will read.
std::string in_a_row(std::initializer_list<std::string_view> texts);

/// A decision about a request, for the log at debug and for its trace. `event` is one of the fixed
/// words of management::TraceStep; these and the fields' names are literals.
void tell_step(worker::Tools& tools, const ClientRequest& request, std::string_view event,
               std::string message, std::vector<Note::Field> fields = {});
/// The same for the trace alone.
void keep_step(worker::Tools& tools, const ClientRequest& request, std::string_view event,
               std::string message, std::vector<Note::Field> fields = {});

}  // namespace ccrelay::exchange
