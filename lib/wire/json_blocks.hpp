#pragma once

#if defined(__SSE2__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "wire/json_runs.hpp"

/// The inside of JSON strings, 64 bytes at a time as bits: what is to be looked at is found by sums
/// and not by steps.
namespace ccrelay::wire::json_blocks {

using json_runs::width;

/// What a string holds at 64 bytes, a bit each.
inline constexpr std::ptrdiff_t block_bytes = 64;
struct Block {
  std::uint64_t quotes, slashes, controls;
};

/// Reads blocks with what all of x86-64 has.
struct Narrow {
  static std::uint64_t bits(__m128i found) {
    return static_cast<std::uint16_t>(_mm_movemask_epi8(found));
  }
  static Block block(const char* at) {
    Block found{0, 0, 0};
    for (int i = 0; i < 4; ++i) {
      const __m128i bytes = json_runs::load(at + i * width);
      found.quotes |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))) << (i * width);
      found.slashes |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))) << (i * width);
      // Bytes from 0x80 on are negative: those are no controls.
      found.controls |= bits(_mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes))
                        << (i * width);
    }
    return found;
  }
  /// Those that are `n`, `r` or `t`: with quotes and backslashes what Escape::own is.
  static std::uint64_t letters(const char* at) {
    std::uint64_t found = 0;
    for (int i = 0; i < 4; ++i) {
      const __m128i bytes = json_runs::load(at + i * width);
      const __m128i n = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('n'));
      const __m128i r = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('r'));
      const __m128i t = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('t'));
      found |= bits(_mm_or_si128(_mm_or_si128(n, r), t)) << (i * width);
    }
    return found;
  }
};

/// The same with AVX2, for functions that are only called where has_wide() says so.
#define CCRELAY_WIDE __attribute__((target("avx2")))
struct Wide {
  CCRELAY_WIDE static std::uint64_t both(__m256i low, __m256i high) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
  }
  CCRELAY_WIDE static __m256i load(const char* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }
  CCRELAY_WIDE static Block block(const char* at) {
    const __m256i low = load(at);
    const __m256i high = load(at + 32);
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i slash = _mm256_set1_epi8('\\');
    const __m256i last_control = _mm256_set1_epi8(0x1F);
    return {both(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote)),
            both(_mm256_cmpeq_epi8(low, slash), _mm256_cmpeq_epi8(high, slash)),
            both(_mm256_cmpeq_epi8(_mm256_min_epu8(low, last_control), low),
                 _mm256_cmpeq_epi8(_mm256_min_epu8(high, last_control), high))};
  }
  CCRELAY_WIDE static std::uint64_t letters(const char* at) {
    // Each letter at the place of its lower half; a byte from 0x80 on finds a zero.
    const __m256i table = _mm256_setr_epi8(-1, 0, 'r', 0, 't', 0, 0, 0, 0, 0, 0, 0, 0, 0, 'n', 0,
                                           -1, 0, 'r', 0, 't', 0, 0, 0, 0, 0, 0, 0, 0, 0, 'n', 0);
    const __m256i low = load(at);
    const __m256i high = load(at + 32);
    return both(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, low), low),
                _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, high), high));
  }
};
inline bool has_wide() {
  return __builtin_cpu_supports("avx2") != 0;
}

/// The bytes that a backslash escapes: those behind each odd one of a run. `carried`: the byte in
/// front of the block was such a backslash; then, whether the block's last one is.
inline std::uint64_t escaped_bytes(std::uint64_t slashes, bool& carried) {
  constexpr std::uint64_t even = 0x5555555555555555;
  const std::uint64_t first = carried ? 1 : 0;
  slashes &= ~first;
  const std::uint64_t follows = slashes << 1 | first;
  // A run that begins at an odd place is made one that ends at the other kind of place: the sum
  // carries a bit through the run and out at its end.
  const std::uint64_t odd_begins = slashes & ~even & ~follows;
  const std::uint64_t sum = odd_begins + slashes;
  carried = sum < slashes;
  return (even ^ sum << 1) & follows;
}

}  // namespace ccrelay::wire::json_blocks

#endif
