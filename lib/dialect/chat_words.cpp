#include "dialect/chat_words.hpp"

namespace ccrelay::dialect {
namespace {

bool says_something(Json value) {
  return value.told() && !value.is_empty();
}

// More of the arguments of a call that has been named before.
ChatWords more_arguments(Json calls) {
  const auto [id, function, extra] = calls.only_item().picked("id", "function", "extra_content");
  const auto [name, arguments] = function.picked("name", "arguments");
  if (says_something(id) || says_something(name) || says_something(extra)) return {};
  return {ChatWords::Kind::arguments, arguments};
}

ChatWords words_of_delta(Json delta) {
  ChatWords found;
  for (const JsonMember& member : delta.members()) {
    const bool is_text = member.is("content");
    const bool is_thinking = member.is("reasoning_content") || member.is("reasoning");
    const bool is_calls = member.is("tool_calls");
    const bool is_other =
        member.is("refusal") || member.is("function_call") || member.is("reasoning_details");
    if (!(is_text || is_thinking || is_calls || is_other) || !says_something(member.value))
      continue;
    if (is_other || found.kind != ChatWords::Kind::none) return {};
    if (is_calls) {
      found = more_arguments(member.value);
      if (found.kind == ChatWords::Kind::none) return {};
    } else {
      found = {is_text ? ChatWords::Kind::text : ChatWords::Kind::thinking, member.value};
    }
  }
  return found;
}

}  // namespace

ChatWords chat_words_of(Json choices) {
  const auto [index, delta, reason] = choices.only_item().picked("index", "delta", "finish_reason");
  if (index.integer().value_or(0) != 0 || says_something(reason)) return {};
  const ChatWords found = words_of_delta(delta);
  return found.words.is_string() && !found.words.is_empty() ? found : ChatWords();
}

}  // namespace ccrelay::dialect
