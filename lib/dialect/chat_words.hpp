#pragma once

#include <cstdint>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// What nearly every chunk of a chat stream comes to: one delta of some words, and nothing else
/// that anybody reads.
struct ChatWords {
  enum class Kind : std::uint8_t {
    none,  ///< it is another one
    text,
    thinking,
    arguments,  ///< of a call that is known
  };
  Kind kind = Kind::none;
  Json words;  ///< a string
};

/// Of a chunk's `choices`.
ChatWords chat_words_of(Json choices);

}  // namespace ccrelay::dialect
