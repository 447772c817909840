#include "dialect/profile_keys.hpp"

#include <algorithm>
#include <array>

namespace ccrelay::dialect {
namespace {

using Strings = std::vector<std::string>;
using Member = std::variant<bool Profile::*, std::int64_t Profile::*, std::string Profile::*,
                            Strings Profile::*>;

struct ProfileKey {
  std::string_view name;
  Member member;
  std::string_view words = {};  // allowed ones, each between blanks; empty: any
};

constexpr std::string_view effort_words = " none minimal low medium high xhigh max ";

const std::array profile_key_table{
    ProfileKey{"api", &Profile::api, " chat responses "},
    ProfileKey{"max_tokens_field", &Profile::max_tokens_field,
               " max_tokens max_completion_tokens "},
    ProfileKey{"max_output_tokens", &Profile::max_output_tokens},
    ProfileKey{"system_role", &Profile::system_role, " system developer user "},
    ProfileKey{"one_system_message", &Profile::one_system_message},
    ProfileKey{"drop", &Profile::drop},
    ProfileKey{"drop_when_thinking", &Profile::drop_when_thinking},
    ProfileKey{"efforts", &Profile::efforts, effort_words},
    ProfileKey{"effort_field", &Profile::effort_field,
               "  reasoning_effort reasoning thinking thinking+effort thinkingLevel "
               "thinkingBudget "},
    ProfileKey{"effort_with_tools", &Profile::effort_with_tools,
               "  omit none minimal low medium high xhigh max "},
    ProfileKey{"thinking_budget_min", &Profile::thinking_budget_min},
    ProfileKey{"adaptive_thinking", &Profile::adaptive_thinking},
    ProfileKey{"enabled_thinking", &Profile::enabled_thinking},
    ProfileKey{"disabled_thinking", &Profile::disabled_thinking},
    ProfileKey{"reasoning_back", &Profile::reasoning_back,
               " none reasoning_content reasoning reasoning_details "},
    ProfileKey{"reasoning_required", &Profile::reasoning_required},
    ProfileKey{"reasoning_extra", &Profile::reasoning_extra},
    ProfileKey{"told_cost", &Profile::told_cost, "  cost cost_in_usd_ticks "},
    ProfileKey{"tool_ids", &Profile::tool_ids, "  alnum9 "},
    ProfileKey{"tool_choice", &Profile::tool_choice, " auto none required any function "},
    ProfileKey{"forced_tool_choice", &Profile::forced_tool_choice},
    ProfileKey{"forced_thinking", &Profile::forced_thinking},
    ProfileKey{"parallel_tool_calls", &Profile::parallel_tool_calls},
    ProfileKey{"strict", &Profile::strict},
    ProfileKey{"tools_max", &Profile::tools_max},
    ProfileKey{"google_signatures", &Profile::google_signatures},
    ProfileKey{"user_after_tool", &Profile::user_after_tool},
    ProfileKey{"stream_usage", &Profile::stream_usage},
    ProfileKey{"images", &Profile::images},
    ProfileKey{"image_urls", &Profile::image_urls},
    ProfileKey{"files", &Profile::files},
    ProfileKey{"web_search", &Profile::web_search},
    ProfileKey{"prefill", &Profile::prefill},
    ProfileKey{"response_format", &Profile::response_format, "  json_schema json_object "},
    ProfileKey{"stop_max", &Profile::stop_max},
    ProfileKey{"cache_key", &Profile::cache_key},
    ProfileKey{"think_tags", &Profile::think_tags},
    ProfileKey{"sampling", &Profile::sampling},
    ProfileKey{"schema", &Profile::schema, "  openapi "},
    ProfileKey{"tool_media", &Profile::tool_media, "  sibling "},
};

constexpr std::array<std::string_view, 4> kinds{"true or false", "a whole number", "a string",
                                                "a list of strings"};

// Between its blanks; an empty word is two blanks.
bool is_among(std::string_view words, std::string_view word) {
  return words.find(' ' + std::string(word) + ' ') != std::string_view::npos;
}

std::string wrong_word(const ProfileKey& key, std::string_view word) {
  if (key.words.empty() || is_among(key.words, word)) return {};
  std::string words(key.words.substr(key.words.find_first_not_of(' ')));
  words.pop_back();
  for (std::size_t at = 0; (at = words.find(' ', at)) != std::string::npos; at += 2)
    words.insert(at, ",");
  return "\"" + std::string(word) + "\" is unknown (one of: " + words + ")";
}

std::string wrong_value(const ProfileKey& key, const ProfileValue& value) {
  if (key.member.index() != value.index())
    return "must be " + std::string(kinds[key.member.index()]);
  if (const auto* number = std::get_if<std::int64_t>(&value); number && *number < 0)
    return "must not be negative";
  if (const auto* word = std::get_if<std::string>(&value)) return wrong_word(key, *word);
  if (const auto* words = std::get_if<Strings>(&value)) {
    for (const std::string& word : *words) {
      if (auto wrong = wrong_word(key, word); !wrong.empty()) return wrong;
    }
  }
  return {};
}

template <class Value>
bool assign(Profile& profile, const Member& member, const ProfileValue& value) {
  const auto* pointer = std::get_if<Value Profile::*>(&member);
  if (pointer) profile.** pointer = std::get<Value>(value);
  return pointer != nullptr;
}

}  // namespace

std::string set(Profile& profile, const ProfileSetting& setting) {
  const auto key =
      std::find_if(profile_key_table.begin(), profile_key_table.end(),
                   [&setting](const ProfileKey& one) { return one.name == setting.key; });
  if (key == profile_key_table.end()) return "is unknown";
  if (auto wrong = wrong_value(*key, setting.value); !wrong.empty()) return wrong;
  assign<bool>(profile, key->member, setting.value) ||
      assign<std::int64_t>(profile, key->member, setting.value) ||
      assign<std::string>(profile, key->member, setting.value) ||
      assign<Strings>(profile, key->member, setting.value);
  return {};
}

std::vector<std::string_view> profile_keys() {
  std::vector<std::string_view> out;
  for (const ProfileKey& key : profile_key_table) out.push_back(key.name);
  return out;
}

}  // namespace ccrelay::dialect
