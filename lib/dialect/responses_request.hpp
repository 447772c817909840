#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// A Responses request (openai `ResponseCreateParams`) in the hub's words. Ids, and the reasoning
/// that has our tag as its signature, stay as the client sent them: what a provider makes of them
/// is the next step's affair.
Translation from_responses_request(std::string_view body, const TranslateOptions& options);
/// The hub's request as one to a provider that speaks Responses; stateless (`store:false`).
Translation to_responses_request(std::string_view hub, const TranslateOptions& options);

/// `POST /v1/responses/input_tokens` as a request for count_tokens, and the other way.
Translation from_responses_count(std::string_view body, const TranslateOptions& options);
Translation to_responses_count(std::string_view hub, const TranslateOptions& options);
/// The answers of the two: {"object":"response.input_tokens","input_tokens":N} and
/// {"input_tokens":N}. Absent when the text has no such number.
std::optional<std::string> from_responses_count_answer(std::string_view body);
std::optional<std::string> to_responses_count_answer(std::string_view hub);

}  // namespace ccrelay::dialect
