#include "dialect/anthropic_messages.hpp"

#include <algorithm>
#include <optional>

#include "dialect/character_marks.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

bool is_tag(Json text) {
  return read_tag(text).has_value();
}

bool is_reasoning(Json type) {
  return type.is("thinking") || type.is("redacted_thinking");
}

}  // namespace

void AnthropicMessages::read(const std::vector<HubMessage>& messages) {
  for (const auto& [role, content] : messages) {
    if (role.is("assistant")) {
      read_assistant(content);
    } else if (role.is("system")) {
      Words words(content);
      for (const Json& block : content.items()) words.add(block["text"]);
      if (words.empty()) continue;
      turns_.user_text(Words("<system-reminder>\n").add(words).add("\n</system-reminder>"));
    } else {
      turns_.user_text(Words::of(content));
      for (const Json& block : content.items()) read_user(block);
    }
  }
}

void AnthropicMessages::read_user(Json block) {
  const auto [type, id, content, failed, mark] =
      block.picked("type", "tool_use_id", "content", "is_error", "cache_control");
  marked_ = marked_ || mark;
  if (!type.is("tool_result")) return turns_.user(HubBlock(block));
  last_is_result_ = true;
  turns_.result(id_for(IdForm::anthropic, id.text()),
                content.told() ? HubBlock(content) : HubBlock(Words()), failed.is_true());
}

void AnthropicMessages::read_assistant(Json content) {
  first_block_ = true;
  last_is_result_ = last_begins_thinking_ = false;
  blocks_.clear();
  for (const Json& block : content.items()) {
    const auto [type, id, name, input, searched, text, citations, mark] = block.picked(
        "type", "id", "name", "input", "tool_use_id", "text", "citations", "cache_control");
    if (without_reasoning_ && is_reasoning(type)) continue;
    marked_ = marked_ || mark;
    blocks_.push_back({block, type, id, name, input, searched, text, citations});
    note_searches(blocks_.back());
  }
  recall_all();
  turns_.assistant_text(Words::of(content));
  auto next = recalled_.begin();
  for (std::size_t at = 0; at < blocks_.size(); ++at) {
    for (; next != recalled_.end() && next->first == at; ++next) recall_reasoning(next->second);
    read_assistant(blocks_[at]);
  }
}

void AnthropicMessages::read_assistant(const Block& block) {
  const Json type = block.type;
  if (type.is("thinking")) return read_thinking(block.whole);
  if (type.is("redacted_thinking") && first_block_) last_begins_thinking_ = true;
  first_block_ = false;
  if (type.is("tool_use")) {
    turns_.call(id_for(IdForm::anthropic, block.id.text()), names_.out(block.name.text()),
                HubBlock(block.input.is_object() ? block.input : Json("{}")));
  } else if (type.is("text")) {
    read_text(block);
  } else if (type.is("server_tool_use") && foreign_searches_.count(block.id.text()) > 0) {
    searches_.search(block.whole);
  } else if (block.searched && foreign_searches_.count(block.searched.text()) > 0) {
    turns_.assistant_text(searches_.found(block.whole));
  } else {
    turns_.assistant(HubBlock(block.whole));
  }
}

// An untagged signature is one of Anthropic's; whether it holds here only the provider can say.
void AnthropicMessages::read_thinking(Json block) {
  const std::string signature = block["signature"].text();
  if (signature.empty()) return;
  const std::optional<Tag> tag = read_tag(signature);
  // A damaged tag is nobody's.
  if (!tag && signature.substr(0, 5) == "ccr1.") return;
  if (tag && (tag->dialect != Dialect::anthropic || tag->issuer != issuer_)) return;
  if (!tag) {
    turns_.assistant(HubBlock(block));
  } else if (const Json redacted = tag->json()["redacted"]; redacted.is_string()) {
    std::string json;
    JsonOut(json).object().string("type", "redacted_thinking").raw("data", redacted).end();
    turns_.assistant(std::move(json));
  } else if (tag->json()["signature"].is_string()) {
    const Json kept = tag->json()["thinking"];
    turns_.thinking(Words(kept.is_string() ? kept : block["thinking"]),
                    tag->json()["signature"].text());
  } else {
    return;
  }
  if (first_block_) last_begins_thinking_ = true;
  first_block_ = false;
}

// What is remembered of a message that came back without any thinking. What stood in front of a
// call, and was not told to stand behind a text, stands in front of the texts between it and the
// last call.
void AnthropicMessages::recall_all() {
  recalled_.clear();
  if (!recall_) return;
  for (const Block& block : blocks_)
    if (is_reasoning(block.type)) return;
  std::size_t place = 0;
  std::size_t counted = 0;  // blocks whose characters are told by
  std::int64_t said = 0;    // this
  for (std::size_t at = 0; at < blocks_.size(); ++at) {
    if (!blocks_[at].type.is("tool_use")) continue;
    const std::string tags = recall_->reasoning_of(blocks_[at].id.text());
    for (const std::string_view each : tags_in(tags)) {
      const auto tag = read_tag(each);
      if (!tag) continue;
      for (; counted < at && said < tag->behind(); ++counted) {
        const std::int64_t more = characters_in(blocks_[counted].text.text());
        if (said + more > tag->behind()) break;
        said += more;
        place = std::max(place, counted + 1);
      }
      recalled_.emplace_back(place, each);
    }
    place = at + 1;
  }
}

void AnthropicMessages::recall_reasoning(std::string_view tag) {
  std::string block;
  JsonOut(block).object().string("thinking", "").string("signature", tag).end();
  read_thinking(Json(block));
}

void AnthropicMessages::read_text(const Block& block) {
  if (block.text.is_empty()) return;
  if (!block.citations.is_array()) return turns_.assistant(HubBlock(block.whole));
  std::string json;
  JsonOut out(json);
  out.object();
  for (const JsonMember& member : block.whole.members()) {
    if (!member.is("citations")) {
      out.raw(member.name(), member.value);
      continue;
    }
    std::vector<Json> own;
    for (const Json& citation : member.value.items())
      if (!is_tag(citation["encrypted_index"])) own.push_back(citation);
    if (own.empty()) continue;
    out.array("citations");
    for (const Json& citation : own) out.raw(citation);
    out.end();
  }
  out.end();
  turns_.assistant(std::move(json));
}

// A search whose results have our tag was another provider's: Anthropic refuses what it did not
// make. A failed one tells nothing either way, and stays.
void AnthropicMessages::note_searches(const Block& block) {
  if (!block.type.is("web_search_tool_result")) return;
  for (const Json& result : block.whole["content"].items())
    if (is_tag(result["encrypted_content"])) foreign_searches_.insert(block.searched.text());
}

}  // namespace ccrelay::dialect
