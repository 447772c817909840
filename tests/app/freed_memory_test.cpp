#include "freed_memory.hpp"

#include <cstdlib>

#include "catch.hpp"

// Sanitizers bring a malloc of their own.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__clang__)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CCRELAY_OTHER_MALLOC
#endif
#endif
#ifndef CCRELAY_OTHER_MALLOC
#include <malloc.h>

#include <memory>
#include <vector>

TEST_CASE("what bodies took is kept for the next ones", "[app]") {
  ccrelay::app::keep_freed_memory();
  constexpr std::size_t body = 300'000, at_a_time = 24;
  const auto come_and_go = [] {
    std::vector<std::unique_ptr<char[]>> bodies;
    for (std::size_t each = 0; each < at_a_time; ++each) {
      bodies.push_back(std::make_unique<char[]>(body));
    }
  };
  come_and_go();
  // None of them was mapped by itself, and the end of the heap is still ours.
  const auto before = ::mallinfo2();
  CHECK(before.keepcost >= body * at_a_time);
  come_and_go();
  CHECK(::mallinfo2().arena == before.arena);
  ::malloc_trim(0);
  CHECK(::mallinfo2().keepcost < body * at_a_time);
}
#endif
#endif
