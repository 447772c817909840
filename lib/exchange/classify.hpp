#pragma once

#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>

#include <ccrelay/config.hpp>

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

/// How an attempt ends with an error that is about this. `status` as the error has it.
Outcome outcome_of(ErrorAbout about, Operation operation, Authority authority, int status);

}  // namespace ccrelay::exchange
