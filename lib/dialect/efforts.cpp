#include "dialect/efforts.hpp"

#include <algorithm>
#include <array>

#include "dialect/profile.hpp"

namespace ccrelay::dialect {
namespace {

using Kind = Thinking::Kind;

// All that there are, lowest first.
constexpr std::array<std::string_view, 7> effort_order{"none", "minimal", "low", "medium",
                                                       "high", "xhigh",   "max"};
constexpr std::int64_t budget_max = 24576;  // of Gemini 2.5
constexpr std::int64_t hub_budget_min = 1024;

std::ptrdiff_t rank_of(std::string_view word) {
  return std::find(effort_order.begin(), effort_order.end(), word) - effort_order.begin();
}

std::string_view effort_of_budget(std::int64_t budget) {
  if (budget < 4096) return "low";
  return budget < 16384 ? "medium" : "high";
}

std::int64_t budget_of_effort(std::string_view effort) {
  if (effort == "minimal" || effort == "low") return 2048;
  return effort == "medium" ? 8192 : budget_max;
}

// The word itself, else the nearest lower one that the profile has, else its lowest. `none` is no
// effort: who asks for a little shall not get nothing.
std::string_view nearest(std::string_view word, const Profile& profile) {
  std::string_view lower, lowest;
  for (const std::string& has : profile.efforts) {
    if (has == "none") continue;
    if (lowest.empty()) lowest = has;
    if (rank_of(has) <= rank_of(word)) lower = has;
  }
  return lower.empty() ? lowest : lower;
}

std::string_view lowest(const Profile& profile) {
  return profile.efforts.empty() ? std::string_view() : std::string_view(profile.efforts.front());
}

// The hub's word, without what a profile has; empty for a provider's default.
std::string_view wanted(const Thinking& thinking) {
  if (!thinking.effort.empty()) return thinking.effort;
  if (thinking.kind == Kind::enabled) return effort_of_budget(thinking.budget);
  return {};
}

void write_type(JsonOut& json, bool enabled) {
  json.object("thinking").string("type", enabled ? "enabled" : "disabled").end();
}

}  // namespace

Thinking read_hub_thinking(Json thinking, Json output_config) {
  Thinking out;
  const Json type = thinking["type"];
  if (type.is("disabled")) out.kind = Kind::disabled;
  if (type.is("adaptive")) out.kind = Kind::adaptive;
  if (type.is("enabled")) out.kind = Kind::enabled;
  out.budget = std::max<std::int64_t>(0, thinking["budget_tokens"].integer().value_or(0));
  out.shown = !thinking["display"].is("omitted");
  out.effort = output_config["effort"].text();
  return out;
}

Thinking read_openai_effort(std::string_view word) {
  Thinking out;
  if (word.empty() || rank_of(word) == static_cast<std::ptrdiff_t>(effort_order.size())) return out;
  out.kind = word == "none" ? Kind::disabled : Kind::adaptive;
  if (word != "none") out.effort = word == "minimal" ? "low" : word;
  return out;
}

Thinking read_gemini_thinking(Json config) {
  Thinking out;
  const auto member = [&config](std::string_view camel, std::string_view snake) {
    const Json value = config[camel];
    return value ? value : config[snake];
  };
  out.shown = !member("includeThoughts", "include_thoughts").is_false();
  const Json level = member("thinkingLevel", "thinking_level");
  if (level.is("MINIMAL") || level.is("LOW") || level.is("minimal") || level.is("low")) {
    out.effort = "low";
  } else if (level.is("MEDIUM") || level.is("medium")) {
    out.effort = "medium";
  } else if (level.is("HIGH") || level.is("high")) {
    out.effort = "high";
  } else if (const auto budget = member("thinkingBudget", "thinking_budget").integer()) {
    out.kind = *budget == 0 ? Kind::disabled : Kind::adaptive;
    if (*budget > 0) out.effort = effort_of_budget(*budget);
  }
  if (!out.effort.empty()) out.kind = Kind::adaptive;
  return out;
}

std::string_view openai_effort(const Thinking& thinking, const Profile& profile, bool search) {
  std::string_view word;
  if (thinking.kind == Kind::disabled) {
    word = lowest(profile);
  } else if (const std::string_view effort = wanted(thinking); !effort.empty()) {
    word = nearest(effort, profile);
  }
  return search && word == "minimal" ? "low" : word;
}

void write_chat_effort(JsonOut& json, const Thinking& thinking, const Profile& profile,
                       bool tools) {
  const std::string_view field = profile.effort_field;
  std::string_view word = openai_effort(thinking, profile);
  if (tools && profile.effort_with_tools == "omit") return;
  if (tools && !profile.effort_with_tools.empty()) word = profile.effort_with_tools;
  if (field == "thinking" || field == "thinking+effort") {
    if (word.empty() && wanted(thinking).empty()) return;
    write_type(json, word != "none");
    if (field == "thinking" || word == "none" || word.empty()) return;
    json.string("reasoning_effort", word);
  } else if (field == "reasoning") {
    if (!word.empty()) json.object("reasoning").string("effort", word).end();
  } else if (!field.empty() && !word.empty()) {
    json.string(field, word);
  }
}

void write_gemini_thinking(JsonOut& json, const Thinking& thinking, const Profile& profile) {
  if (!thinking.told() || profile.effort_field.empty()) return;
  json.object("thinkingConfig");
  const bool disabled = thinking.kind == Kind::disabled;
  const std::string_view effort = wanted(thinking);
  if (profile.effort_field == "thinkingBudget") {
    std::int64_t budget = -1;
    if (disabled) {
      budget = profile.thinking_budget_min;
    } else if (!thinking.effort.empty()) {
      budget = budget_of_effort(thinking.effort);
    } else if (thinking.kind == Kind::enabled) {
      budget = std::min(thinking.budget, budget_max);
    }
    json.number("thinkingBudget", budget);
    // Thoughts of a model that is told not to think are refused [i lobehub 7985].
    if (budget == 0) {
      json.end();
      return;
    }
  } else {
    std::string level(disabled         ? lowest(profile)
                      : effort.empty() ? effort
                                       : nearest(effort, profile));
    for (char& c : level) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    if (!level.empty()) json.string("thinkingLevel", level);
  }
  json.boolean("includeThoughts", true).end();
}

HubThinking hub_thinking(const Thinking& thinking, const Profile& profile,
                         std::int64_t max_tokens) {
  HubThinking out{{}, {}, max_tokens};
  if (!thinking.told()) return out;
  JsonOut json(out.thinking);
  if (thinking.kind == Kind::disabled) {
    // A model that always thinks is told to think little.
    if (!profile.disabled_thinking) {
      out.effort = "low";
      return out;
    }
    json.object().string("type", "disabled").end();
    return out;
  }
  if (profile.adaptive_thinking) {
    json.object().string("type", "adaptive");
    if (!thinking.shown) json.string("display", "omitted");
    json.end();
    out.effort = wanted(thinking);
    return out;
  }
  if (!profile.enabled_thinking) return out;
  const std::int64_t budget =
      thinking.kind == Kind::enabled && thinking.budget > 0
          ? std::max(thinking.budget, hub_budget_min)
          : budget_of_effort(thinking.effort.empty() ? "medium" : thinking.effort);
  // Below max_tokens, with as much left for the answer as the client asked for.
  if (max_tokens <= budget) out.max_tokens = budget + std::max<std::int64_t>(max_tokens, 1);
  json.object().string("type", "enabled").number("budget_tokens", budget).end();
  return out;
}

void write_hub_limit(std::int64_t max_tokens, JsonOut& json) {
  if (max_tokens > 0) json.number("max_tokens", max_tokens);
}

}  // namespace ccrelay::dialect
