#pragma once

#include <vector>

#include "wire/json_scan.hpp"

namespace ccrelay::dialect {

/// Where the long strings of a text stand that its writer has copied from a text that was checked,
/// in their order: who reads it does not look at them again.
using KnownStrings = std::vector<wire::JsonScan::Span>;

}  // namespace ccrelay::dialect
