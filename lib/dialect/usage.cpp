#include "dialect/usage.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "dialect/dialect.hpp"
#include "dialect/profile.hpp"
#include "wire/told_cost.hpp"

namespace ccrelay::dialect {
namespace {

// More than any model has: sums of what nonsense there may be stay numbers.
constexpr std::int64_t tokens_max = std::int64_t{1} << 50;

std::optional<std::int64_t> count_of(Json number) {
  const auto count = number.integer();
  if (!count) return {};
  return std::clamp<std::int64_t>(*count, 0, tokens_max);
}

bool take(Json number, std::int64_t& into) {
  const auto count = count_of(number);
  if (count) into = *count;
  return count.has_value();
}

bool take(Json object, std::string_view name, std::int64_t& into) {
  return take(object[name], into);
}

std::optional<double> number_of(Json number) {
  return number.is_number() ? number.number() : std::nullopt;
}

std::optional<std::int64_t> openrouter_cost(Json usage) {
  const auto [cost, is_byok, details] = usage.picked("cost", "is_byok", "cost_details");
  return wire::nano_usd_of(wire::OpenRouterCost{number_of(cost), is_byok.is_true(),
                                                number_of(details["upstream_inference_cost"])});
}

void read_told_cost(Json usage, const Profile& profile, Usage& into) {
  if (profile.told_cost.empty()) return;
  const auto cost = profile.told_cost == "cost"
                        ? openrouter_cost(usage)
                        : wire::nano_usd_of_ticks(usage["cost_in_usd_ticks"].integer());
  if (cost) into.cost_nano_usd = cost;
}

// Of totals that hold both cache classes.
void set_input(Usage& usage, std::int64_t total) {
  usage.input = std::max<std::int64_t>(0, total - usage.cache_read - usage.cache_creation);
}

}  // namespace

void read_hub_usage(Json usage, Usage& into) {
  bool told = take(usage, "input_tokens", into.input);
  told |= take(usage, "cache_read_input_tokens", into.cache_read);
  told |= take(usage, "cache_creation_input_tokens", into.cache_creation);
  told |= take(usage, "output_tokens", into.output);
  take(usage["output_tokens_details"], "thinking_tokens", into.thinking);
  take(usage["server_tool_use"], "web_search_requests", into.web_searches);
  into.told |= told;
}

void read_chat_usage(Json usage, const Profile& profile, Usage& into) {
  if (!usage.is_object()) return;
  read_told_cost(usage, profile, into);
  const auto [told_prompt, told_completion, details] =
      usage.picked("prompt_tokens", "completion_tokens", "prompt_tokens_details");
  const auto prompt = count_of(told_prompt);
  const auto completion = count_of(told_completion);
  if (!prompt && !completion) return;
  into.cache_read = into.cache_creation = into.thinking = 0;
  take(details, "cached_tokens", into.cache_read) ||
      take(usage, "prompt_cache_hit_tokens", into.cache_read) ||
      take(usage, "cached_tokens", into.cache_read);
  take(details, "cache_write_tokens", into.cache_creation);
  take(usage["completion_tokens_details"], "reasoning_tokens", into.thinking);
  set_input(into, prompt.value_or(0));
  into.output = completion.value_or(0) + (profile.reasoning_extra ? into.thinking : 0);
  into.told = true;
}

void read_responses_usage(Json usage, const Profile& profile, Usage& into) {
  if (!usage.is_object()) return;
  read_told_cost(usage, profile, into);
  const auto input = count_of(usage["input_tokens"]);
  const auto output = count_of(usage["output_tokens"]);
  if (!input && !output) return;
  const Json details = usage["input_tokens_details"];
  into.cache_read = into.cache_creation = into.thinking = 0;
  take(details, "cached_tokens", into.cache_read);
  take(details, "cache_write_tokens", into.cache_creation);
  take(usage["output_tokens_details"], "reasoning_tokens", into.thinking);
  // x.ai's, who bills a page that the model opens as a search
  // (https://docs.x.ai/developers/pricing).
  take(usage["server_side_tool_usage_details"], "web_search_calls", into.web_searches);
  set_input(into, input.value_or(0));
  into.output = output.value_or(0);
  into.told = true;
}

void read_gemini_usage(Json usage, Usage& into) {
  // With each chunk of a stream.
  const auto [told_prompt, told_candidates, told_thoughts, cached, by_tools] =
      usage.picked("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount",
                   "cachedContentTokenCount", "toolUsePromptTokenCount");
  const auto prompt = count_of(told_prompt);
  const auto candidates = count_of(told_candidates);
  const auto thoughts = count_of(told_thoughts);
  if (!prompt && !candidates && !thoughts) return;
  into.cache_read = into.cache_creation = 0;
  take(cached, into.cache_read);
  set_input(into, prompt.value_or(0) + count_of(by_tools).value_or(0));
  into.thinking = thoughts.value_or(0);
  into.output = candidates.value_or(0) + into.thinking;
  into.told = true;
}

void tell_cost(const AnswerContext& context, const Usage& usage) {
  if (context.cost && usage.cost_nano_usd) context.cost->nano_usd = usage.cost_nano_usd;
}

void read_service_tier(Json tier, Usage& into) {
  if (!tier.is_string() || tier.is_empty()) return;
  if (tier.is("default") || tier.is("standard") || tier.is("auto")) return;
  into.service_tier = tier.text();
}

Json chat_usage_in(Json answer) {
  const auto [usage, x_groq, choices] = answer.picked("usage", "x_groq", "choices");
  return chat_usage_in(usage, x_groq, choices);
}

Json chat_usage_in(Json usage, Json x_groq, Json choices) {
  if (usage.is_object()) return usage;
  if (const Json of_groq = x_groq["usage"]; of_groq.is_object()) return of_groq;
  for (const Json& choice : choices.items()) {
    if (const Json inner = choice["usage"]; inner.is_object()) return inner;
    break;
  }
  return {};
}

void write_hub_usage(JsonOut& json, const Usage& usage) {
  json.object()
      .number("input_tokens", usage.input)
      .number("cache_creation_input_tokens", usage.cache_creation)
      .number("cache_read_input_tokens", usage.cache_read)
      .number("output_tokens", usage.output);
  json.object("output_tokens_details").number("thinking_tokens", usage.thinking).end();
  if (usage.web_searches > 0) {
    json.object("server_tool_use")
        .number("web_search_requests", usage.web_searches)
        .number("web_fetch_requests", 0)
        .end();
  }
  if (!usage.service_tier.empty()) json.string("service_tier", usage.service_tier);
  json.end();
}

void write_chat_usage(JsonOut& json, const Usage& usage) {
  json.object()
      .number("prompt_tokens", usage.prompt())
      .number("completion_tokens", usage.output)
      .number("total_tokens", usage.total());
  json.object("prompt_tokens_details")
      .number("cached_tokens", usage.cache_read)
      .number("cache_write_tokens", usage.cache_creation)
      .number("audio_tokens", 0)
      .end();
  json.object("completion_tokens_details")
      .number("reasoning_tokens", usage.thinking)
      .number("audio_tokens", 0)
      .number("accepted_prediction_tokens", 0)
      .number("rejected_prediction_tokens", 0)
      .end();
  json.end();
}

void write_responses_usage(JsonOut& json, const Usage& usage) {
  json.object().number("input_tokens", usage.prompt());
  json.object("input_tokens_details")
      .number("cached_tokens", usage.cache_read)
      .number("cache_write_tokens", usage.cache_creation)
      .end();
  json.number("output_tokens", usage.output);
  json.object("output_tokens_details").number("reasoning_tokens", usage.thinking).end();
  json.number("total_tokens", usage.total()).end();
}

void write_gemini_usage(JsonOut& json, const Usage& usage) {
  json.object()
      .number("promptTokenCount", usage.prompt())
      .number("cachedContentTokenCount", usage.cache_read)
      .number("candidatesTokenCount", std::max<std::int64_t>(0, usage.output - usage.thinking))
      .number("thoughtsTokenCount", usage.thinking)
      .number("totalTokenCount", usage.total())
      .end();
}

}  // namespace ccrelay::dialect
