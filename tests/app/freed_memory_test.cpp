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
  constexpr std::size_t body = 300'000, at_a_time = 16;
  const auto held_while_they_are_here = [] {
    std::vector<std::unique_ptr<char[]>> bodies;
    for (std::size_t each = 0; each < at_a_time; ++each) {
      bodies.push_back(std::make_unique<char[]>(body));
    }
    return ::mallinfo2().arena;
  };
  ::malloc_trim(0);
  held_while_they_are_here();
  const std::size_t mapped = ::mallinfo2().hblkhd;
  const std::size_t held = held_while_they_are_here();
  CHECK(::mallinfo2().arena == held);
  CHECK(::mallinfo2().hblkhd == mapped);
  // They were of the heap, which can be given back.
  CHECK(held >= body * at_a_time);
  ::malloc_trim(0);
  CHECK(::mallinfo2().arena < held);
}
#endif
#endif
