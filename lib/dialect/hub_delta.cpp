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

void HubDelta::learn(Json event, const DeltaWords& words, const EventFrame& frame) {
  kind_ = words.kind;
  mould_.cast(event, words.words, {{"type", "index", "delta"}}, frame);
}

bool HubDelta::is_next(std::string_view data, const EventFrame& frame) {
  if (mould_.fits(data, frame)) return true;
  mould_.drop();
  return false;
}

}  // namespace ccrelay::dialect
