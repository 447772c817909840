#pragma once

#include "config/document.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::config {

/// What to say of a key or table that stands in a text twice: its name, where it stood before, and
/// what to do. `said` is the TOML library's description of the error at `at`; empty when that is
/// about something else. No value is shown.
std::optional<std::string> said_twice(std::string_view said, Position at, std::string_view toml);

}  // namespace ccrelay::config
