#pragma once

#include "config/reader.hpp"

#include <ccrelay/config.hpp>

namespace ccrelay::config {

/// The document as a Config. What cannot be used is left at its default and stands in `findings`;
/// what a value means together with others is for problems_of().
Config read_config(const Value& root, Findings& findings);

/// One table of [[providers]], whose path is `path`.
ProviderConfig read_provider(const Value& table, const std::string& path, Findings& findings);

}  // namespace ccrelay::config
