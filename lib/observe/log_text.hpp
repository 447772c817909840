#pragma once

#include <ccrelay/observer.hpp>

#include <string>

namespace ccrelay::observe {

/// Appends one line for a person, newline included; what is empty or zero is left out. `colour`
/// adds ANSI colours. Nothing that came from outside can add a line or an escape sequence.
void append_text(std::string& out, const RequestSummary& request, bool colour);
void append_text(std::string& out, const Note& note, bool colour);

}  // namespace ccrelay::observe
