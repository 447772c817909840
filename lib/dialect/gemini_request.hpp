#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// A hub's request as the body of Gemini's `generateContent` (streams have the same one).
/// `options.model` is the one that is asked, its profile says which efforts it has.
Translation to_gemini_request(std::string_view hub, const TranslateOptions& options);

/// A hub's `count_tokens` as the body of `countTokens`.
Translation to_gemini_count(std::string_view hub, const TranslateOptions& options);
/// Its answer in the hub's words, `{"input_tokens":N}`; empty when it has no count.
std::string gemini_count_answer(std::string_view gemini);

/// How a Gemini model is spoken to of which no profile is known: like those from 3 on.
const Profile& gemini_profile(const TranslateOptions& options);

}  // namespace ccrelay::dialect
