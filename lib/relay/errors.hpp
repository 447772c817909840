#pragma once

#include <ccrelay/http.hpp>

#include <string>
#include <string_view>

namespace ccrelay::relay {

/// An answer that the relay itself makes, complete.
struct Answer {
  ResponseHead head;
  std::string body;
};

/// Anthropic's word for a status (`error.type`).
std::string_view error_type(int status);

/// An error in Anthropic's envelope. `more` headers are added.
Answer error_answer(int status, std::string_view message, std::string_view request_id,
                    const Headers& more = {});
/// JSON with its length.
Answer json_answer(int status, std::string body, std::string_view request_id);

}  // namespace ccrelay::relay
