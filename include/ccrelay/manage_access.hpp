#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/manage_role.hpp>

#include <string>

namespace ccrelay::management {

/// Who a call of the management comes from.
struct Caller {
  /// "token:NAME" (its name in the configuration, not the token), "uid:1000" or "cert:SUBJECT".
  std::string name;
  Role role = Role::unspecified;
};

}  // namespace ccrelay::management
