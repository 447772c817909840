#include "dialect/profile.hpp"

#include <algorithm>

namespace ccrelay::dialect {
namespace {

bool holds(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool Profile::drops(std::string_view field) const {
  return holds(drop, field);
}

bool Profile::has_effort(std::string_view word) const {
  return holds(efforts, word);
}

bool Profile::has_tool_choice(std::string_view word) const {
  return holds(tool_choice, word);
}

const Profile& or_generic(const Profile* profile) {
  static const Profile generic;
  return profile ? *profile : generic;
}

}  // namespace ccrelay::dialect
