#pragma once

#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// Requests between the hub and OpenAI's chat completions (POST /v1/chat/completions; the fields
/// are those of npm openai 6, resources/chat/completions). Pure; `body` need not be JSON.

/// For a provider: an Anthropic request becomes one of chat completions.
Translation to_chat_request(std::string_view body, const TranslateOptions& options);

/// Of a client: its request becomes an Anthropic one. What a given provider's model takes of that
/// (sampling, thinking, tags) is seen to when it goes out.
Translation from_chat_request(std::string_view body, const TranslateOptions& options);

}  // namespace ccrelay::dialect
