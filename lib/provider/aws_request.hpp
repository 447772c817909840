#pragma once

#include <ccrelay/provider.hpp>

#include <chrono>
#include <span>
#include <string_view>

#include "sign/aws4_key.hpp"

namespace ccrelay::provider {

/// Adds an AWS signature to a request that is otherwise complete; `body` are its pieces. An error
/// where there is no region to sign for.
Result<void> sign_for_aws(OutboundRequest& request, std::span<const std::string_view> body,
                          const AwsKeys& keys, sign::Aws4Scope scope,
                          std::chrono::system_clock::time_point now);

}  // namespace ccrelay::provider
