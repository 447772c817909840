#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/observer.hpp>

#include "exchange/attempt.hpp"
#include "exchange/search.hpp"

namespace ccrelay::exchange {

/// What `routing.debug` adds to an answer's head: who answered, why, what that was expected to
/// cost, and how long it took.
void add_debug_headers(Headers& headers, const Attempt& attempt, const Search& search,
                       const ClientRequest& request, const worker::Snapshot& snapshot,
                       const RequestSummary& summary);

/// Of a translated answer: what was left out of the request, and, when debugging, from whom to whom
/// it was translated.
void add_translation_headers(Headers& headers, const Interpreter& words, bool debug);

}  // namespace ccrelay::exchange
