#include "base/spare_memory.hpp"

#include <cstdlib>  // which C library it is

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ccrelay::base {

void give_back_spare_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace ccrelay::base
