#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dialects.hpp"

// What their providers answer.

namespace ccrelay::app::contract {
namespace {

constexpr std::string_view chat_usage =
    R"("usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,)"
    R"("prompt_tokens_details":{"cached_tokens":3,"conformance_usage":7.0},)"
    R"("completion_tokens_details":{"reasoning_tokens":2}})";
constexpr std::string_view responses_usage =
    R"("usage":{"input_tokens":11,"input_tokens_details":{"cached_tokens":3,)"
    R"("conformance_usage":7.0},"output_tokens":7,"output_tokens_details":)"
    R"({"reasoning_tokens":2},"total_tokens":18})";
constexpr std::string_view gemini_usage =
    R"("usageMetadata":{"promptTokenCount":11,"cachedContentTokenCount":3,)"
    R"("candidatesTokenCount":5,"thoughtsTokenCount":2,"totalTokenCount":18,)"
    R"("conformance_usage":7.0})";

std::string data_only(std::string_view data) {
  return fmt::format("data: {}\n\n", data);
}

std::string chat_chunk(std::string_view choices, std::string_view usage) {
  return data_only(
      fmt::format(R"({{"id":"chatcmpl-conformance","object":"chat.completion.chunk","created":)"
                  R"(1790000000,"model":"conformance","choices":[{}],{}}})",
                  choices, usage));
}
std::string chat_delta(std::string_view delta, std::string_view reason) {
  return chat_chunk(
      fmt::format(R"({{"index":0,"delta":{{{}}},"finish_reason":{}}})", delta, reason),
      R"("usage":null)");
}

std::vector<std::string> chat_events(const std::vector<std::string>& texts) {
  std::vector<std::string> out{chat_delta(R"("role":"assistant","content":"")", "null")};
  for (const std::string& text : texts)
    out.push_back(chat_delta(fmt::format(R"("content":"{}")", text), "null"));
  out.push_back(chat_delta("", R"("stop")"));
  out.push_back(chat_chunk("", chat_usage));
  out.push_back(data_only("[DONE]"));
  return out;
}

// With a number that counts up, as all of them have.
class ResponsesEvents {
 public:
  void add(std::string_view type, std::string_view members) {
    out.push_back(
        fmt::format("event: {0}\ndata: {{\"type\":\"{0}\",\"sequence_number\":{1},{2}}}\n\n", type,
                    number_++, members));
  }
  std::vector<std::string> out;

 private:
  int number_ = 0;
};

std::string responses_item(std::string_view status, std::string_view content) {
  return fmt::format(R"({{"id":"msg_conformance","type":"message","status":"{}",)"
                     R"("role":"assistant","content":[{}]}})",
                     status, content);
}
std::string responses_part(std::string_view text) {
  return fmt::format(R"({{"type":"output_text","text":"{}","annotations":[],"logprobs":[]}})",
                     text);
}
std::string responses_whole(std::string_view status, std::string_view output,
                            std::string_view usage) {
  return fmt::format(R"({{"id":"resp_conformance","object":"response","created_at":1790000000,)"
                     R"("status":"{}","error":null,"incomplete_details":null,"instructions":null,)"
                     R"("model":"conformance","output":[{}],"parallel_tool_calls":true,)"
                     R"("tool_choice":"auto","tools":[],"metadata":{{}},{}}})",
                     status, output, usage);
}

std::vector<std::string> responses_events(const std::vector<std::string>& texts) {
  constexpr std::string_view at =
      R"("item_id":"msg_conformance","output_index":0,"content_index":0,)";
  const std::string begun =
      fmt::format(R"("response":{})", responses_whole("in_progress", "", R"("usage":null)"));
  ResponsesEvents events;
  events.add("response.created", begun);
  events.add("response.in_progress", begun);
  events.add("response.output_item.added",
             fmt::format(R"("output_index":0,"item":{})", responses_item("in_progress", "")));
  events.add("response.content_part.added", fmt::format(R"({}"part":{})", at, responses_part("")));
  std::string whole;
  for (const std::string& text : texts) {
    whole += text;
    events.add("response.output_text.delta",
               fmt::format(R"({}"delta":"{}","logprobs":[])", at, text));
  }
  events.add("response.output_text.done", fmt::format(R"({}"text":"{}","logprobs":[])", at, whole));
  const std::string part = responses_part(whole);
  events.add("response.content_part.done", fmt::format(R"({}"part":{})", at, part));
  const std::string item = responses_item("completed", part);
  events.add("response.output_item.done", fmt::format(R"("output_index":0,"item":{})", item));
  events.add("response.completed",
             fmt::format(R"("response":{})", responses_whole("completed", item, responses_usage)));
  return events.out;
}

std::string gemini_chunk(std::string_view candidate, std::string_view usage) {
  return fmt::format(R"({{"candidates":[{{{},"index":0}}],{},"modelVersion":"conformance",)"
                     R"("responseId":"conformance"}})",
                     candidate, usage);
}
std::string gemini_content(std::string_view text) {
  return fmt::format(R"("content":{{"role":"model","parts":[{{"text":"{}"}}]}})", text);
}

std::vector<std::string> gemini_events(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts)
    out.push_back(data_only(
        gemini_chunk(gemini_content(text), R"("usageMetadata":{"promptTokenCount":11})")));
  out.push_back(
      data_only(gemini_chunk(gemini_content("") + R"(,"finishReason":"STOP")", gemini_usage)));
  return out;
}

}  // namespace

