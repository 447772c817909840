#include <algorithm>
#include <set>

#include "dialect/json_out.hpp"
#include "dialect/sse_events.hpp"
#include "support/vendor.hpp"

namespace ccrelay::testing {
namespace {

using dialect::Json;
using dialect::json_from_string;
using dialect::json_quoted;

std::string text_of(Json content, Strict& strict, bool output) {
  if (content.is_string()) return content.text();
  std::string text;
  for (const Json part : content.items()) {
    if (!text.empty()) text += '\n';
    const Json type = part["type"];
    const bool is_text = type.is(output ? "output_text" : "input_text");
    strict.need(is_text || (!output && (type.is("input_image") || type.is("input_file"))),
                "a part of type " + type.text());
    text += is_text ? part["text"].text() : "[" + type.text() + "]";
  }
  strict.need(content.is_array() && !content.is_empty(), "no content");
  return text;
}

void check_tools(Json body, Strict& strict) {
  for (const Json tool : body["tools"].items()) {
    strict.only(tool, {"type", "name", "description", "parameters", "strict"}, "tools");
    strict.need(tool["type"].is("function") && is_tool_name(tool["name"].text()), "tools.name");
    strict.need(tool["parameters"]["type"].is("object"), "tools.parameters.type");
    // Else the API takes the schema for a strict one, and rewrites it.
    strict.need(tool["strict"].is_true() || tool["strict"].is_false(), "tools.strict is not told");
    strict.need(!tool["strict"].is_true() || is_closed(tool["parameters"], true),
                "'additionalProperties' is required to be supplied and to be false");
  }
  const Json format = body["text"]["format"];
  strict.need(!format["strict"].is_true() || is_closed(format["schema"], true),
              "text.format: 'additionalProperties' is required to be supplied and to be false");
  strict.need(!body["tool_choice"] || bool(body["tools"]), "tool_choice without tools");
}

bool is_call_id(const std::string& id) {
  return !id.empty() && id.size() <= 64;
}

}  // namespace

void Vendor::take_responses(Json body, Strict& strict) {
  strict.only(body,
              {"model", "input", "instructions", "max_output_tokens", "temperature", "top_p",
               "stream", "store", "include", "reasoning", "text", "tools", "tool_choice",
               "parallel_tool_calls", "prompt_cache_key", "max_tool_calls"},
              "body");
  strict.need(body["model"].is_string(), "model");
  strict.need(body["store"].is_false(), "store");
  strict.need(body["include"].raw().find("reasoning.encrypted_content") != std::string_view::npos,
              "include");
  strict.need(!body["max_output_tokens"] || body["max_output_tokens"].integer().value_or(0) >= 16,
              "max_output_tokens below 16");
  check_tools(body, strict);
  if (body["instructions"].is_string()) hear("system", body["instructions"].text());
  for (const Json tool : body["tools"].items())
    hear("tool " + tool["name"].text(), tool["parameters"].raw());
  std::set<std::string> open;
  bool any = false;
  bool reasons = false;  // the item before was reasoning
  for (const Json item : body["input"].items()) {
    any = true;
    const Json type = item["type"];
    const bool says = item["role"].is("assistant") || type.is("function_call");
    strict.need(!reasons || says || type.is("reasoning"),
                "a reasoning item without its following item");
    reasons = type.is("reasoning");
    if (type.is("function_call")) {
      strict.only(item, {"type", "id", "status", "call_id", "name", "arguments"}, "function_call");
      const std::string id = item["call_id"].text();
      strict.need(is_call_id(id), "call_id " + id);
      strict.need(is_tool_name(item["name"].text()), "function_call.name");
      strict.need(item["arguments"].is_string(), "function_call.arguments");
      open.insert(id);
      hear("call " + id + " " + item["name"].text() + " " + json_from_string(item["arguments"]),
           {});
    } else if (type.is("function_call_output")) {
      strict.only(item, {"type", "id", "status", "call_id", "output"}, "function_call_output");
      const std::string id = item["call_id"].text();
      strict.need(open.erase(id) == 1, "no tool call found for function call output " + id);
      hear("result " + id, text_of(item["output"], strict, false));
    } else if (reasons) {
      strict.only(item, {"type", "id", "summary", "encrypted_content"}, "reasoning");
      strict.need(item["summary"].is_array(), "reasoning.summary");
      const Made* made = decrypted(item["encrypted_content"].text());
      strict.need(made, "the encrypted content could not be verified");
      strict.need(!made || made->id == item["id"].text(),
                  "Encrypted content item_id did not match the target item id");
      if (made) hear("thinks", made->text);
    } else if (strict.need(type.is("message") || (!type && item["role"]),
                           "an item of type " + type.text())) {
      strict.only(item, {"type", "id", "status", "role", "content"}, "message");
      const Json role = item["role"];
      strict.need(
          role.is("user") || role.is("assistant") || role.is("developer") || role.is("system"),
          "a role " + role.text());
      strict.need(open.empty() || !role.is("user"), "no tool output found for function call");
      hear(role.is("developer") ? "system" : role.text(),
           text_of(item["content"], strict, role.is("assistant")));
    }
  }
  strict.need(any, "input");
  strict.need(open.empty(), "no tool output found for function call");
  strict.need(!reasons, "a reasoning item without its following item");
}

Vendor::Answer Vendor::say_responses(const Said& said, bool stream) {
  struct Item {
    std::string begun;
    std::string done;
    std::vector<std::pair<std::string, std::string>> events;  // type, members beside the indexes
  };
  std::vector<Item> items;
  const auto number = [&] { return std::to_string(items.size()); };
  if (!said.thinking.empty()) {
    const std::string id = "rs_" + name_ + std::to_string(made_.size());
    const std::string head = R"({"type":"reasoning","id":)" + json_quoted(id) + R"(,"summary":[)";
    const auto [one, two] = pieces_of(said.thinking);
    const std::string place = R"(,"summary_index":0)";
    const std::string part = R"({"type":"summary_text","text":)";
    items.push_back(
        {head + "]}",
         head + part + json_quoted(said.thinking) + R"(}],"encrypted_content":)" +
             json_quoted(encrypt(said.thinking, id)) + "}",
         {{"response.reasoning_summary_part.added", place + R"(,"part":)" + part + R"(""})"},
          {"response.reasoning_summary_text.delta", place + R"(,"delta":)" + json_quoted(one)},
          {"response.reasoning_summary_text.delta", place + R"(,"delta":)" + json_quoted(two)},
          {"response.reasoning_summary_text.done",
           place + R"(,"text":)" + json_quoted(said.thinking)},
          {"response.reasoning_summary_part.done",
           place + R"(,"part":)" + part + json_quoted(said.thinking) + "}"}}});
  }
  if (!said.text.empty()) {
    const std::string head =
        R"({"type":"message","id":"msg_)" + number() + R"(","role":"assistant","status":)";
    const std::string part = R"({"type":"output_text","annotations":[],"logprobs":[],"text":)";
    const auto [one, two] = pieces_of(said.text);
    const std::string place = R"(,"content_index":0)";
    items.push_back(
        {head + R"("in_progress","content":[]})",
         head + R"("completed","content":[)" + part + json_quoted(said.text) + "}]}",
         {{"response.content_part.added", place + R"(,"part":)" + part + R"(""})"},
          {"response.output_text.delta", place + R"(,"logprobs":[],"delta":)" + json_quoted(one)},
          {"response.output_text.delta", place + R"(,"logprobs":[],"delta":)" + json_quoted(two)},
          {"response.output_text.done",
           place + R"(,"logprobs":[],"text":)" + json_quoted(said.text)},
          {"response.content_part.done",
           place + R"(,"part":)" + part + json_quoted(said.text) + "}"}}});
  }
  for (const Said::Call& call : said.calls) {
    const std::string head = R"({"type":"function_call","id":"fc_)" + number() + R"(","call_id":)" +
                             json_quoted(call.id) + R"(,"name":)" + json_quoted(call.name) +
                             R"(,"arguments":)";
    const auto [one, two] = pieces_of(call.arguments);
    items.push_back({head + R"("","status":"in_progress"})",
                     head + json_quoted(call.arguments) + R"(,"status":"completed"})",
                     {{"response.function_call_arguments.delta", R"(,"delta":)" + json_quoted(one)},
                      {"response.function_call_arguments.delta", R"(,"delta":)" + json_quoted(two)},
                      {"response.function_call_arguments.done",
                       R"(,"arguments":)" + json_quoted(call.arguments)}}});
  }
  const bool cut = said.stop == "max_tokens" || said.stop == "refusal";
  std::string output;
  for (const Item& item : items) output += (output.empty() ? "" : ",") + item.done;
  const std::string head =
      R"({"id":"resp_)" + name_ +
      R"(","object":"response","created_at":1800000000,"model":"gpt-real",)"
      R"("error":null,"instructions":null,"metadata":{},"parallel_tool_calls":true,)"
      R"("temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"status":)";
  const std::string begun =
      head + R"("in_progress","incomplete_details":null,"output":[],"usage":null})";
  const std::string whole =
      head +
      (cut ? R"("incomplete","incomplete_details":{"reason":)" +
                 json_quoted(said.stop == "refusal" ? "content_filter" : "max_output_tokens") + "}"
           : R"("completed","incomplete_details":null)") +
      R"(,"output":[)" + output + R"(],"usage":{"input_tokens":)" +
      std::to_string(said.input + said.cached) + R"(,"input_tokens_details":{"cached_tokens":)" +
      std::to_string(said.cached) + R"(},"output_tokens":)" + std::to_string(said.output) +
      R"(,"output_tokens_details":{"reasoning_tokens":)" + std::to_string(said.thought) +
      R"(},"total_tokens":)" + std::to_string(said.input + said.cached + said.output) + "}}";
  if (!stream) return {200, "application/json", {whole}};
  Answer answer{200, "text/event-stream", {}};
  const auto tell = [&answer](const std::string& type, const std::string& rest) {
    std::string event;
    dialect::append_event(event, type,
                          R"({"type":)" + json_quoted(type) + R"(,"sequence_number":)" +
                              std::to_string(answer.events.size()) + rest + "}");
    answer.events.push_back(event);
  };
  tell("response.created", R"(,"response":)" + begun);
  tell("response.in_progress", R"(,"response":)" + begun);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string index = R"(,"output_index":)" + std::to_string(i);
    const std::string id = R"(,"item_id":)" + std::string(Json(items[i].done)["id"].raw());
    tell("response.output_item.added", index + R"(,"item":)" + items[i].begun);
    for (const auto& [type, rest] : items[i].events) tell(type, index + id + rest);
    tell("response.output_item.done", index + R"(,"item":)" + items[i].done);
  }
  tell(cut ? "response.incomplete" : "response.completed", R"(,"response":)" + whole);
  return answer;
}

}  // namespace ccrelay::testing
