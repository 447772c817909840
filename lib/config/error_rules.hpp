#pragma once

#include <ccrelay/config.hpp>

#include <string>
#include <vector>

#include "config/problems.hpp"
#include "config/reader.hpp"

namespace ccrelay::config {

/// `[[providers.errors]]`: what errors of this provider mean, before the relay's own table.
void read_error_rules(TableReader& reader, ProviderConfig& provider, Findings& findings);

/// Rules that fit everything, or can't do what they say. `path` is the provider's.
void find_error_rule_problems(const std::string& path, const ProviderConfig& provider,
                              std::vector<Problem>& problems);

}  // namespace ccrelay::config
