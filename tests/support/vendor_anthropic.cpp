#include <algorithm>
#include <set>

#include "dialect/json_out.hpp"
#include "dialect/sse_events.hpp"
#include "support/vendor.hpp"

namespace ccrelay::testing {
namespace {

using dialect::Json;
using dialect::json_quoted;
using dialect::JsonOut;

std::string text_of(Json content) {
  if (content.is_string()) return content.text();
  std::string text;
  for (const Json block : content.items()) {
    if (!text.empty()) text += '\n';
    text += block["type"].is("text") ? block["text"].text() : "[" + block["type"].text() + "]";
  }
  return text;
}

void check_tools(Json body, Strict& strict) {
  std::set<std::string> names;
  for (const Json tool : body["tools"].items()) {
    strict.only(tool, {"name", "description", "input_schema", "strict", "cache_control", "type"},
                "tools");
    strict.need(is_tool_name(tool["name"].text()), "tools.name " + tool["name"].text());
    strict.need(names.insert(tool["name"].text()).second, "two tools of one name");
    const Json schema = tool["input_schema"];
    strict.need(schema["type"].is("object"), "tools.input_schema.type");
    strict.need(!tool["strict"].is_true() || is_closed(schema, false),
                "For 'object' type, 'additionalProperties' must be explicitly set to false");
  }
  strict.need(
      is_closed(body["output_config"]["format"]["schema"], false),
      "output_config.format.schema: 'additionalProperties' must be explicitly set to false");
  const Json choice = body["tool_choice"];
  if (!choice) return;
  strict.only(choice, {"type", "name", "disable_parallel_tool_use"}, "tool_choice");
  strict.need(!names.empty(), "tool_choice without tools");
  const bool forced = choice["type"].is("any") || choice["type"].is("tool");
  strict.need(!forced || !body["thinking"] || body["thinking"]["type"].is("disabled"),
              "thinking with a forced tool_choice");
}

}  // namespace

void Vendor::take_anthropic(Json body, Strict& strict) {
  strict.only(body,
              {"model", "max_tokens", "messages", "system", "temperature", "top_p", "top_k",
               "stop_sequences", "stream", "thinking", "output_config", "tools", "tool_choice",
               "metadata", "service_tier"},
              "body");
  strict.need(body["model"].is_string(), "model");
  strict.need(body["max_tokens"].integer().value_or(0) > 0, "max_tokens");
  const bool thinks = body["thinking"] && !body["thinking"]["type"].is("disabled");
  strict.need(!thinks || !body["temperature"], "temperature with thinking");
  check_tools(body, strict);
  if (body["system"]) hear("system", text_of(body["system"]));
  for (const Json tool : body["tools"].items())
    hear("tool " + tool["name"].text(), tool["input_schema"].raw());
  std::set<std::string> open;  // calls that wait for their results
  std::string last;
  for (const Json message : body["messages"].items()) {
    strict.only(message, {"role", "content"}, "messages");
    const Json role = message["role"];
    strict.need(role.is("user") || role.is("assistant"), "messages.role");
    strict.need(!last.empty() || role.is("user"), "the first message is no user's");
    last = role.text();
    const std::set<std::string> asked = std::exchange(open, {});
    std::set<std::string> answered;
    if (message["content"].is_string()) {
      strict.need(!message["content"].is_empty(), "an empty message");
      hear(last, message["content"].text());
    }
    strict.need(!message["content"].is_array() || !message["content"].is_empty(),
                "an empty message");
    bool other = false;
    for (const Json block : message["content"].items()) {
      const Json type = block["type"];
      if (type.is("text")) {
        strict.only(block, {"type", "text", "cache_control", "citations"}, "text");
        strict.need(!block["text"].is_empty(), "an empty text block");
        hear(last, block["text"].text());
        other = true;
      } else if (type.is("thinking")) {
        strict.only(block, {"type", "thinking", "signature"}, "thinking");
        const Made* made = decrypted(block["signature"].text());
        strict.need(made && made->text == block["thinking"].text(),
                    "Invalid `signature` in `thinking` block");
        hear("thinks", block["thinking"].text());
      } else if (type.is("tool_use")) {
        strict.only(block, {"type", "id", "name", "input", "cache_control"}, "tool_use");
        strict.need(is_tool_name(block["id"].text()), "tool_use.id " + block["id"].text());
        strict.need(block["input"].is_object(), "tool_use.input");
        open.insert(block["id"].text());
        hear("call " + block["id"].text() + " " + block["name"].text() + " " +
                 std::string(block["input"].raw()),
             {});
      } else if (type.is("tool_result")) {
        strict.only(block, {"type", "tool_use_id", "content", "is_error", "cache_control"},
                    "tool_result");
        strict.need(!other, "a tool_result behind other content");
        strict.need(asked.count(block["tool_use_id"].text()) == 1,
                    "a tool_result without its tool_use");
        answered.insert(block["tool_use_id"].text());
        hear("result " + block["tool_use_id"].text() +
                 (block["is_error"].is_true() ? " (error)" : ""),
             text_of(block["content"]));
      } else if (type.is("image") || type.is("document")) {
        strict.only(block, {"type", "source", "title", "cache_control"}, "image");
        hear(last, "[" + type.text() + "]");
        other = true;
      } else {
        strict.need(false, "a block of type " + type.text());
      }
    }
    strict.need(answered == asked, "tool_use ids without tool_result blocks right behind");
  }
  strict.need(!last.empty(), "messages");
  strict.need(open.empty(), "a last message with calls");
}

Vendor::Answer Vendor::say_anthropic(const Said& said, bool stream) {
  const std::string head =
      R"("id":"msg_)" + name_ +
      R"(","type":"message","role":"assistant","model":"claude-real","content":)";
  const std::string usage =
      R"("usage":{"input_tokens":)" + std::to_string(said.input) +
      R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":)" +
      std::to_string(said.cached) + R"(,"output_tokens":)" + std::to_string(said.output) +
      R"(,"output_tokens_details":{"thinking_tokens":)" + std::to_string(said.thought) + "}}";
  const std::string stop =
      R"("stop_reason":)" + json_quoted(said.stop) + R"(,"stop_sequence":null)";
  struct Block {
    std::string start;  // as a stream begins it, without its last brace
    std::vector<std::string> deltas;
    std::string whole;
  };
  std::vector<Block> blocks;
  if (!said.thinking.empty()) {
    const std::string signature = json_quoted(encrypt(said.thinking));
    const auto [one, two] = pieces_of(said.thinking);
    blocks.push_back({R"({"type":"thinking","thinking":"","signature":""})",
                      {R"({"type":"thinking_delta","thinking":)" + json_quoted(one) + "}",
                       R"({"type":"thinking_delta","thinking":)" + json_quoted(two) + "}",
                       R"({"type":"signature_delta","signature":)" + signature + "}"},
                      R"({"type":"thinking","thinking":)" + json_quoted(said.thinking) +
                          R"(,"signature":)" + signature + "}"});
  }
  if (!said.text.empty()) {
    const auto [one, two] = pieces_of(said.text);
    blocks.push_back({R"({"type":"text","text":""})",
                      {R"({"type":"text_delta","text":)" + json_quoted(one) + "}",
                       R"({"type":"text_delta","text":)" + json_quoted(two) + "}"},
                      R"({"type":"text","text":)" + json_quoted(said.text) + "}"});
  }
  for (const Said::Call& call : said.calls) {
    const std::string start = R"({"type":"tool_use","id":)" + json_quoted(call.id) + R"(,"name":)" +
                              json_quoted(call.name) + R"(,"input":)";
    const auto [one, two] = pieces_of(call.arguments);
    blocks.push_back({start + "{}}",
                      {R"({"type":"input_json_delta","partial_json":)" + json_quoted(one) + "}",
                       R"({"type":"input_json_delta","partial_json":)" + json_quoted(two) + "}"},
                      start + call.arguments + "}"});
  }
  if (!stream) {
    std::string content;
    for (const Block& block : blocks) content += (content.empty() ? "" : ",") + block.whole;
    return {
        200, "application/json", {"{" + head + "[" + content + "]," + stop + "," + usage + "}"}};
  }
  Answer answer{200, "text/event-stream", {}};
  const auto tell = [&answer](std::string_view type, const std::string& rest) {
    std::string event;
    dialect::append_event(event, type, R"({"type":)" + json_quoted(type) + rest + "}");
    answer.events.push_back(event);
  };
  tell("message_start",
       R"(,"message":{)" + head + R"([],"stop_reason":null,"stop_sequence":null,)" + usage + "}");
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string index = R"(,"index":)" + std::to_string(i);
    tell("content_block_start", index + R"(,"content_block":)" + blocks[i].start);
    if (i == 0) tell("ping", {});
    for (const std::string& delta : blocks[i].deltas)
      tell("content_block_delta", index + R"(,"delta":)" + delta);
    tell("content_block_stop", index);
  }
  tell("message_delta", R"(,"delta":{)" + stop + "}," + usage);
  tell("message_stop", {});
  return answer;
}

}  // namespace ccrelay::testing
