#pragma once

#include "config/reader.hpp"

#include <optional>
#include <string_view>

namespace ccrelay::config {

/// [manage.auth], with its users and tokens.
void read_manage_auth(const Value& table, ManageConfig& manage, Findings& findings);

/// A word of `roles` in fields.hpp; absent when there is none that can be used.
std::optional<management::Role> read_role(TableReader& reader, std::string_view key);

}  // namespace ccrelay::config
