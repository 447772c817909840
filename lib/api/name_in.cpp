#include <cstddef>

#include "api/routes.hpp"

namespace ccrelay::api {

std::optional<std::string_view> name_in(std::string_view raw, std::string_view route) {
  const std::size_t star = route.find('*');
  if (star == std::string_view::npos) {
    if (raw != route) return {};
    return std::string_view();
  }
  const std::string_view before = route.substr(0, star), after = route.substr(star + 1);
  if (raw.size() <= before.size() + after.size()) return {};
  if (raw.substr(0, before.size()) != before) return {};
  if (raw.substr(raw.size() - after.size()) != after) return {};
  const std::string_view name =
      raw.substr(before.size(), raw.size() - before.size() - after.size());
  if (name.find('/') != std::string_view::npos) return {};
  return name;
}

}  // namespace ccrelay::api
