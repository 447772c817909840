#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// A Gemini client's `generateContent` or `streamGenerateContent` in the hub's words. The model
/// (`options.model`) and whether it streams (`options.stream`) come from the path. Members are
/// taken as `likeThis` and as `like_this`.
Translation from_gemini_request(std::string_view gemini, const TranslateOptions& options);

/// A Gemini client's `countTokens`, of `contents` or of a `generateContentRequest`, as the hub's
/// `count_tokens`.
Translation from_gemini_count(std::string_view gemini, const TranslateOptions& options);
/// The hub's answer to it as Gemini's, `{"totalTokens":N}`; empty when it has no count.
std::string to_gemini_count_answer(std::string_view hub);

}  // namespace ccrelay::dialect
