#pragma once

#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::wire {

/// The body with its splices: for who can't send it in pieces. They are in ascending order and do
/// not overlap.
std::string spliced(std::string_view body, const std::vector<Splice>& splices);

}  // namespace ccrelay::wire
