#include "config/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ccrelay::config {
namespace {

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 4> off_words{"", "off", "none", "disabled"};

}  // namespace

bool is_off(const Value& value) {
  switch (value.kind) {
    case Kind::integer:
      return value.integer == 0;
    case Kind::boolean:
      return !value.boolean;
    case Kind::string:
      // One that could not be expanded has been complained about already.
      return value.unusable || contains(off_words, value.text);
    case Kind::array:
      return std::all_of(value.items.begin(), value.items.end(), is_off);
    case Kind::table:
      return std::all_of(value.members.begin(), value.members.end(),
                         [](const Member& member) { return is_off(member.value); });
    case Kind::real:
    case Kind::moment:
      return false;
  }
  return false;
}

std::string not_available(std::string_view reason) {
  return fmt::format(" is not available in this version: {}; remove it", reason);
}

}  // namespace ccrelay::config
