#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

struct AnswerContext;
struct Profile;

/// Tokens as the hub counts them: the classes of the input are disjoint, reasoning is a part of the
/// output. What nobody told is 0. A value type.
struct Usage {
  std::int64_t input = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_creation = 0;
  std::int64_t output = 0;
  std::int64_t thinking = 0;      ///< of the output
  std::int64_t web_searches = 0;  ///< not tokens
  bool told = false;              ///< any figure was
  /// The provider's word for how it served, where that is not as usual: `flex`, `priority`, …
  std::string service_tier = {};
  /// What the provider says that it cost, in nano-USD. Not the hub's to tell: see tell_cost().
  std::optional<std::int64_t> cost_nano_usd = {};

  std::int64_t prompt() const { return input + cache_read + cache_creation; }
  std::int64_t total() const { return prompt() + output; }
};

/// Reads a usage object of the provider's form. What it tells takes the place of what was told
/// before, so that counts in several places are never added up; what is no object, or tells
/// nothing, changes nothing.
void read_hub_usage(Json usage, Usage& into);
void read_chat_usage(Json usage, const Profile& profile, Usage& into);
void read_responses_usage(Json usage, const Profile& profile, Usage& into);
void read_gemini_usage(Json usage_metadata, Usage& into);

/// Puts the cost that a provider told where who reads the answer looks for it: no client is told
/// more than its own dialect has.
void tell_cost(const AnswerContext& context, const Usage& usage);

/// Takes OpenAI's `service_tier`, of an answer or a chunk; nothing where it is the usual one.
void read_service_tier(Json tier, Usage& into);

/// Where an answer or a chunk of a chat server has its usage: `usage`, `x_groq.usage`, or
/// `choices[0].usage` (Moonshot).
Json chat_usage_in(Json answer);
/// The same of the members `usage`, `x_groq` and `choices` of it.
Json chat_usage_in(Json usage, Json x_groq, Json choices);

/// Writes the object as the value that is due.
void write_hub_usage(JsonOut& json, const Usage& usage);
void write_chat_usage(JsonOut& json, const Usage& usage);
void write_responses_usage(JsonOut& json, const Usage& usage);
void write_gemini_usage(JsonOut& json, const Usage& usage);

}  // namespace ccrelay::dialect
