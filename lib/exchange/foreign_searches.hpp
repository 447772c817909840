#pragma once

#include <ccrelay/provider.hpp>

#include <string_view>
#include <vector>

namespace ccrelay::exchange {

/// The splices that make words of the web searches that providers of other dialects have made
/// (dialect/tags.hpp), and take out the citations of their answers: who speaks Anthropic's dialect
/// refuses both, but is to know what was found. Anthropic's own stay. In ascending order.
std::vector<Splice> told_searches(std::string_view body);

}  // namespace ccrelay::exchange
