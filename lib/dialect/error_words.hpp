#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dialect/errors.hpp"

namespace ccrelay::dialect {

/// How OpenAI says what the hub's error says.
struct OpenAiWords {
  int status;
  std::string_view type;
  std::string_view code;  ///< empty: null
};
OpenAiWords openai_words(const HubError& error);
/// Of `response.failed`: a code that Codex acts on.
std::string_view response_failure_code(const HubError& error);

struct GeminiWords {
  int status;
  std::string_view word;
};
GeminiWords gemini_words(const HubError& error);

/// The hub's type and status for a provider's status; `code` is a word that it gave beside it.
struct HubWords {
  int status;
  std::string_view type;
};
HubWords hub_words(int status, std::string_view code);
/// The status that a word of OpenAI's or Google's stands for; 0 for an unknown one.
int status_of_word(std::string_view word);

/// Whether the text, or the code beside it, says that the prompt is longer than the model's
/// context: then what clients of the hub look for, in front of the text.
std::optional<std::string> prompt_too_long(std::string_view code, std::string_view message);

}  // namespace ccrelay::dialect
