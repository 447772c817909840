#include "dialect/stop_reasons.hpp"

#include <algorithm>
#include <array>

namespace ccrelay::dialect {
namespace {

struct StopRow {
  std::string_view hub;
  std::string_view chat;
  ResponsesEnd responses;
  std::string_view gemini;
};
constexpr std::array stop_rows{
    StopRow{"end_turn", "stop", {"completed", ""}, "STOP"},
    StopRow{"tool_use", "tool_calls", {"completed", ""}, "STOP"},
    StopRow{"max_tokens", "length", {"incomplete", "max_output_tokens"}, "MAX_TOKENS"},
    StopRow{"model_context_window_exceeded",
            "length",
            {"incomplete", "max_output_tokens"},
            "MAX_TOKENS"},
    StopRow{"stop_sequence", "stop", {"completed", ""}, "STOP"},
    StopRow{"refusal", "content_filter", {"incomplete", "content_filter"}, "SAFETY"},
    StopRow{"pause_turn", "stop", {"completed", ""}, "STOP"},
};

// An unknown reason is an end like any other.
const StopRow& row_of(std::string_view hub) {
  const auto found = std::find_if(stop_rows.begin(), stop_rows.end(),
                                  [hub](const StopRow& row) { return row.hub == hub; });
  return found == stop_rows.end() ? stop_rows.front() : *found;
}

std::string_view plain_end(bool has_calls) {
  return has_calls ? "tool_use" : "end_turn";
}

constexpr std::array<std::string_view, 7> gemini_refusals{
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "NO_IMAGE"};
constexpr std::array<std::string_view, 4> gemini_failures{
    "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "OTHER"};

template <class List>
bool is_in(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::string_view chat_finish(std::string_view hub) {
  return row_of(hub).chat;
}

std::string_view gemini_finish(std::string_view hub) {
  return row_of(hub).gemini;
}

ResponsesEnd responses_end(std::string_view hub) {
  return row_of(hub).responses;
}

std::optional<std::string_view> hub_stop_of_chat(std::string_view finish, bool has_calls) {
  if (finish == "error") return {};
  if (finish == "length") return "max_tokens";
  if (finish == "content_filter") return "refusal";
  return plain_end(has_calls);
}

std::optional<std::string_view> hub_stop_of_responses(ResponsesEnd end, bool has_calls) {
  if (end.status == "failed" || end.status == "cancelled") return {};
  if (end.status != "incomplete") return plain_end(has_calls);
  return end.reason == "content_filter" ? "refusal" : "max_tokens";
}

std::optional<std::string_view> hub_stop_of_gemini(std::string_view finish, bool has_calls,
                                                   bool has_content) {
  if (finish == "MAX_TOKENS") return "max_tokens";
  if (is_in(gemini_refusals, finish) || finish.substr(0, 6) == "IMAGE_") return "refusal";
  if (is_in(gemini_failures, finish) && !has_content) return {};
  return plain_end(has_calls);
}

}  // namespace ccrelay::dialect
