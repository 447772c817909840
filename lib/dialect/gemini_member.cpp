#include "dialect/gemini_member.hpp"

#include <string>

#include "base/ascii.hpp"

namespace ccrelay::dialect {

bool is_gemini_name(std::string_view key, std::string_view name) {
  if (key == name) return true;
  if (key.find('_') == std::string_view::npos) return false;
  std::size_t at = 0;
  for (std::size_t i = 0; i < key.size(); ++i, ++at) {
    const bool joint = key[i] == '_' && i + 1 < key.size() && i > 0;
    if (joint) ++i;
    if (at == name.size()) return false;
    const bool same = key[i] == name[at];
    // like_this: a small letter behind the joint, a capital one in the name.
    const bool capital = joint && name[at] >= 'A' && name[at] <= 'Z';
    if (!same && !(capital && base::to_lower(name[at]) == key[i])) return false;
  }
  return at == name.size();
}

Json gemini_member(Json object, std::string_view name) {
  Json found;
  for (const JsonMember& member : object.members()) {
    const std::string_view key = member.key.substr(1, member.key.size() - 2);
    if (is_gemini_name(key, name)) found = member.value;
  }
  return found;
}

std::optional<std::int64_t> gemini_integer(Json value) {
  if (!value.is_string()) return value.integer();
  const std::string digits = value.text();
  return Json::read(digits).integer();
}

}  // namespace ccrelay::dialect
