#include "observe/escape.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "base/utf8.hpp"

namespace ccrelay::observe {
namespace {

unsigned char byte_at(std::string_view text, std::size_t index) {
  return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
}

// C1 controls, line and paragraph separators, and marks that change the reading direction.
bool is_hostile(std::uint32_t point) {
  return (point >= 0x80 && point <= 0x9F) || point == 0x061C || point == 0x200E ||
         point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

void append_escaped_byte(std::string& out, unsigned char byte) {
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
  }
}

constexpr std::array<bool, 256> plain_bytes = [] {
  std::array<bool, 256> plain{};
  for (unsigned byte = 0x20; byte < 0x7F; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

bool is_plain(unsigned char byte) {
  return plain_bytes[byte];
}

// The same of eight at once, which are copied; see Bit Twiddling Hacks, "haszero" and "hasless".
bool copy_plain(char* to, const char* from) {
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, from, sizeof bytes);
  std::memcpy(to, &bytes, sizeof bytes);
  const auto has = [bytes](std::uint64_t byte) {
    const std::uint64_t zero = bytes ^ (ones * byte);
    return (zero - ones) & ~zero;
  };
  const std::uint64_t below = (bytes - ones * 0x20) & ~bytes;
  const std::uint64_t from_delete_on = (bytes + ones) | bytes;
  return ((below | from_delete_on | has('"') | has('\\')) & (ones * 0x80)) == 0;
}

}  // namespace

void append_json_string(Pen& pen, std::string_view value) {
  const std::size_t size = value.size();
  char* const to = pen.room(size + 2);
  bool plain = true;
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      to[1 + i] = value[i];
      plain = plain && is_plain(byte_at(value, i));
    }
  } else {
    for (std::size_t i = 0; i + 8 <= size; i += 8) {
      if (!copy_plain(to + 1 + i, value.data() + i)) plain = false;
    }
    if (!copy_plain(to + 1 + size - 8, value.data() + size - 8)) plain = false;
  }
  if (plain) {
    to[0] = '"';
    to[size + 1] = '"';
    pen.wrote(size + 2);
    return;
  }
  std::string escaped;
  append_json_string(escaped, value);
  pen.put(escaped);
}

void append_json_string(std::string& out, std::string_view value) {
  out += '"';
  while (!value.empty()) {
    std::size_t plain = 0;
    while (plain < value.size() && is_plain(static_cast<unsigned char>(value[plain]))) ++plain;
    out += value.substr(0, plain);
    value.remove_prefix(plain);
    if (value.empty()) break;

    const unsigned char byte = byte_at(value, 0);
    std::size_t used = 1;
    if (byte < 0x80) {
      append_escaped_byte(out, byte);
    } else if (const base::CodePoint point = base::decode_utf8(value); !point.valid) {
      out += "\xEF\xBF\xBD";
    } else {
      used = point.length;
      if (is_hostile(point.value)) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", point.value);
      } else {
        out += value.substr(0, used);
      }
    }
    value.remove_prefix(used);
  }
  out += '"';
}

void append_word(std::string& out, std::string_view value) {
  bool plain = !value.empty();
  for (std::size_t i = 0; plain && i < value.size(); ++i) {
    plain = is_plain(byte_at(value, i)) && value[i] != ' ';
  }
  if (plain) {
    out += value;
  } else {
    append_json_string(out, value);
  }
}

}  // namespace ccrelay::observe
