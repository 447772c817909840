#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// A whole answer in JSON after its translation; the status is 200 or that of an error.
struct TranslatedAnswer {
  int status = 200;
  std::string body;
};

/// A chat completions server's answer (`chat.completion`) becomes an Anthropic message. An answer
/// that tells an error, or is none, becomes Anthropic's error.
TranslatedAnswer from_chat_answer(std::string_view body, const AnswerContext& context);

/// An Anthropic message becomes a `chat.completion`.
TranslatedAnswer to_chat_answer(std::string_view body, const AnswerContext& context);

}  // namespace ccrelay::dialect
