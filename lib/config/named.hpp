#pragma once

#include <string_view>
#include <vector>

namespace ccrelay::config {

/// Who of them has that name; null: nobody.
template <class Named>
const Named* find_named(const std::vector<Named>& in, std::string_view name) {
  for (const Named& one : in) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

}  // namespace ccrelay::config
