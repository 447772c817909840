#include "dialect/hub_delta.hpp"

namespace ccrelay::dialect {

DeltaWords DeltaWords::of(Json delta) {
  const auto [type, text, thinking, input] =
      delta.picked("type", "text", "thinking", "partial_json");
  if (type.is("text_delta")) return {Kind::text, text};
  if (type.is("thinking_delta")) return {Kind::thinking, thinking};
  if (type.is("input_json_delta")) return {Kind::input, input};
  return {};
}

void HubDelta::learn(Json event, const DeltaWords& words) {
  kind_ = words.kind;
  mould_.cast(event, words.words, {{"type", "index", "delta"}});
}

bool HubDelta::is_next(std::string_view data) {
  if (mould_.fits(data)) return true;
  mould_.drop();
  return false;
}

}  // namespace ccrelay::dialect
