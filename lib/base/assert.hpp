#pragma once

namespace ccrelay::base {
[[noreturn]] void fail_invariant(const char* condition, const char* why, const char* file,
                                 int line);
}

/// A broken invariant ends the process, in release builds too: a crash beats relaying somebody
/// else's answer.
#define CCRELAY_ASSERT(condition, why) \
  ((condition) ? void(0) : ::ccrelay::base::fail_invariant(#condition, why, __FILE__, __LINE__))