std::vector<std::string> dialect_events(Format format, const std::vector<std::string>& texts) {
  if (format == chat) return chat_events(texts);
  return format == responses ? responses_events(texts) : gemini_events(texts);
}

std::string dialect_answer(Format format, Call call) {
  if (call == Call::count)
    return format == gemini ? R"({"totalTokens":41237})"
                            : R"({"object":"response.input_tokens","input_tokens":41237})";
  if (format == gemini)
    return gemini_chunk(gemini_content("Hello.") + R"(,"finishReason":"STOP")", gemini_usage);
  if (format == responses)
    return responses_whole("completed", responses_item("completed", responses_part("Hello.")),
                           responses_usage);
  return fmt::format(R"({{"id":"chatcmpl-conformance","object":"chat.completion","created":)"
                     R"(1790000000,"model":"conformance","choices":[{{"index":0,"message":)"
                     R"({{"role":"assistant","content":"Hello.","refusal":null}},)"
                     R"("logprobs":null,"finish_reason":"stop"}}],{}}})",
                     chat_usage);
}

// A blank too few and too many, a line that ends in two characters and, where clients take any
// field, some that nobody knows.
std::string dialect_odd_stream(Format format) {
  const bool takes_fields = format != gemini;
  std::string out;
  for (const std::string& event : dialect_events(format, {"word-0001 ", "\\u0041\\/", "crlf"})) {
    const bool is_odd =
        event.find("\\u0041\\/") != std::string::npos && event.find("crlf") == std::string::npos;
    const bool has_crlf =
        event.find("\"crlf\"") != std::string::npos && event.find("\\u0041") == std::string::npos;
    const std::size_t data = event.find("data: ");
    if (is_odd) {
      out += std::string(takes_fields ? "id: 7\n" : "") + event.substr(0, data) +
             "data:" + event.substr(data + 6, 1) + " " +
             event.substr(data + 7, event.size() - data - 8) +
             (takes_fields ? "x-unknown: kept\n\n" : "\n");
    } else if (has_crlf) {
      for (const char each : event) out += each == '\n' ? "\r\n" : std::string(1, each);
    } else {
      out += event;
    }
  }
  return out;
}

std::string dialect_stream_error(Format format) {
  constexpr std::string_view message = R"("message":"Conformance \u00fcberlast")";
  if (format == gemini)
    return data_only(
        fmt::format(R"({{"error":{{"code":503,{},"status":"UNAVAILABLE"}}}})", message));
  if (format == chat)
    return data_only(fmt::format(R"({{"error":{{{},"type":"server_error","param":null,)"
                                 R"("code":"server_is_overloaded"}} }})",
                                 message));
  return fmt::format(
      "event: response.failed\ndata: {{\"type\":\"response.failed\",\"sequence_number\":6,"
      "\"response\":{{\"id\":\"resp_conformance\",\"object\":\"response\",\"status\":\"failed\","
      "\"error\":{{\"code\":\"server_is_overloaded\",{}}},\"output\":[]}}}}\n\n",
      message);
}

}  // namespace ccrelay::app::contract
