#include "freed_memory.hpp"

#include <cstdlib>  // which C library it is

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ccrelay::app {

void keep_freed_memory() {
#ifdef __GLIBC__
  // Left alone, glibc moves both along with the blocks that it sees: to the size of one and to
  // twice that, which a few bodies at a time pass again and again. Setting one stops the other,
  // which is set to the most that it would come to (mallopt(3)). malloc_trim(3) leaves the end of a
  // thread's heap alone, so this much of it stays when all bodies have gone.
  constexpr int largest_from_the_heap = 32 << 20;
  constexpr int kept_at_its_end = 8 << 20;
  ::mallopt(M_MMAP_THRESHOLD, largest_from_the_heap);
  ::mallopt(M_TRIM_THRESHOLD, kept_at_its_end);
#endif
}

}  // namespace ccrelay::app
