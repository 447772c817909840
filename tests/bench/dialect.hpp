#pragma once

#include <cstdint>

namespace bench {

/// What is spoken. Clients speak the first two.
enum class Dialect : std::uint8_t { anthropic, chat, responses, gemini };

}  // namespace bench
