#pragma once

#include <ccrelay/provider.hpp>

#include <string_view>
#include <vector>

#include "wire/span.hpp"

namespace ccrelay::exchange {

/// The splices that give calls of tools, which a provider of another dialect has named, ids that
/// Anthropic takes: each `tool_use` and its `tool_result` the same, in every turn. `ids` are those
/// of the calls in the body (wire::RequestView::foreign_ids). In ascending order.
std::vector<Splice> fitting_ids(std::string_view body, const std::vector<wire::Span>& ids);

}  // namespace ccrelay::exchange
