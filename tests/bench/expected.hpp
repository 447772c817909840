#pragma once

#include <string_view>

#include "dialect.hpp"

namespace bench {

// Whether a client of a dialect got what bench_provider (answers.cpp) said, whoever translated it.
// The first thing that is missing; empty when nothing is.

std::string_view missing_in_answer(Dialect client, std::string_view body);
/// Up to and with the first delta.
std::string_view missing_in_beginning(Dialect client, std::string_view events);
std::string_view missing_in_whole_stream(Dialect client, std::string_view events);

}  // namespace bench
