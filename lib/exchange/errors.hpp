#pragma once

#include <ccrelay/http.hpp>

#include <string>
#include <string_view>

namespace ccrelay::exchange {

/// An answer that the relay itself makes, complete.
struct Answer {
  ResponseHead head;
  std::string body;
  std::string message;  ///< of an error, in the relay's own words; empty where it is a provider's
};

/// An error in Anthropic's envelope. `more` headers are added.
Answer error_answer(int status, std::string_view message, std::string_view request_id,
                    const Headers& more = {});
/// JSON with its length.
Answer json_answer(int status, std::string body, std::string_view request_id);

}  // namespace ccrelay::exchange
