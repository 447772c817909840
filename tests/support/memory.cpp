#include "support/memory.hpp"

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__)
#define CCRELAY_TEST_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CCRELAY_TEST_ASAN
#endif
#endif
#ifdef CCRELAY_TEST_ASAN
// Of sanitizer/allocator_interface.h, which gcc does not install.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace ccrelay::testing {

std::size_t memory_in_use() {
#ifdef CCRELAY_TEST_ASAN
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;  // the second are those with pages of their own
#endif
}

}  // namespace ccrelay::testing
