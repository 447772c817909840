#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

struct Profile;

/// How much a model shall think, as the hub has it: `thinking` and `output_config.effort`.
/// A value type.
struct Thinking {
  enum class Kind : std::uint8_t { untold, disabled, enabled, adaptive };

  Kind kind = Kind::untold;
  std::string effort;       ///< low, medium, high, xhigh, max; empty: not told
  std::int64_t budget = 0;  ///< tokens, of `enabled`
  bool shown = true;        ///< false: the client wants no thinking text (`display`)

  bool told() const { return kind != Kind::untold || !effort.empty(); }
};

Thinking read_hub_thinking(Json thinking, Json output_config);
/// Of `reasoning_effort` or `reasoning.effort`.
Thinking read_openai_effort(std::string_view word);
/// Of `generationConfig.thinkingConfig`.
Thinking read_gemini_thinking(Json thinking_config);

/// The word for a chat or responses provider; empty: none is sent. `search`: the request has a
/// hosted search, which goes with no effort under low.
std::string_view openai_effort(const Thinking& thinking, const Profile& profile,
                               bool search = false);
/// Writes the members of a chat request, in the profile's field. `tools`: it has function tools.
void write_chat_effort(JsonOut& json, const Thinking& thinking, const Profile& profile, bool tools);
/// Writes `thinkingConfig` into `generationConfig`, or nothing.
void write_gemini_thinking(JsonOut& json, const Thinking& thinking, const Profile& profile);

/// What a request to an Anthropic provider says.
struct HubThinking {
  std::string thinking;     ///< the JSON of `thinking`; empty: none
  std::string effort;       ///< `output_config.effort`; empty: none
  std::int64_t max_tokens;  ///< raised where a budget needs it
};
HubThinking hub_thinking(const Thinking& thinking, const Profile& profile, std::int64_t max_tokens);
/// `max_tokens`, where there is a limit: 0 is none.
void write_hub_limit(std::int64_t max_tokens, JsonOut& json);

}  // namespace ccrelay::dialect
