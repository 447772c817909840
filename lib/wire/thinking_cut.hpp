#pragma once

#include <ccrelay/provider.hpp>

#include <string_view>
#include <vector>

#include "wire/request_view.hpp"

namespace ccrelay::wire {

/// Leaves these content blocks out of a body: one splice for each, which takes the block and one
/// comma, so that valid JSON stays valid. Where nothing would be left, the first one becomes a
/// short text instead, for the API refuses a turn without content. `blocks` are elements of arrays
/// in the body, in ascending order.
std::vector<Splice> cut_thinking(std::string_view body, const std::vector<Span>& blocks);

/// Both in one, in ascending order; each of them is already and does not overlap itself. Where the
/// two overlap, that of `a` counts.
std::vector<Splice> merge_splices(std::vector<Splice> a, const std::vector<Splice>& b);

}  // namespace ccrelay::wire
