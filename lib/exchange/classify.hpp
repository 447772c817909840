#pragma once

#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>

#include <string_view>

#include "exchange/auth.hpp"

namespace ccrelay::exchange {

/// What a provider's answer means for the request.
struct Meaning {
  Outcome outcome = Outcome::success;
  bool pass_on = true;  ///< to the client as it is; else another try may be made
};

/// By status alone. `content_type` only tells an answer that can be none from one that can.
Meaning classify(Operation operation, Authority authority, int status,
                 std::string_view content_type);

/// What an error inside a 200 stream means: `error.type`.
Outcome classify_in_band(std::string_view error_type);

}  // namespace ccrelay::exchange
