#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace ccrelay::base {

void fail_invariant(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "cc-relay: broken invariant at %s:%d: %s (%s)\n", file, line, why,
               condition);
  std::abort();
}

}  // namespace ccrelay::base
