#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ccrelay::testing {

/// What a model says in one answer, whatever the dialect: what a Vendor shall say, and what an
/// Agent heard. A value type.
struct Said {
  struct Call {
    std::string id;
    std::string name;
    std::string arguments;  ///< JSON text
  };
  std::string thinking;
  std::string text;
  std::vector<Call> calls;
  std::string stop = "end_turn";  ///< in Anthropic's words
  std::int64_t input = 30;        ///< tokens that came from no cache
  std::int64_t cached = 0;
  std::int64_t output = 9;  ///< with those of thinking
  std::int64_t thought = 0;
  std::string error;  ///< heard only: what the answer told instead, or how it was malformed
};

/// In one line, for assertions: `thinks "hm" says "ok" calls look(id1) {"n":1} stop tool_use`.
std::string line_of(const Said& said);
/// `input 30 cached 0 output 9 thought 0`.
std::string usage_line_of(const Said& said);

}  // namespace ccrelay::testing
