#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::provider {

/// The values of all `anthropic-beta` fields, in order, each once. An open list: whatever is there.
std::vector<std::string_view> betas_of(const Headers& headers);

/// All that a request carries: of a client that speaks a cloud's own form also those that stand in
/// its body, which is read for it.
std::vector<std::string_view> betas_of(const Headers& headers, std::string_view body,
                                       Dialect dialect);

/// Those of `betas` that are not among `unsupported`.
std::vector<std::string_view> without(std::vector<std::string_view> betas,
                                      const std::vector<std::string>& unsupported);

/// As a header's value, and as a JSON array.
std::string as_header(const std::vector<std::string_view>& betas);
std::string as_array(const std::vector<std::string_view>& betas);

/// What leaves out of a request in a cloud's own form what it is known to be refused for; the rest
/// of its body stays byte for byte. None where there is nothing of it.
Result<std::vector<Splice>> left_out_splices(const ProviderRequest& request);

}  // namespace ccrelay::provider
