#include "dialect/stop_reasons.hpp"

#include <string>
#include <string_view>

#include "catch.hpp"

using namespace ccrelay::dialect;

TEST_CASE("each of the hub's stop reasons has a word in every dialect") {
  struct Row {
    std::string_view hub, chat, status, reason, gemini;
  };
  const Row rows[] = {
      {"end_turn", "stop", "completed", "", "STOP"},
      {"tool_use", "tool_calls", "completed", "", "STOP"},
      {"max_tokens", "length", "incomplete", "max_output_tokens", "MAX_TOKENS"},
      {"model_context_window_exceeded", "length", "incomplete", "max_output_tokens", "MAX_TOKENS"},
      {"stop_sequence", "stop", "completed", "", "STOP"},
      {"refusal", "content_filter", "incomplete", "content_filter", "SAFETY"},
      {"pause_turn", "stop", "completed", "", "STOP"},
      {"something_new", "stop", "completed", "", "STOP"},
  };
  for (const Row& row : rows) {
    INFO(row.hub);
    CHECK(chat_finish(row.hub) == row.chat);
    CHECK(responses_end(row.hub).status == row.status);
    CHECK(responses_end(row.hub).reason == row.reason);
    CHECK(gemini_finish(row.hub) == row.gemini);
  }
}

TEST_CASE("a chat server's reasons come back, with calls and without") {
  struct Row {
    std::string_view finish, without, with;
  };
  const Row rows[] = {
      {"stop", "end_turn", "tool_use"},       {"", "end_turn", "tool_use"},
      {"eos", "end_turn", "tool_use"},        {"something_new", "end_turn", "tool_use"},
      {"tool_calls", "end_turn", "tool_use"}, {"function_call", "end_turn", "tool_use"},
      {"length", "max_tokens", "max_tokens"}, {"content_filter", "refusal", "refusal"},
  };
  for (const Row& row : rows) {
    INFO(row.finish);
    CHECK(hub_stop_of_chat(row.finish, false) == row.without);
    CHECK(hub_stop_of_chat(row.finish, true) == row.with);
  }
  CHECK_FALSE(hub_stop_of_chat("error", false));
}

TEST_CASE("a response's end comes back, with calls and without") {
  struct Row {
    ResponsesEnd end;
    std::string_view without, with;
  };
  const Row rows[] = {
      {{"completed", ""}, "end_turn", "tool_use"},
      {{"incomplete", "max_output_tokens"}, "max_tokens", "max_tokens"},
      {{"incomplete", "content_filter"}, "refusal", "refusal"},
      {{"incomplete", ""}, "max_tokens", "max_tokens"},
      {{"something_new", ""}, "end_turn", "tool_use"},
  };
  for (const Row& row : rows) {
    INFO(row.end.status << ' ' << row.end.reason);
    CHECK(hub_stop_of_responses(row.end, false) == row.without);
    CHECK(hub_stop_of_responses(row.end, true) == row.with);
  }
  CHECK_FALSE(hub_stop_of_responses({"failed", ""}, true));
  CHECK_FALSE(hub_stop_of_responses({"cancelled", ""}, false));
}

TEST_CASE("Gemini's reasons come back, with calls, with text, and with nothing") {
  struct Row {
    std::string_view finish, calls, text, nothing;  // nothing empty: an error
  };
  const Row rows[] = {
      {"STOP", "tool_use", "end_turn", "end_turn"},
      {"MAX_TOKENS", "max_tokens", "max_tokens", "max_tokens"},
      {"SAFETY", "refusal", "refusal", "refusal"},
      {"RECITATION", "refusal", "refusal", "refusal"},
      {"LANGUAGE", "refusal", "refusal", "refusal"},
      {"BLOCKLIST", "refusal", "refusal", "refusal"},
      {"PROHIBITED_CONTENT", "refusal", "refusal", "refusal"},
      {"SPII", "refusal", "refusal", "refusal"},
      {"IMAGE_SAFETY", "refusal", "refusal", "refusal"},
      {"IMAGE_OTHER", "refusal", "refusal", "refusal"},
      {"NO_IMAGE", "refusal", "refusal", "refusal"},
      {"MALFORMED_FUNCTION_CALL", "tool_use", "end_turn", ""},
      {"UNEXPECTED_TOOL_CALL", "tool_use", "end_turn", ""},
      {"TOO_MANY_TOOL_CALLS", "tool_use", "end_turn", ""},
      {"OTHER", "tool_use", "end_turn", ""},
      {"SOMETHING_NEW", "tool_use", "end_turn", "end_turn"},
  };
  for (const Row& row : rows) {
    INFO(row.finish);
    CHECK(hub_stop_of_gemini(row.finish, true, true) == row.calls);
    CHECK(hub_stop_of_gemini(row.finish, false, true) == row.text);
    CHECK(hub_stop_of_gemini(row.finish, false, false).value_or("") == row.nothing);
  }
}
