#pragma once

#include <string>
#include <string_view>

#include "dialect/chat_answer.hpp"
#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// A Gemini provider's answer of status 200, JSON or a stream's bytes read to their end, becomes an
/// Anthropic message; one that tells an error, or is none, Anthropic's error.
TranslatedAnswer from_gemini_answer(std::string_view body, const AnswerContext& context);

/// An Anthropic message becomes Gemini's answer, an Anthropic error Gemini's.
TranslatedAnswer to_gemini_answer(std::string_view body, const AnswerContext& context);

}  // namespace ccrelay::dialect
