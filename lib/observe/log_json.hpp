#pragma once

#include <ccrelay/observer.hpp>

#include <string>

namespace ccrelay::observe {

/// Appends one line of JSON, newline included. Every field is always there, in this order, so that
/// a line can be read by position and by name.
void append_json(std::string& out, const RequestSummary& request);

/// As above; `request_id` and `fields` stand there only when the note has them.
void append_json(std::string& out, const Note& note);

}  // namespace ccrelay::observe
