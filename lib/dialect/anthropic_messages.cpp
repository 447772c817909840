#include "dialect/anthropic_messages.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

bool is_tag(Json text) {
  return text.is_string() && read_tag(text.text()).has_value();
}

}  // namespace

void AnthropicMessages::read(Json messages) {
  for (const Json& message : messages.items()) {
    const auto [role, content] = message.picked("role", "content");
    if (role.is("assistant")) {
      first_block_ = true;
      last_is_result_ = last_begins_thinking_ = false;
      note_searches(content);
      recall_first(content);
      turns_.assistant_text(content.text());
      for (const Json& block : content.items()) read_assistant(block);
    } else if (role.is("system")) {
      std::string words = content.text();
      for (const Json& block : content.items()) words += block["text"].text();
      if (!words.empty()) turns_.user_text("<system-reminder>\n" + words + "\n</system-reminder>");
    } else {
      turns_.user_text(content.text());
      for (const Json& block : content.items()) read_user(block);
    }
  }
}

std::string AnthropicMessages::text() {
  std::string out;
  JsonOut json(out);
  turns_.write(json);
  return out;
}

void AnthropicMessages::read_user(Json block) {
  const auto [type, id, content, failed] =
      block.picked("type", "tool_use_id", "content", "is_error");
  if (!type.is("tool_result")) return turns_.user(std::string(block.raw()));
  last_is_result_ = true;
  turns_.result(id_for(IdForm::anthropic, id.text()), content.told() ? content.raw() : R"("")",
                failed.is_true());
}

void AnthropicMessages::read_assistant(Json block) {
  const auto [type, id, name, input, searched] =
      block.picked("type", "id", "name", "input", "tool_use_id");
  if (type.is("thinking")) return read_thinking(block);
  if (type.is("redacted_thinking") && first_block_) last_begins_thinking_ = true;
  first_block_ = false;
  if (type.is("tool_use")) {
    if (recalls_ && id.text() != first_call_) recall_reasoning(id.text());
    turns_.call(id_for(IdForm::anthropic, id.text()), names_.out(name.text()),
                input.is_object() ? input.raw() : "{}");
  } else if (type.is("text")) {
    read_text(block);
  } else if (type.is("server_tool_use") && foreign_searches_.count(id.text()) > 0) {
    searches_.search(block);
  } else if (searched && foreign_searches_.count(searched.text()) > 0) {
    turns_.assistant_text(searches_.found(block));
  } else {
    turns_.assistant(std::string(block.raw()));
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
    turns_.assistant(std::string(block.raw()));
  } else if (const Json redacted = tag->json()["redacted"]; redacted.is_string()) {
    std::string json;
    JsonOut(json).object().string("type", "redacted_thinking").raw("data", redacted).end();
    turns_.assistant(std::move(json));
  } else if (tag->json()["signature"].is_string()) {
    const Json kept = tag->json()["thinking"];
    turns_.thinking((kept.is_string() ? kept : block["thinking"]).text(),
                    tag->json()["signature"].text());
  } else {
    return;
  }
  if (first_block_) last_begins_thinking_ = true;
  first_block_ = false;
}

// What stood in front of a message's first call stands in front of its text.
void AnthropicMessages::recall_first(Json content) {
  recalls_ = recall_ != nullptr;
  first_call_.clear();
  for (const Json& block : content.items()) {
    const auto [type, id] = block.picked("type", "id");
    if (type.is("thinking") || type.is("redacted_thinking")) recalls_ = false;
    if (type.is("tool_use") && first_call_.empty()) first_call_ = id.text();
  }
  if (recalls_ && !first_call_.empty()) recall_reasoning(first_call_);
}

void AnthropicMessages::recall_reasoning(const std::string& call_id) {
  const std::string tags = recall_->reasoning_of(call_id);
  for (const std::string_view tag : tags_in(tags)) {
    std::string block;
    JsonOut(block).object().string("thinking", "").string("signature", tag).end();
    read_thinking(Json(block));
  }
}

void AnthropicMessages::read_text(Json block) {
  if (block["text"].is_empty()) return;
  if (!block["citations"].is_array()) return turns_.assistant(std::string(block.raw()));
  std::string json;
  JsonOut out(json);
  out.object();
  for (const JsonMember& member : block.members()) {
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
void AnthropicMessages::note_searches(Json content) {
  for (const Json& block : content.items()) {
    if (!block["type"].is("web_search_tool_result")) continue;
    for (const Json& result : block["content"].items())
      if (is_tag(result["encrypted_content"]))
        foreign_searches_.insert(block["tool_use_id"].text());
  }
}

std::string with_cache_mark(std::string_view object) {
  std::string out;
  JsonOut json(out);
  json.object();
  for (const JsonMember& member : Json(object).members()) json.raw(member.name(), member.value);
  json.object("cache_control").string("type", "ephemeral").end().end();
  return out;
}

std::string with_cached_messages(std::string_view text) {
  std::vector<std::array<Json, 3>> messages;  // whole, role, content
  for (const Json& message : Json(text).items()) {
    const auto [role, content] = message.picked("role", "content");
    messages.push_back({message, role, content});
  }
  std::size_t first_marked = messages.size();
  for (int left = 2; left > 0 && first_marked > 0;)
    if (messages[--first_marked][1].is("user")) --left;
  std::string out;
  JsonOut json(out);
  json.array();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& [message, role, content] = messages[i];
    if (i < first_marked || !role.is("user")) {
      json.raw(message);
      continue;
    }
    std::vector<Json> blocks;
    for (const Json& block : content.items()) blocks.push_back(block);
    json.object().string("role", "user").array("content");
    for (std::size_t each = 0; each < blocks.size(); ++each) {
      const std::string_view block = blocks[each].raw();
      json.raw(each + 1 == blocks.size() ? with_cache_mark(block) : std::string(block));
    }
    json.end().end();
  }
  json.end();
  return out;
}

}  // namespace ccrelay::dialect
