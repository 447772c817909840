#pragma once

#include <bit>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "http/characters.hpp"

namespace ccrelay::http {

// Where a run of characters ends. All of x86-64 has SSE2, which looks at sixteen at a time;
// elsewhere, and for the last few, a table says it one by one.

#if defined(__SSE2__)
namespace wide {

inline constexpr std::ptrdiff_t width = 16;

inline __m128i all(char c) {
  return _mm_set1_epi8(c);
}
/// Which of the bytes are `count` characters from `first` on.
inline __m128i among(__m128i bytes, char first, char count) {
  const __m128i from_first = _mm_sub_epi8(bytes, all(first));
  return _mm_cmpeq_epi8(_mm_min_epu8(from_first, all(static_cast<char>(count - 1))), from_first);
}
/// A bit for each byte that ends a value.
inline unsigned no_value_chars(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i control = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, all('\t')), among(bytes, 0, 0x20));
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_or_si128(control, _mm_cmpeq_epi8(bytes, all(0x7f)))));
}
/// A bit for each byte that is not one of those that nearly all names consist of.
inline unsigned no_plain_chars(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i letters = among(_mm_or_si128(bytes, all(0x20)), 'a', 26);
  const __m128i others = _mm_or_si128(among(bytes, '0', 10), _mm_cmpeq_epi8(bytes, all('-')));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(letters, others))) ^ 0xffffU;
}

}  // namespace wide
#endif

/// The first character that is no part of a field value (is_value_char), or `end`.
inline const char* end_of_value(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= wide::width; at += wide::width) {
    if (const unsigned others = wide::no_value_chars(at)) return at + std::countr_zero(others);
  }
#endif
  while (at != end && is_value_char(*at)) ++at;
  return at;
}

/// The first character that is no part of a token (is_token_char), or `end`.
inline const char* end_of_token(const char* at, const char* end) {
#if defined(__SSE2__)
  while (end - at >= wide::width) {
    const unsigned others = wide::no_plain_chars(at);
    if (others == 0) {
      at += wide::width;
      continue;
    }
    at += std::countr_zero(others);
    if (!is_token_char(*at)) return at;
    ++at;
  }
#endif
  while (at != end && is_token_char(*at)) ++at;
  return at;
}

/// Whether this may be the name of a header field (RFC 9110 section 5.6.2).
inline bool is_token(std::string_view name) {
  const char* const end = name.data() + name.size();
  return !name.empty() && end_of_token(name.data(), end) == end;
}

}  // namespace ccrelay::http
