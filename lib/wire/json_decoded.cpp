#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "wire/json_runs.hpp"
#include "wire/json_scan.hpp"
#include "wire/json_text.hpp"
#include "wire/json_unicode.hpp"
#include "wire/mended_text.hpp"

// What the escapes of checked strings mean, and as a writer of ours has it.

namespace ccrelay::wire {
namespace {

using json_unicode::hex4;

inline void put_utf8(char*& to, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

// `\uXXXX`, or two of them that stand for one character, in checked text.
struct Unicode {
  std::uint32_t point;
  std::size_t bytes;  // that it takes
};
inline Unicode unicode_of(const char* at, const char* end) {
  const std::int32_t first = hex4(at + 2);
  if (!json_unicode::is_high(first))
    return {json_unicode::is_low(first) ? 0xFFFD : static_cast<std::uint32_t>(first), 6};
  const std::int32_t second = json_unicode::unicode_at(at + 6, end);
  if (!json_unicode::is_low(second)) return {0xFFFD, 6};
  return {0x10000 + (static_cast<std::uint32_t>(first - 0xD800) << 10) +
              static_cast<std::uint32_t>(second - 0xDC00),
          12};
}

// As append_json_string() has it: at most six bytes.
inline void put_escaped(char*& to, std::uint32_t point) {
  if (point >= 0x80) return put_utf8(to, point);
  const char c = static_cast<char>(point);
  const std::string quoted = json_string({&c, 1});
  to = std::copy(quoted.begin() + 1, quoted.end() - 1, to);
}

char plain_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::string json_decoded(std::string_view raw) {
  const char* from = raw.data() + 1;
  const char* const end = raw.data() + raw.size() - 1;
  if (!std::memchr(from, '\\', static_cast<std::size_t>(end - from))) return {from, end};
  std::string out;
  // No escape stands for more bytes than it has.
  out.resize(raw.size());
  char* to = out.data();
  while (from < end) {
    copy_to_escape(from, end, to);
    if (from == end) break;
    if (from[1] == 'u') {
      const Unicode unicode = unicode_of(from, end);
      put_utf8(to, unicode.point);
      from += unicode.bytes;
    } else {
      *to++ = plain_escape(from[1]);
      from += 2;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

void MendedText::escapes(const char* at, const char* end) {
  while (at < end) {
    if (room() < 16) flush();
    if (at[1] == 'u') {
      const Unicode unicode = unicode_of(at, end);
      put_escaped(to_, unicode.point);
      at += unicode.bytes;
    } else {
      put_escaped(to_, static_cast<unsigned char>(plain_escape(at[1])));
      at += 2;
    }
  }
}

void MendedText::text(const char* at, const char* end) {
  const auto bytes = static_cast<std::size_t>(end - at);
  if (bytes > room()) flush();
  if (bytes > room()) {
    out_.append(at, bytes);
    return;
  }
  std::memcpy(to_, at, bytes);
  to_ += bytes;
}

std::string plain_string(std::string_view raw) {
  JsonScan scan(raw);
  if (scan.peek() != '"') return {};
  scan.skip_string();
  return !scan.failed() && scan.at_end() ? json_decoded(raw) : std::string();
}

}  // namespace ccrelay::wire
