#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
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
#endif

}  // namespace json_runs

/// The quote that ends a JSON string whose inside begins at `at`, where one look finds it and there
/// is no escape in front of it, as with names and words; else null.
inline const char* end_of_short_string(const char* at, const char* end) {
#if defined(__SSE2__)
  if (end - at >= json_runs::width) {
    const unsigned found = json_runs::string_ends(at);
    const char* const first = at + std::countr_zero(found);
    if (found != 0 && *first == '"') return first;
  }
#endif
  return nullptr;
}

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

/// The first byte of a text that does not stand in a JSON string just as it is, as ASCII without
/// quotes, backslashes and controls does; or `end`.
inline const char* end_of_plain_text(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= json_runs::width; at += json_runs::width) {
    const __m128i bytes = json_runs::load(at);
    const unsigned found =
        json_runs::ends(bytes, 0x20) |
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F))));
    if (found != 0) return at + std::countr_zero(found);
  }
#endif
  while (at != end && !json_runs::ends_text[static_cast<unsigned char>(*at)]) ++at;
  return at;
}

inline bool is_plain_text(const char* at, const char* end) {
  return end_of_plain_text(at, end) == end;
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

/// Whether JSON text has a `\\ud`, as halves of surrogate pairs have, or a line's end, which stands
/// between tokens only.
inline bool has_surrogate_or_line_end(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at > json_runs::width + 1; at += json_runs::width) {
    const __m128i bytes = json_runs::load(at);
    const __m128i digits = _mm_or_si128(json_runs::load(at + 2), _mm_set1_epi8(0x20));
    const __m128i letters =
        _mm_and_si128(_mm_cmpeq_epi8(json_runs::load(at + 1), _mm_set1_epi8('u')),
                      _mm_cmpeq_epi8(digits, _mm_set1_epi8('d')));
    const __m128i unicode = _mm_and_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')), letters);
    const __m128i line_end = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')),
                                          _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')));
    if (_mm_movemask_epi8(_mm_or_si128(unicode, line_end)) != 0) return true;
  }
#endif
  for (; at != end; ++at) {
    if (*at == '\n' || *at == '\r') return true;
    if (*at == '\\' && end - at > 2 && at[1] == 'u' && (at[2] | 0x20) == 'd') return true;
  }
  return false;
}

}  // namespace ccrelay::wire
