#include "config/refusal.hpp"

#include <algorithm>
#include <array>

namespace ccrelay::settings {
namespace {

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 4> off_words{"", "off", "none", "disabled"};
constexpr std::array<std::string_view, 8> later_strategies{
    "round_robin",       "weighted_round_robin", "shuffle",       "least_loaded",
    "weighted_failover", "cost_based",           "latency_based", "model_based"};
constexpr std::array<std::string_view, 4> later_types{"bedrock", "vertex", "azure",
                                                      "anthropic_aws"};

}  // namespace

bool is_off(const Value& value) {
  switch (value.kind) {
    case Kind::integer:
      return value.integer == 0;
    case Kind::boolean:
      return !value.boolean;
    case Kind::string:
      // One that could not be expanded has been complained about already.
      return value.unusable || contains(off_words, value.text);
    case Kind::array:
      return std::all_of(value.items.begin(), value.items.end(), is_off);
    case Kind::table:
      return std::all_of(value.members.begin(), value.members.end(),
                         [](const Member& member) { return is_off(member.value); });
    case Kind::real:
    case Kind::moment:
      return false;
  }
  return false;
}

std::string not_available(std::string_view reason) {
  std::string text = " is not available in this version";
  if (!reason.empty()) text.append(": ").append(reason);
  return text + "; remove it";
}

bool is_later_strategy(std::string_view strategy) {
  return contains(later_strategies, strategy);
}
bool is_later_type(std::string_view type) {
  return contains(later_types, type);
}

}  // namespace ccrelay::settings
