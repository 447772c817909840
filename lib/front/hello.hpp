#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/answer.hpp"

namespace ccrelay::front {

/// GET /: name and version; with `nonce` in the query also what RelayOptions::proofs says to it, if
/// `peer` is on this machine. A key that people make up must not be tried out from afar.
exchange::Answer hello(
    std::string_view query, std::string_view peer,
    const std::function<std::vector<std::string>(std::string_view nonce)>& proofs);

}  // namespace ccrelay::front
