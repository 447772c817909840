#pragma once

#include <ccrelay/observer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ccrelay::worker {

/// RequestSummary::endpoint as a number.
enum class EndpointWord : std::uint8_t {
  messages,
  count_tokens,
  models,
  providers,
  passthrough,
  bedrock,
  vertex,
  chat,
  responses,
  gemini,
  health,
  ready,
  metrics,
  other,
};
inline constexpr std::array<std::string_view, 14> endpoint_words = {
    "messages", "count_tokens", "models", "providers", "passthrough", "bedrock", "vertex",
    "chat",     "responses",    "gemini", "health",    "ready",       "metrics", "other"};

constexpr EndpointWord endpoint_word(std::string_view text) {
  for (std::size_t i = 0; i < endpoint_words.size(); ++i) {
    if (endpoint_words[i] == text) return static_cast<EndpointWord>(i);
  }
  return EndpointWord::other;
}

/// So many there are.
inline constexpr std::size_t outcomes = static_cast<std::size_t>(Outcome::cancelled) + 1;
inline constexpr std::size_t endings = static_cast<std::size_t>(Ending::by_operator) + 1;

}  // namespace ccrelay::worker
