#pragma once

#include <string>
#include <vector>

namespace ccrelay::testing {

/// One line of tests/data/h1; its README says what the columns mean.
struct H1Case {
  std::string place;  ///< file and line
  std::string name;
  std::string rule;
  std::vector<int> statuses;
  enum class Then { keep, close, wait } then = Then::keep;
  std::string bytes;
};

/// All of them, in order. Throws std::runtime_error for a line that can't be read.
std::vector<H1Case> h1_cases();

}  // namespace ccrelay::testing
