#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace ccrelay::wire {

// Strings are most of a body, and most of a string needs no look. All of x86-64 has SSE2, which
// looks at sixteen bytes at a time; elsewhere, and for the last few, a table says it one by one.

namespace json_runs {

constexpr std::array<bool, 256> table(bool of_text) {
  std::array<bool, 256> ends{};
  for (unsigned c = 0; c < 0x20; ++c) ends[c] = true;
  for (unsigned c = 0x7F; of_text && c < 0x100; ++c) ends[c] = true;
  ends['"'] = ends['\\'] = true;
  return ends;
}
inline constexpr std::array<bool, 256> ends_string = table(false);
inline constexpr std::array<bool, 256> ends_text = table(true);

/// What a byte says behind a backslash: nothing, what a writer of ours says with it too, what such
/// a writer says otherwise, or that a number follows.
enum class Escape : std::uint8_t { none, own, other, unicode };
constexpr std::array<Escape, 256> escape_table() {
  std::array<Escape, 256> kinds{};
  for (const unsigned char c : {'"', '\\', 'n', 'r', 't'}) kinds[c] = Escape::own;
  for (const unsigned char c : {'/', 'b', 'f'}) kinds[c] = Escape::other;
  kinds['u'] = Escape::unicode;
  return kinds;
}
inline constexpr std::array<Escape, 256> escapes = escape_table();

#if defined(__SSE2__)
inline constexpr std::ptrdiff_t width = 16;

/// A bit for each byte that is a quote or a backslash or, as signed, less than `below`.
inline unsigned ends(__m128i bytes, char below) {
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(below));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), low)));
}
inline __m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
/// A bit for each byte that is a quote, a backslash or a control character.
inline unsigned string_ends(const char* at) {
  const __m128i bytes = load(at);
  // Bytes from 0x80 on are negative: those are no controls.
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), control)));
}
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
      const __m128i bytes = load(at + i * width);
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
      const __m128i bytes = load(at + i * width);
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
#endif

}  // namespace json_runs

/// The first byte that ends a run inside a JSON string: a quote, a backslash, a control character;
/// or `end`.
inline const char* end_of_string_run(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= json_runs::width; at += json_runs::width) {
    const unsigned found = json_runs::string_ends(at);
    if (found != 0) return at + std::countr_zero(found);
  }
#endif
  while (at != end && !json_runs::ends_string[static_cast<unsigned char>(*at)]) ++at;
  return at;
}

/// Whether text stands in a JSON string just as it is: ASCII without quotes, backslashes and
/// controls.
inline bool is_plain_text(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= json_runs::width; at += json_runs::width) {
    const __m128i bytes = json_runs::load(at);
    const unsigned found =
        json_runs::ends(bytes, 0x20) |
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F))));
    if (found != 0) return false;
  }
#endif
  while (at != end && !json_runs::ends_text[static_cast<unsigned char>(*at)]) ++at;
  return at == end;
}

/// Copies text up to the first byte that a JSON string can't hold as it is, or that is not ASCII,
/// and moves both on. At `to` there is room for all of the text.
inline void copy_plain_text(const char*& from, const char* end, char*& to) {
#if defined(__SSE2__)
  while (end - from >= json_runs::width) {
    const __m128i bytes = json_runs::load(from);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    const unsigned found =
        json_runs::ends(bytes, 0x20) |
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F))));
    const int run = found != 0 ? std::countr_zero(found) : static_cast<int>(json_runs::width);
    from += run;
    to += run;
    if (found != 0) return;
  }
#endif
  while (from != end && !json_runs::ends_text[static_cast<unsigned char>(*from)]) *to++ = *from++;
}

/// The same of what stands in a JSON string, up to the first backslash.
inline void copy_to_escape(const char*& from, const char* end, char*& to) {
#if defined(__SSE2__)
  while (end - from >= json_runs::width) {
    const __m128i bytes = json_runs::load(from);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    const auto found =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    const int run = found != 0 ? std::countr_zero(found) : static_cast<int>(json_runs::width);
    from += run;
    to += run;
    if (found != 0) return;
  }
#endif
  while (from != end && *from != '\\') *to++ = *from++;
}

/// Whether JSON text has a `\\u`, or a line's end, which stands between tokens only.
inline bool has_unicode_or_line_end(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at > json_runs::width; at += json_runs::width) {
    const __m128i bytes = json_runs::load(at);
    const __m128i unicode =
        _mm_and_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')),
                      _mm_cmpeq_epi8(json_runs::load(at + 1), _mm_set1_epi8('u')));
    const __m128i line_end = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')),
                                          _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')));
    if (_mm_movemask_epi8(_mm_or_si128(unicode, line_end)) != 0) return true;
  }
#endif
  for (; at != end; ++at) {
    if (*at == '\n' || *at == '\r') return true;
    if (*at == '\\' && end - at > 1 && at[1] == 'u') return true;
  }
  return false;
}

}  // namespace ccrelay::wire
