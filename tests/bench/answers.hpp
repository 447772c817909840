#pragma once

#include <string>

#include "dialect.hpp"

namespace bench {

/// What a provider of a dialect answers, framed as HTTP/1.1. It says the same in each, as the
/// vendors say it; a responses provider's echo of instructions and tools is left out.
struct Answers {
  std::string unary;      // 1.5 KB: a text and the call of a tool
  std::string beginning;  // of a stream, the first delta included
  std::string delta;      // one event, a chunk: `@`, a stamp (stamp.hpp) and `!`
  std::string end;        // of a stream: stop reason, usage and what a dialect has behind them
};

const Answers& answers_of(Dialect dialect);

}  // namespace bench
