#include "dialect/hub_fold.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/hub_stream.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::dialect {
namespace {

// What is told later takes the place of what was told first; the rest stays.
std::string merged_usage(Json first, Json later) {
  if (!first.is_object()) return std::string(later.raw());
  std::string text;
  JsonOut out(text);
  out.object();
  std::map<std::string, bool> told_later;
  for (const JsonMember& member : later.members()) told_later[member.name()] = member.value.told();
  for (const JsonMember& member : first.members()) {
    const std::string name = member.name();
    const auto told = told_later.find(name);
    if (told == told_later.end() || !told->second) out.raw(name, member.value);
  }
  for (const JsonMember& member : later.members()) {
    if (member.value.told()) out.raw(member.name(), member.value);
  }
  out.end();
  return text;
}

// Puts a message together from its events.
class HubFold final : public EventSink {
 public:
  void on_event(std::string_view, std::string_view data) override {
    const Json event = Json::read(data);
    const std::string type = event["type"].text();
    if (type == "message_start") {
      start_ = event["message"].raw();
    } else if (type == "content_block_start") {
      blocks_.emplace_back().start = event["content_block"].raw();
    } else if (type == "content_block_delta" && !blocks_.empty()) {
      add(blocks_.back(), event["delta"]);
    } else if (type == "message_delta") {
      reason_ = event["delta"]["stop_reason"].raw();
      sequence_ = event["delta"]["stop_sequence"].raw();
      usage_ = event["usage"].raw();
    } else if (type == "message_stop") {
      whole_ = true;
    } else if (type == "error") {
      error_ = data;
    }
  }

  bool failed() const { return !error_.empty() || !whole_; }

  std::string text() const {
    if (!error_.empty()) return error_;
    if (!whole_) return wire::error_envelope("api_error", "the provider's stream ended early", {});
    std::string text;
    JsonOut out(text);
    out.object();
    const Json start(start_);
    for (const JsonMember& member : start.members()) {
      const std::string name = member.name();
      if (name == "content" || name == "stop_reason" || name == "stop_sequence" || name == "usage")
        continue;
      out.raw(name, member.value);
    }
    out.array("content");
    for (const Block& block : blocks_) write(out, block);
    out.end();
    out.raw("stop_reason", reason_).raw("stop_sequence", sequence_);
    out.raw("usage", merged_usage(start["usage"], Json(usage_))).end();
    return text;
  }

 private:
  struct Block {
    std::string start;
    std::string text;  // or thinking
    std::string signature;
    std::string input;
    std::vector<std::string> citations;
  };

  static void add(Block& block, Json delta) {
    const std::string type = delta["type"].text();
    if (type == "text_delta") block.text += delta["text"].text();
    if (type == "thinking_delta") block.text += delta["thinking"].text();
    if (type == "signature_delta") block.signature += delta["signature"].text();
    if (type == "input_json_delta") block.input += delta["partial_json"].text();
    if (type == "citations_delta") block.citations.emplace_back(delta["citation"].raw());
  }

  static void write(JsonOut& out, const Block& block) {
    const Json start(block.start);
    // However often the start has a member, what came behind it is told once.
    bool text = false, signature = false, input = !Json::read(block.input).is_object();
    out.object();
    for (const JsonMember& member : start.members()) {
      const std::string name = member.name();
      if ((name == "text" || name == "thinking") && member.value.is_string() && !text) {
        text = true;
        out.string(name, member.value.text() + block.text);
      } else if (name == "signature" && !signature) {
        signature = true;
        out.string(name, member.value.text() + block.signature);
      } else if (name == "input" && !input) {
        input = true;
        out.raw(name, block.input);
      } else if (name != "citations" || block.citations.empty()) {
        out.raw(name, member.value);
      }
    }
    if (!block.citations.empty()) {
      out.array("citations");
      for (const std::string& citation : block.citations) out.raw(citation);
      out.end();
    }
    out.end();
  }

  std::string start_;
  std::vector<Block> blocks_;
  std::string reason_;
  std::string sequence_;
  std::string usage_;
  std::string error_;
  bool whole_ = false;
};

void append_delta(std::string& out, std::size_t index, std::string_view type,
                  std::string_view member, Json value) {
  std::string text;
  JsonOut json(text);
  json.object().string("type", "content_block_delta");
  json.number("index", static_cast<std::int64_t>(index));
  json.object("delta").string("type", type).raw(member, value).end().end();
  append_event(out, "content_block_delta", text);
}

void append_block(std::string& out, std::size_t index, Json block) {
  const std::string type = block["type"].text();
  const bool thinking = type == "thinking";
  const bool call = type == "tool_use" || type == "server_tool_use";
  std::string text;
  JsonOut json(text);
  json.object().string("type", "content_block_start");
  json.number("index", static_cast<std::int64_t>(index)).object("content_block");
  for (const JsonMember& member : block.members()) {
    const std::string name = member.name();
    const bool told_later = (type == "text" && name == "text") ||
                            (thinking && (name == "thinking" || name == "signature"));
    if (told_later) {
      json.string(name, "");
    } else if (call && name == "input") {
      json.raw(name, "{}");
    } else if (type != "text" || name != "citations") {
      json.raw(name, member.value);
    }
  }
  json.end().end();
  append_event(out, "content_block_start", text);
  if (type == "text") append_delta(out, index, "text_delta", "text", block["text"]);
  if (thinking) {
    append_delta(out, index, "thinking_delta", "thinking", block["thinking"]);
    append_delta(out, index, "signature_delta", "signature", block["signature"]);
  }
  for (const Json citation : block["citations"].items())
    append_delta(out, index, "citations_delta", "citation", citation);
  if (call) {
    const std::string input = json_quoted(block["input"].raw());
    append_delta(out, index, "input_json_delta", "partial_json", Json(input));
  }
  append_event(out, "content_block_stop",
               R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}");
}

}  // namespace

std::string message_of_stream(std::string_view stream, bool* failed) {
  HubFold fold;
  SseEvents events(fold, StreamTranslator::buffered_bytes_max);
  events.feed(stream);
  events.end();
  if (failed) *failed = fold.failed();
  return fold.text();
}

std::string stream_of_message(std::string_view message) {
  std::string out;
  const Json json = Json::read(message);
  if (!json["type"].is("message")) {
    append_hub_error("api_error", "the provider's answer is not a message", out);
    return out;
  }
  std::string text;
  JsonOut start(text);
  start.object().string("type", "message_start").object("message");
  for (const JsonMember& member : json.members()) {
    const std::string name = member.name();
    if (name == "content") {
      start.array(name).end();
    } else if (name == "stop_reason" || name == "stop_sequence") {
      start.null(name);
    } else {
      start.raw(name, member.value);
    }
  }
  start.end().end();
  append_event(out, "message_start", text);
  std::size_t index = 0;
  for (const Json block : json["content"].items()) append_block(out, index++, block);
  text.clear();
  JsonOut last(text);
  last.object().string("type", "message_delta").object("delta");
  last.raw("stop_reason", json["stop_reason"]).raw("stop_sequence", json["stop_sequence"]).end();
  last.raw("usage", json["usage"]).end();
  append_event(out, "message_delta", text);
  append_event(out, "message_stop", R"({"type":"message_stop"})");
  return out;
}

}  // namespace ccrelay::dialect
