#include "observe/escape.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
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

}  // namespace

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
