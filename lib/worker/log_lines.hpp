#pragma once

#include <ccrelay/manage_logs.hpp>
#include <ccrelay/manage_types.hpp>
#include <ccrelay/observer.hpp>

namespace ccrelay::worker {

/// What the log says, in the words of the management.
management::LogLine line_of(const Note& note);
/// Of a request that has ended. One that was relayed has an id.
management::LogLine line_of(const management::Request& request, Level level);
/// error for 5xx and broken streams, warn for 4xx, else info.
Level level_of(const management::Request& request);
management::LogLevel told(Level level);

}  // namespace ccrelay::worker
