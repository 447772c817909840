#include <algorithm>
#include <set>

#include "dialect/json_out.hpp"
#include "support/vendor.hpp"

namespace ccrelay::testing {
namespace {

using dialect::Json;
using dialect::json_from_string;
using dialect::json_quoted;

std::string text_of(Json content, Strict& strict, bool media) {
  if (content.is_string()) return content.text();
  std::string text;
  for (const Json part : content.items()) {
    if (!text.empty()) text += '\n';
    const Json type = part["type"];
    strict.need(type.is("text") || (media && (type.is("image_url") || type.is("file"))),
                "a part of type " + type.text());
    strict.only(part, {"type", "text", "image_url", "file"}, "content");
    text += type.is("text") ? part["text"].text() : "[" + type.text() + "]";
  }
  strict.need(content.is_array() && !content.is_empty(), "no content");
  return text;
}

void check_tools(Json body, Strict& strict) {
  for (const Json tool : body["tools"].items()) {
    strict.only(tool, {"type", "function"}, "tools");
    const Json function = tool["function"];
    strict.only(function, {"name", "description", "parameters", "strict"}, "function");
    strict.need(tool["type"].is("function") && is_tool_name(function["name"].text()),
                "tools.function.name " + function["name"].text());
    strict.need(function["parameters"]["type"].is("object"), "parameters.type");
    strict.need(!function["strict"].is_true() || is_closed(function["parameters"], true),
                "'additionalProperties' is required to be supplied and to be false");
  }
  const Json format = body["response_format"]["json_schema"];
  strict.need(!format["strict"].is_true() || is_closed(format["schema"], true),
              "response_format: 'additionalProperties' is required to be supplied and to be false");
  strict.need(!body["tools"] || !body["tools"].is_empty(), "an empty list of tools");
  const Json choice = body["tool_choice"];
  strict.need(!choice || bool(body["tools"]), "tool_choice without tools");
  strict.need(!body["parallel_tool_calls"] || bool(body["tools"]),
              "parallel_tool_calls without tools");
  if (choice.is_object()) strict.need(choice["function"]["name"].is_string(), "tool_choice");
}

}  // namespace

void Vendor::take_chat(Json body, Strict& strict) {
  strict.only(body,
              {"model", "messages", "max_completion_tokens", "max_tokens", "temperature", "top_p",
               "stop", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls",
               "response_format", "reasoning_effort", "prompt_cache_key", "thinking"},
              "body");
  strict.need(body["model"].is_string(), "model");
  strict.need(!body["max_tokens"] || !body["max_completion_tokens"], "two limits");
  strict.need(!body["stream_options"] || body["stream"].is_true(), "stream_options, no stream");
  check_tools(body, strict);
  for (const Json tool : body["tools"].items())
    hear("tool " + tool["function"]["name"].text(), tool["function"]["parameters"].raw());
  std::vector<std::string> open;  // calls that wait for their results
  bool any = false;
  for (const Json message : body["messages"].items()) {
    any = true;
    const Json role = message["role"];
    const Json content = message["content"];
    strict.need(role.is("tool") || open.empty(),
                "tool_calls must be followed by tool messages for each tool_call_id");
    if (role.is("system") || role.is("developer") || role.is("user")) {
      strict.only(message, {"role", "content"}, "message");
      hear(role.is("user") ? "user" : "system", text_of(content, strict, role.is("user")));
    } else if (role.is("tool")) {
      strict.only(message, {"role", "content", "tool_call_id"}, "message");
      const auto call = std::find(open.begin(), open.end(), message["tool_call_id"].text());
      if (strict.need(call != open.end(), "a tool message without its call")) open.erase(call);
      hear("result " + message["tool_call_id"].text(), text_of(content, strict, false));
    } else if (strict.need(role.is("assistant"), "a role " + role.text())) {
      strict.only(message, {"role", "content", "tool_calls", "refusal", "reasoning_content"},
                  "message");
      const Json reasoning = message["reasoning_content"];
      strict.need(reasons_openly || !reasoning, "reasoning_content is not known");
      strict.need(!reasons_openly || !message["tool_calls"] || reasoning.is_string(),
                  "reasoning_content must be passed back");
      strict.need(content.is_string() || (content.is_null() && message["tool_calls"]), "content");
      if (!reasoning.text().empty()) hear("thinks", reasoning.text());
      if (content.is_string() && !content.is_empty()) hear("assistant", content.text());
      for (const Json call : message["tool_calls"].items()) {
        strict.only(call, {"id", "type", "function"}, "tool_calls");
        const Json function = call["function"];
        strict.only(function, {"name", "arguments"}, "function");
        strict.need(is_tool_name(function["name"].text()), "function.name");
        strict.need(function["arguments"].is_string(), "function.arguments");
        open.push_back(call["id"].text());
        hear("call " + call["id"].text() + " " + function["name"].text() + " " +
                 json_from_string(function["arguments"]),
             {});
      }
    }
  }
  strict.need(any, "messages");
  strict.need(open.empty(), "tool_calls without tool messages");
}

Vendor::Answer Vendor::say_chat(const Said& said, bool stream, bool usage_wanted) {
  const std::string reason = said.stop == "tool_use"     ? "tool_calls"
                             : said.stop == "max_tokens" ? "length"
                             : said.stop == "refusal"    ? "content_filter"
                                                         : "stop";
  const std::string usage =
      R"({"prompt_tokens":)" + std::to_string(said.input + said.cached) +
      R"(,"completion_tokens":)" + std::to_string(said.output) + R"(,"total_tokens":)" +
      std::to_string(said.input + said.cached + said.output) +
      R"(,"prompt_tokens_details":{"cached_tokens":)" + std::to_string(said.cached) +
      R"(},"completion_tokens_details":{"reasoning_tokens":)" + std::to_string(said.thought) + "}}";
  const std::string head = R"({"id":"chatcmpl-)" + name_ +
                           R"(","created":1800000000,"model":"gpt-real","object":"chat.completion)";
  const std::string thinking = reasons_openly ? said.thinking : "";
  const auto call_json = [](const Said::Call& call, const std::string& index,
                            const std::string& arguments) {
    return "{" + index + R"("id":)" + json_quoted(call.id) +
           R"(,"type":"function","function":{"name":)" + json_quoted(call.name) +
           R"(,"arguments":)" + json_quoted(arguments) + "}}";
  };
  if (!stream) {
    std::string message = R"({"role":"assistant","content":)" +
                          (said.text.empty() ? std::string("null") : json_quoted(said.text)) +
                          R"(,"refusal":null)";
    if (!thinking.empty()) message += R"(,"reasoning_content":)" + json_quoted(thinking);
    std::string calls;
    for (const Said::Call& call : said.calls)
      calls += (calls.empty() ? "" : ",") + call_json(call, "", call.arguments);
    if (!calls.empty()) message += R"(,"tool_calls":[)" + calls + "]";
    return {200,
            "application/json",
            {head + R"(","choices":[{"index":0,"message":)" + message +
             R"(},"logprobs":null,"finish_reason":)" + json_quoted(reason) + R"(}],"usage":)" +
             usage + "}"}};
  }
  Answer answer{200, "text/event-stream", {}};
  const auto chunk = [&](const std::string& choices, const std::string& last) {
    answer.events.push_back("data: " + head + R"(.chunk","choices":[)" + choices + R"(],"usage":)" +
                            last + "}\n\n");
  };
  const auto delta = [&](const std::string& members, const std::string& finish = "null") {
    chunk(R"({"index":0,"delta":{)" + members + R"(},"finish_reason":)" + finish + "}", "null");
  };
  delta(R"("role":"assistant","content":"")");
  if (!thinking.empty()) {
    const auto [one, two] = pieces_of(thinking);
    delta(R"("reasoning_content":)" + json_quoted(one));
    delta(R"("reasoning_content":)" + json_quoted(two));
  }
  if (!said.text.empty()) {
    const auto [one, two] = pieces_of(said.text);
    delta(R"("content":)" + json_quoted(one));
    answer.events.push_back(": OPENROUTER PROCESSING\n\n");
    delta(R"("content":)" + json_quoted(two));
  }
  std::vector<std::string> more;
  for (std::size_t i = 0; i < said.calls.size(); ++i) {
    const std::string index = R"("index":)" + std::to_string(i) + ",";
    delta(R"("tool_calls":[)" + call_json(said.calls[i], index, "") + "]");
    const auto [one, two] = pieces_of(said.calls[i].arguments);
    for (const std::string& piece : {one, two}) {
      std::string text =
          R"("tool_calls":[{)" + index + R"("function":{"arguments":)" + json_quoted(piece) + "}}]";
      if (interleaves) {
        more.push_back(std::move(text));
      } else {
        delta(text);
      }
    }
  }
  for (std::size_t i = 0; i < more.size(); i += 2) delta(more[i]);
  for (std::size_t i = 1; i < more.size(); i += 2) delta(more[i]);
  delta({}, json_quoted(reason));
  if (usage_wanted) chunk({}, usage);
  answer.events.push_back("data: [DONE]\n\n");
  return answer;
}

}  // namespace ccrelay::testing
