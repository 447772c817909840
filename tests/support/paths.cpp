#include "support/paths.hpp"

namespace ccrelay::testing {

// The macros are given to this file alone: it differs from folder to folder, and all others are the
// same to ccache wherever the repository lies.
std::string source_root() {
  return CCRELAY_SOURCE_ROOT;
}

std::string test_data() {
  return source_root() + "/tests/data";
}

}  // namespace ccrelay::testing
