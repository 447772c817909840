#pragma once

#include <ccrelay/http.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::provider {

/// The values of all `anthropic-beta` fields, in order, each once. An open list: whatever is there.
std::vector<std::string_view> betas_of(const Headers& headers);

/// Those of `betas` that are not among `unsupported`.
std::vector<std::string_view> without(std::vector<std::string_view> betas,
                                      const std::vector<std::string>& unsupported);

/// As a header's value, and as a JSON array.
std::string as_header(const std::vector<std::string_view>& betas);
std::string as_array(const std::vector<std::string_view>& betas);

}  // namespace ccrelay::provider
