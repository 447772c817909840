#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dialect/profile.hpp"

namespace ccrelay::dialect {

/// What a key of a profile may be set to.
using ProfileValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

/// One line of a profile: `key = value`.
struct ProfileSetting {
  std::string key;
  ProfileValue value;
};

/// Sets one member. What is wrong with it, in words that follow the key's name; empty when it is
/// set. A profile that something is wrong with stays as it was.
std::string set(Profile& profile, const ProfileSetting& setting);

/// All keys, in the order of the members.
std::vector<std::string_view> profile_keys();

}  // namespace ccrelay::dialect
