#include "base/percent.hpp"

#include <cstdint>

#include "base/ascii.hpp"

namespace ccrelay::base {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::string percent_encoded(std::string_view text, std::string_view also) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved || (c != '\0' && also.find(c) != std::string_view::npos)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    // Some servers take an encoded slash, or a backslash, for a slash.
    const auto end = path.find('/');
    const std::string segment = percent_decoded(path.substr(0, end));
    std::string_view rest = segment;
    while (true) {
      const auto cut = rest.find_first_of("/\\");
      const std::string_view part = rest.substr(0, cut);
      if (part == "." || part == "..") return true;
      if (cut == std::string_view::npos) break;
      rest.remove_prefix(cut + 1);
    }
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace ccrelay::base
