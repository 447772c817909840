#pragma once

#include "config/reader.hpp"

#include <ccrelay/config_load.hpp>

namespace ccrelay::config {

/// The document as a Config. What cannot be used is left at its default and stands in `findings`;
/// what a value means together with others is for problems_of(). Of `own` only what the program
/// brings along is used.
Config read_config(const Value& root, const LoadOptions& own, Findings& findings);

/// One table of [[providers]], whose path is `path`.
ProviderConfig read_provider(const Value& table, const std::string& path, const ProviderTypes& own,
                             Findings& findings);

}  // namespace ccrelay::config
