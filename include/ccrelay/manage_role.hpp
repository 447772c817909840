#pragma once

#include <ccrelay/language.hpp>

#include <cstdint>
#include <string_view>

namespace ccrelay::management {

/// What a caller of the management may do.
enum class Role : std::uint8_t {
  unspecified,  ///< never told
  viewer,       ///< get, list, watch, query, validate
  operator_,    ///< all of it
};

/// The word of the configuration: "viewer" or "operator".
constexpr std::string_view to_string(Role role) {
  return role == Role::viewer ? "viewer" : role == Role::operator_ ? "operator" : "unspecified";
}

}  // namespace ccrelay::management
