#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/manage_config.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::manage {

/// What the loader says, one a line, each `source:line:column: key: words`, with its parts. What
/// `source` says of itself is of no file where `is_text`.
std::vector<management::Diagnostic> diagnostics_of(std::string_view lines,
                                                   management::Severity severity,
                                                   std::string_view source, bool is_text = false);
std::vector<management::Diagnostic> warnings_of(const std::vector<std::string>& warnings,
                                                std::string_view source, bool is_text = false);
std::vector<management::ConfigChange> told(const std::vector<ConfigChange>& changes);

}  // namespace ccrelay::manage
