#include "base/ascii.hpp"

#include <charconv>
#include <cstring>

namespace ccrelay::base {

namespace {

// Eight bytes at once, each as to_lower() makes it.
std::uint64_t lower_eight(const char* at) {
  constexpr std::uint64_t each = 0x0101010101010101;
  std::uint64_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  const std::uint64_t low = bytes & each * 0x7f;
  // The top bit of a byte says: from 'A' on, and: beyond 'Z'.
  const std::uint64_t from_a = low + each * (0x80 - 'A');
  const std::uint64_t beyond_z = low + each * (0x7f - 'Z');
  return bytes | ((from_a & ~beyond_z & ~bytes & each * 0x80) >> 2);
}

}  // namespace

bool same_but_for_case(const char* a, const char* b, std::size_t length) {
  constexpr std::size_t width = 8;
  if (length < width) {
    for (std::size_t i = 0; i < length; ++i) {
      if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
  }
  for (std::size_t i = 0; i + width < length; i += width) {
    if (lower_eight(a + i) != lower_eight(b + i)) return false;
  }
  return lower_eight(a + length - width) == lower_eight(b + length - width);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (iequals(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace ccrelay::base
