#include "http/h1_grammar.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.hpp"

namespace ccrelay::http {
namespace {

enum : std::uint8_t { token = 1, target = 2, value = 4, reg_name = 8 };

constexpr bool is_alnum(int c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr std::array<std::uint8_t, 256> classes = [] {
  std::array<std::uint8_t, 256> out{};
  const auto mark = [&](std::string_view chars, std::uint8_t bits) {
    for (const char c : chars) out[static_cast<unsigned char>(c)] |= bits;
  };
  for (int c = 0; c < 256; ++c) {
    if (is_alnum(c)) out[static_cast<std::size_t>(c)] |= token | target | reg_name;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) out[static_cast<std::size_t>(c)] |= value;
  }
  mark("!#$%&'*+-.^_`|~", token);
  mark("-._~!$&'()*+,;=%", target | reg_name);
  mark(":@/?[]{}|^", target);
  return out;
}();

bool has(char c, std::uint8_t bits) {
  return (classes[static_cast<unsigned char>(c)] & bits) != 0;
}

bool is_address_char(char c) {
  return is_hex(c) || c == ':' || c == '.';
}

}  // namespace

bool is_token_char(char c) {
  return has(c, token);
}
bool is_target_char(char c) {
  return has(c, target);
}
bool is_value_char(char c) {
  return has(c, value);
}

bool is_authority(std::string_view text) {
  std::size_t host = 0;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(end),
                     is_address_char)) {
      return false;
    }
    host = end + 1;
  } else {
    while (host < text.size() && has(text[host], reg_name)) ++host;
    if (host == 0 || !is_well_escaped(text.substr(0, host))) return false;
  }
  if (host == text.size()) return true;
  if (text[host] != ':') return false;
  const std::string_view port = text.substr(host + 1);
  return port.empty() || base::parse_number(port).value_or(65536) <= 65535;
}

bool is_well_escaped(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
    if (text[at + 1] == '0' && text[at + 2] == '0') return false;
  }
  return true;
}

}  // namespace ccrelay::http
