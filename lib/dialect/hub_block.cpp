#include "dialect/hub_block.hpp"

#include <cstdint>

#include "dialect/hub_turns.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::dialect {

HubBlock::HubBlock(Json value) {
  if (value.is_clean()) {
    whole_ = value;
  } else {
    JsonOut(text_).raw(value);
  }
}

void HubBlock::wrap(std::string front, std::string_view behind) {
  at_ += front.size();
  front.append(text_).append(behind);
  text_ = std::move(front);
}

void HubBlock::write(JsonOut& json, KnownStrings* known) const {
  const std::string_view front = std::string_view(text_).substr(0, at_);
  const std::string_view behind = std::string_view(text_).substr(at_);
  if (whole_) {
    json.joined(front, whole_.raw(), behind);
    return;
  }
  const auto [begin, end] = json.joined(front, words_, behind);
  if (!known || end - begin + 2 <= wire::JsonScan::short_string) return;
  // In a longer text nothing is recorded, and so nothing looked up.
  if (end + 1 >= wire::JsonScan::recorded_bytes_max) return;
  known->push_back({static_cast<std::uint32_t>(begin - 1), static_cast<std::uint32_t>(end + 1)});
}

void HubBlock::write_marked(JsonOut& json) const {
  if (text_.empty()) {
    json.object();
    for (const JsonMember& member : whole_.members()) json.raw(member.name(), member.value);
    json.object("cache_control").string("type", "ephemeral").end().end();
  } else if (!whole_ && words_.empty()) {
    json.written(with_cache_mark(text_));
  } else {
    HubBlock marked = *this;
    marked.text_.pop_back();
    marked.text_ += R"(,"cache_control":{"type":"ephemeral"}})";
    marked.write(json);
  }
}

HubBlock block_of_text(Words text) {
  static constexpr std::string_view block = R"({"type":"text","text":""})";
  return HubBlock(std::string(block), block.size() - 2, std::move(text));
}

HubBlock array_of_blocks(std::vector<HubBlock> blocks) {
  if (blocks.size() == 1) {
    blocks.front().wrap("[", "]");
    return std::move(blocks.front());
  }
  std::string list;
  JsonOut json(list);
  json.array();
  for (const HubBlock& block : blocks) block.write(json);
  json.end();
  return HubBlock(std::move(list));
}

}  // namespace ccrelay::dialect
