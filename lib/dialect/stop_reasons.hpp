#pragma once

#include <optional>
#include <string_view>

namespace ccrelay::dialect {

/// Why an answer ended, in everybody's words; the hub's are `stop_reason`'s.

/// chat's `finish_reason` for the hub's.
std::string_view chat_finish(std::string_view hub);
/// gemini's `finishReason`.
std::string_view gemini_finish(std::string_view hub);

/// A response's `status`, and `incomplete_details.reason`, which is empty when it is completed.
struct ResponsesEnd {
  std::string_view status;
  std::string_view reason;
};
ResponsesEnd responses_end(std::string_view hub);

/// Back; nothing means that the answer is an error. A call in the answer is `tool_use` where the
/// provider says that it just stopped, and without one nothing is: several servers say otherwise.
std::optional<std::string_view> hub_stop_of_chat(std::string_view finish, bool has_calls);
std::optional<std::string_view> hub_stop_of_responses(ResponsesEnd end, bool has_calls);
/// `has_content`: there is anything in the answer, calls or text.
std::optional<std::string_view> hub_stop_of_gemini(std::string_view finish, bool has_calls,
                                                   bool has_content);

}  // namespace ccrelay::dialect
