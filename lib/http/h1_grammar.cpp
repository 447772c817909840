#include "http/h1_grammar.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace ccrelay::http {
namespace {

bool is_address_char(char c) {
  return is_hex(c) || c == ':' || c == '.';
}

}  // namespace

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
    while (host < text.size() && is_of(text[host], reg_name_class)) ++host;
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
