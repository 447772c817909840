#include <map>

#include "dialect/json_out.hpp"
#include "support/agent.hpp"

namespace ccrelay::testing {
namespace {

using dialect::Dialect;
using dialect::Json;
using dialect::json_from_string;
using dialect::json_quoted;
using dialect::JsonOut;

std::int64_t number(Json json) {
  return json.integer().value_or(0);
}

void hear_hub_usage(Json usage, Said& said) {
  said.input = number(usage["input_tokens"]);
  said.cached = number(usage["cache_read_input_tokens"]);
  said.output = number(usage["output_tokens"]);
  said.thought = number(usage["output_tokens_details"]["thinking_tokens"]);
}

// A block of a stream, put together.
std::string block_with(Json start, const std::map<std::string, std::string>& grown) {
  std::string text;
  JsonOut json(text);
  json.object();
  for (const dialect::JsonMember& member : start.members()) {
    const auto found = grown.find(member.name());
    if (found == grown.end()) {
      json.raw(member.name(), member.value);
    } else if (member.is("input")) {
      json.raw("input", found->second);
    } else {
      json.string(found->first, member.value.text() + found->second);
    }
  }
  json.end();
  return text;
}

}  // namespace

Said Agent::hear_anthropic(std::string_view answer) {
  Said said;
  std::string stop;
  std::vector<std::string> blocks;
  if (!stream_) {
    const Json message = Json::read(answer);
    for (const Json block : message["content"].items()) blocks.emplace_back(block.raw());
    stop = message["stop_reason"].text();
    hear_hub_usage(message["usage"], said);
    if (!message["type"].is("message")) said.error = "no message: " + std::string(answer);
  } else {
    std::string open;
    std::map<std::string, std::string> grown;
    bool started = false;
    bool ended = false;
    for (const Event& event : events_of(answer, said)) {
      const Json data = Json::read(event.data);
      const std::string type = data["type"].text();
      if (type != event.name) said.error = "an event " + event.name + " of type " + type;
      if (ended) said.error = "an event behind message_stop: " + type;
      if (type == "error") {
        said.error = "in the stream " + data["error"]["type"].text() + ": " +
                     data["error"]["message"].text();
        return said;
      }
      if (type == "message_start") {
        started = !started;
        if (!data["message"]["model"].is(model)) said.error = "another model: " + event.data;
      } else if (!started && type != "ping") {
        said.error = "no message_start before " + type;
      } else if (type == "content_block_start") {
        if (!open.empty()) said.error = "two blocks are open";
        if (number(data["index"]) != static_cast<std::int64_t>(blocks.size()))
          said.error = "index " + std::string(data["index"].raw());
        open = data["content_block"].raw();
      } else if (type == "content_block_delta") {
        if (number(data["index"]) != static_cast<std::int64_t>(blocks.size()))
          said.error = "index " + std::string(data["index"].raw());
        const Json delta = data["delta"];
        if (delta["type"].is("input_json_delta")) grown["input"] += delta["partial_json"].text();
        for (const char* name : {"text", "thinking", "signature"})
          if (delta[name]) grown[name] += delta[name].text();
      } else if (type == "content_block_stop") {
        if (grown.count("input") > 0 && grown["input"].empty()) grown["input"] = "{}";
        blocks.push_back(block_with(Json(open), grown));
        open.clear();
        grown.clear();
      } else if (type == "message_delta") {
        stop = data["delta"]["stop_reason"].text();
        hear_hub_usage(data["usage"], said);
      } else if (type == "message_stop") {
        ended = true;
      }
    }
    if (!ended && said.error.empty()) said.error = "no message_stop";
  }
  std::string content;
  for (const std::string& text : blocks) {
    const Json block = Json::read(text);
    said.thinking += block["thinking"].text();
    said.text += block["text"].text();
    if (block["type"].is("tool_use")) {
      said.calls.push_back(
          {block["id"].text(), block["name"].text(), std::string(block["input"].raw())});
    }
    if (keeps_reasoning || !block["type"].is("thinking"))
      content += (content.empty() ? "" : ",") + text;
  }
  said.stop = stop;
  if (said.error.empty()) history_.push_back(R"({"role":"assistant","content":[)" + content + "]}");
  return said;
}

Said Agent::hear_chat(std::string_view answer) {
  Said said;
  std::string finish;
  Json usage;
  std::string message = R"({"role":"assistant","content":)";
  const Json whole = Json::read(answer);
  std::string last;  // whose JSON `usage` looks at
  if (!stream_) {
    for (const Json each : whole["choices"].items()) {
      message = each["message"].raw();
      finish = each["finish_reason"].text();
    }
    usage = whole["usage"];
    if (!whole["object"].is("chat.completion")) said.error = "no completion: " + message;
  } else {
    std::string content, reasoning, details, id;
    std::vector<Said::Call> calls;
    bool done = false;
    for (const Event& event : events_of(answer, said)) {
      if (done || !event.name.empty()) said.error = "unexpected " + event.name + event.data;
      done = event.data == "[DONE]";
      if (done) continue;
      const Json chunk = Json::read(event.data);
      if (chunk["error"]) {
        said.error = "in the stream " + chunk["error"]["type"].text() + ": " +
                     chunk["error"]["message"].text() + " [" + chunk["error"]["code"].text() + "]";
        return said;
      }
      if (!chunk["object"].is("chat.completion.chunk")) said.error = "no chunk: " + event.data;
      if (!id.empty() && id != chunk["id"].text()) said.error = "another id: " + event.data;
      id = chunk["id"].text();
      if (chunk["usage"].is_object()) {
        last = event.data;
        usage = Json::read(last)["usage"];
      }
      for (const Json choice : chunk["choices"].items()) {
        const Json delta = choice["delta"];
        content += delta["content"].text();
        reasoning += delta["reasoning_content"].text();
        for (const Json detail : delta["reasoning_details"].items())
          details += (details.empty() ? "" : ",") + std::string(detail.raw());
        for (const Json call : delta["tool_calls"].items()) {
          const auto index = static_cast<std::size_t>(number(call["index"]));
          if (index >= calls.size()) calls.resize(index + 1);
          calls[index].id += call["id"].text();
          calls[index].name += call["function"]["name"].text();
          calls[index].arguments += call["function"]["arguments"].text();
        }
        if (choice["finish_reason"].told()) finish = choice["finish_reason"].text();
      }
    }
    if (!done && said.error.empty()) said.error = "no [DONE]";
    message += content.empty() && !calls.empty() ? "null" : json_quoted(content);
    if (!reasoning.empty()) message += R"(,"reasoning_content":)" + json_quoted(reasoning);
    if (!details.empty()) message += R"(,"reasoning_details":[)" + details + "]";
    std::string made;
    for (const Said::Call& call : calls) {
      made += (made.empty() ? "" : ",") + std::string(R"({"id":)") + json_quoted(call.id) +
              R"(,"type":"function","function":{"name":)" + json_quoted(call.name) +
              R"(,"arguments":)" + json_quoted(call.arguments) + "}}";
    }
    if (!made.empty()) message += R"(,"tool_calls":[)" + made + "]";
    message += "}";
  }
  said.input = number(usage["prompt_tokens"]);
  said.cached = number(usage["prompt_tokens_details"]["cached_tokens"]);
  said.input -= said.cached;
  said.output = number(usage["completion_tokens"]);
  said.thought = number(usage["completion_tokens_details"]["reasoning_tokens"]);
  if (number(usage["total_tokens"]) != said.input + said.cached + said.output && said.error.empty())
    said.error = "total_tokens: " + std::string(usage.raw());
  said.stop = finish == "tool_calls"       ? "tool_use"
              : finish == "length"         ? "max_tokens"
              : finish == "content_filter" ? "refusal"
              : finish == "stop"           ? "end_turn"
                                           : "unknown " + finish;
  const Json read = Json::read(message);
  hear_chat_message(read, said);
  return said;
}

// What is kept of it is what SDKs keep; most drop the reasoning.
void Agent::hear_chat_message(Json message, Said& said) {
  said.text = message["content"].text();
  said.thinking = message["reasoning_content"].text();
  for (const Json call : message["tool_calls"].items()) {
    const Json function = call["function"];
    said.calls.push_back(
        {call["id"].text(), function["name"].text(), json_from_string(function["arguments"])});
  }
  if (!said.error.empty()) return;
  std::string kept;
  JsonOut json(kept);
  json.object();
  for (const dialect::JsonMember& member : message.members()) {
    if (keeps_reasoning || member.name().substr(0, 9) != "reasoning")
      json.raw(member.name(), member.value);
  }
  json.end();
  history_.push_back(kept);
}

Said Agent::hear_responses(std::string_view answer) {
  Said said;
  if (!stream_) {
    hear_output(Json::read(answer), said);
    return said;
  }
  std::int64_t sequence = 0;
  std::string items;
  std::string response;
  std::map<std::string, std::string> streamed;  // by the item's id
  for (const Event& event : events_of(answer, said)) {
    const Json data = Json::read(event.data);
    const std::string type = data["type"].text();
    if (type != event.name) said.error = "an event " + event.name + " of type " + type;
    if (number(data["sequence_number"]) != sequence++ || !data["sequence_number"])
      said.error = "sequence_number in " + event.data;
    if (!response.empty()) said.error = "an event behind the last one: " + type;
    if (type == "response.failed" || type == "error") {
      const Json error = data["response"]["error"];
      said.error = "in the stream: " + error["message"].text() + " [" + error["code"].text() + "]";
      return said;
    }
    if (type.find(".delta") != std::string::npos)
      streamed[data["item_id"].text()] += data["delta"].text();
    if (type == "response.output_item.done") {
      const Json item = data["item"];
      items += (items.empty() ? "" : ",") + std::string(item.raw());
      std::string text = item["arguments"].text();
      for (const char* list : {"content", "summary"})
        for (const Json part : item[list].items()) text += part["text"].text();
      if (text != streamed[item["id"].text()])
        said.error =
            "the deltas of " + std::string(item.raw()) + " say " + streamed[item["id"].text()];
    }
    if (type == "response.completed" || type == "response.incomplete")
      response = data["response"].raw();
  }
  if (response.empty() && said.error.empty()) said.error = "no response.completed";
  const Json whole = Json::read(response);
  if (said.error.empty() && whole["output"].raw() != "[" + items + "]")
    said.error = "the whole output is not its items: " + response;
  hear_output(whole, said);
  return said;
}

void Agent::hear_output(Json response, Said& said) {
  for (const char* name : {"id", "object", "created_at", "error", "incomplete_details",
                           "instructions", "metadata", "model", "output", "parallel_tool_calls",
                           "temperature", "tool_choice", "tools", "top_p", "status", "usage"}) {
    if (!response[name] && said.error.empty()) said.error = std::string("no member ") + name;
  }
  std::vector<std::string> items;
  for (const Json item : response["output"].items()) {
    const Json type = item["type"];
    if (type.is("reasoning")) {
      for (const Json part : item["summary"].items()) said.thinking += part["text"].text();
    } else if (type.is("message")) {
      for (const Json part : item["content"].items())
        said.text += part["text"].text() + part["refusal"].text();
    } else if (type.is("function_call")) {
      said.calls.push_back(
          {item["call_id"].text(), item["name"].text(), json_from_string(item["arguments"])});
    } else {
      said.error = "an item of type " + type.text();
    }
    if (keeps_reasoning || !type.is("reasoning")) items.emplace_back(item.raw());
  }
  const Json usage = response["usage"];
  said.cached = number(usage["input_tokens_details"]["cached_tokens"]);
  said.input = number(usage["input_tokens"]) - said.cached;
  said.output = number(usage["output_tokens"]);
  said.thought = number(usage["output_tokens_details"]["reasoning_tokens"]);
  const Json why = response["incomplete_details"]["reason"];
  said.stop = response["status"].is("completed") ? (said.calls.empty() ? "end_turn" : "tool_use")
              : why.is("max_output_tokens")      ? "max_tokens"
              : why.is("content_filter")         ? "refusal"
                                                 : "unknown " + response["status"].text();
  if (said.error.empty()) history_.insert(history_.end(), items.begin(), items.end());
}

Said Agent::hear_gemini(std::string_view answer) {
  Said said;
  std::vector<std::string> chunks;
  if (stream_) {
    for (const Event& event : events_of(answer, said)) chunks.push_back(event.data);
  } else {
    chunks.emplace_back(answer);
  }
  std::string finish;
  std::vector<std::string> parts;
  for (const std::string& chunk : chunks) {
    const Json data = Json::read(chunk);
    if (const Json error = data["error"]) {
      said.error = "in the stream " + error["status"].text() + ": " + error["message"].text();
      return said;
    }
    if (!finish.empty()) said.error = "a chunk behind finishReason: " + chunk;
    for (const Json candidate : data["candidates"].items()) {
      finish = candidate["finishReason"].text();
      for (const Json part : candidate["content"]["parts"].items()) parts.emplace_back(part.raw());
    }
    const Json usage = data["usageMetadata"];
    if (!usage) continue;
    said.cached = number(usage["cachedContentTokenCount"]);
    said.input = number(usage["promptTokenCount"]) - said.cached;
    said.thought = number(usage["thoughtsTokenCount"]);
    said.output = number(usage["candidatesTokenCount"]) + said.thought;
  }
  said.stop = finish == "STOP"         ? "end_turn"
              : finish == "MAX_TOKENS" ? "max_tokens"
              : finish == "SAFETY"     ? "refusal"
                                       : "unknown " + finish;
  if (finish.empty() && said.error.empty()) said.error = "no finishReason";
  hear_parts(parts, said);
  if (!said.calls.empty() && said.stop == "end_turn") said.stop = "tool_use";
  return said;
}

// Gemini CLI keeps the signatures of calls, drops thoughts and the signatures of texts, and makes
// neighbouring texts one.
void Agent::hear_parts(const std::vector<std::string>& parts, Said& said) {
  std::string kept;
  std::string text;
  const auto keep = [&kept](const std::string& part) { kept += (kept.empty() ? "" : ",") + part; };
  const auto end_text = [&] {
    if (!text.empty()) keep(R"({"text":)" + json_quoted(text) + "}");
    text.clear();
  };
  for (const std::string& each : parts) {
    const Json part = Json::read(each);
    if (part["thought"].is_true()) {
      said.thinking += part["text"].text();
      continue;
    }
    said.text += part["text"].text();
    text += part["text"].text();
    const Json call = part["functionCall"];
    if (!call) continue;
    end_text();
    said.calls.push_back({call["id"].text(), call["name"].text(), std::string(call["args"].raw())});
    called_.emplace_back(call["id"].text(), call["name"].text());
    keep(keeps_reasoning ? each : R"({"functionCall":)" + std::string(call.raw()) + "}");
  }
  end_text();
  if (said.error.empty()) history_.push_back(R"({"role":"model","parts":[)" + kept + "]}");
}

}  // namespace ccrelay::testing
