#include "base/plain.hpp"

#include <fmt/format.h>

namespace ccrelay::base {
namespace {

constexpr std::size_t shown_bytes_max = 200;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, shown_bytes_max)) {
    if (is_control(c)) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  if (text.size() > shown_bytes_max) {
    // Not in the middle of a UTF-8 sequence: the text ends up in logs that must be valid.
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
    out += "…";
  }
  return out;
}

}  // namespace ccrelay::base
