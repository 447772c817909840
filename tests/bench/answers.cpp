#include "answers.hpp"

#include <array>
#include <cstdio>

namespace bench {
namespace {

// Both as they stand inside a JSON string; `!` is left to the stamps.
const std::string text =
    R"(The test fails because `read_fields()` believes the first empty line it meets. A head that )"
    R"(begins with one (RFC 9112, 2.2 allows it) ends there, so that \"content-length\" is never )"
    R"(seen:\n\n```cpp\nwhile (next_line(line)) {\n  if (line.empty()) break;  // too early\n)"
    R"(  fields.push_back(parse(line));\n}\n```\n\nThree things follow from that:\n\n)"
    R"(1. the body is taken for the next request,\n2. its answer is \"400 Bad Request\", and\n)"
    R"(3. the connection is closed, which is all that the log shows.\n\nI will skip empty lines in )"
    R"(front of the request line only, and add a test that sends \"\\r\\n\" before a request of each )"
    R"(kind. What stands behind the head does not change. Let me make the change now.)";
const std::string input =
    R"({"file_path":"/src/http/read_fields.cpp","old_string":"  if (line.empty()) break;\n",)"
    R"("new_string":"  if (line.empty()) {\n    if (fields.empty()) continue;\n    break;\n  }\n",)"
    R"("replace_all":false})";
constexpr std::string_view words = " a few words @0000000000000000000!";

// JSON as a string of JSON.
std::string quoted(std::string_view json) {
  std::string out = "\"";
  for (const char c : json) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string chunk(std::string_view data) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  return size.data() + std::string(data) + "\r\n";
}

// An event; with the name that it also has as its type, or none.
std::string event(std::string_view name, std::string_view data) {
  return "event: " + std::string(name) + "\ndata: " + std::string(data) + "\n\n";
}
std::string event(std::string_view data) {
  return "data: " + std::string(data) + "\n\n";
}

constexpr std::string_view last_chunk = "0\r\n\r\n";

std::string unary(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nrequest-id: req_bench\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// `first` are the events before any delta.
std::string beginning(std::string_view first, const std::string& delta) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
         "Cache-Control: no-cache\r\nrequest-id: req_bench\r\nTransfer-Encoding: chunked\r\n\r\n" +
         (first.empty() ? std::string() : chunk(first)) + delta;
}

Answers anthropic() {
  const auto message = [](std::string_view content, std::string_view stop, int output) {
    return R"({"id":"msg_bench","type":"message","role":"assistant","model":"claude-bench",)"
           R"("content":[)" +
           std::string(content) + R"(],"stop_reason":)" + std::string(stop) +
           R"(,"stop_sequence":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":0,)"
           R"("cache_read_input_tokens":4096,"output_tokens":)" +
           std::to_string(output) + "}}";
  };
  Answers all;
  all.unary = unary(message(
      R"({"type":"text","text":")" + text +
          R"("},{"type":"tool_use","id":"toolu_bench","name":"Tool1","input":)" + input + "}",
      R"("tool_use")", 312));
  all.delta = chunk(event("content_block_delta",
                          R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
                          R"("text":")" +
                              std::string(words) + R"("}})"));
  all.beginning =
      beginning(event("message_start",
                      R"({"type":"message_start","message":)" + message("", "null", 1) + "}") +
                    event("content_block_start", R"({"type":"content_block_start","index":0,)"
                                                 R"("content_block":{"type":"text","text":""}})"),
                all.delta);
  all.end =
      chunk(event("content_block_stop", R"({"type":"content_block_stop","index":0})") +
            event("message_delta", R"({"type":"message_delta","delta":{"stop_reason":"end_turn",)"
                                   R"("stop_sequence":null},"usage":{"output_tokens":312}})") +
            event("message_stop", R"({"type":"message_stop"})")) +
      std::string(last_chunk);
  return all;
}

constexpr std::string_view chat_usage =
    R"({"prompt_tokens":4121,"completion_tokens":312,"total_tokens":4433,"prompt_tokens_details":)"
    R"({"cached_tokens":4096,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,)"
    R"("audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";

Answers chat() {
  const auto piece = [](std::string_view choices, std::string_view usage) {
    return event(R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1764500000,)"
                 R"("model":"gpt-bench","service_tier":"default","system_fingerprint":"fp_bench",)"
                 R"("choices":[)" +
                 std::string(choices) + R"(],"usage":)" + std::string(usage) +
                 R"(,"obfuscation":"bZ3kQ"})");
  };
  const auto delta = [&](std::string_view member, std::string_view finish) {
    return piece(R"({"index":0,"delta":{)" + std::string(member) +
                     R"(},"logprobs":null,"finish_reason":)" + std::string(finish) + "}",
                 "null");
  };
  Answers all;
  all.unary = unary(
      R"({"id":"chatcmpl-bench","object":"chat.completion","created":1764500000,)"
      R"("model":"gpt-bench","choices":[{"index":0,"message":{"role":"assistant","content":")" +
      text + R"(","tool_calls":[{"id":"call_bench","type":"function","function":{"name":"Tool1",)" +
      R"("arguments":)" + quoted(input) +
      R"(}}],"refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"tool_calls"}],)"
      R"("usage":)" +
      std::string(chat_usage) + R"(,"service_tier":"default","system_fingerprint":"fp_bench"})");
  all.delta = chunk(delta(R"("content":")" + std::string(words) + '"', "null"));
  all.beginning =
      beginning(delta(R"("role":"assistant","content":"","refusal":null)", "null"), all.delta);
  all.end = chunk(delta("", R"("stop")") + piece("", chat_usage) + event("[DONE]")) +
            std::string(last_chunk);
  return all;
}

std::string response(std::string_view status, std::string_view output, bool with_usage) {
  return R"({"id":"resp_bench","object":"response","created_at":1764500000,"status":")" +
         std::string(status) +
         R"(","background":false,"error":null,"incomplete_details":null,"instructions":null,)"
         R"("max_output_tokens":32000,"max_tool_calls":null,"model":"gpt-bench","output":[)" +
         std::string(output) +
         R"(],"parallel_tool_calls":true,"previous_response_id":null,"prompt_cache_key":null,)"
         R"("reasoning":{"effort":null,"summary":null},"service_tier":"default","store":false,)"
         R"("temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"medium"},)"
         R"("tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","usage":)" +
         (with_usage ? R"({"input_tokens":4121,"input_tokens_details":{"cached_tokens":4096},)"
                       R"("output_tokens":312,"output_tokens_details":{"reasoning_tokens":0},)"
                       R"("total_tokens":4433})"
                     : "null") +
         R"(,"user":null,"metadata":{}})";
}

Answers responses() {
  const auto part = [](std::string_view spoken) {
    return R"({"type":"output_text","annotations":[],"logprobs":[],"text":")" +
           std::string(spoken) + R"("})";
  };
  const auto item = [](std::string_view status, std::string_view content) {
    return R"({"id":"msg_bench","type":"message","status":")" + std::string(status) +
           R"(","content":[)" + std::string(content) + R"(],"role":"assistant"})";
  };
  const auto typed = [](const std::string& type, const std::string& members) {
    return event(type, R"({"type":")" + type + R"(",)" + members + "}");
  };
  const std::string place =
      R"("item_id":"msg_bench","output_index":0,"content_index":0,"sequence_number":)";
  Answers all;
  all.unary = unary(
      response("completed",
               item("completed", part(text)) +
                   R"(,{"id":"fc_bench","type":"function_call","status":"completed","arguments":)" +
                   quoted(input) + R"(,"call_id":"call_bench","name":"Tool1"})",
               true));
  all.delta =
      chunk(typed("response.output_text.delta", place + R"(4,"delta":")" + std::string(words) +
                                                    R"(","logprobs":[],"obfuscation":"bZ3kQ")"));
  all.beginning = beginning(
      typed("response.created",
            R"("sequence_number":0,"response":)" + response("in_progress", "", false)) +
          typed("response.in_progress",
                R"("sequence_number":1,"response":)" + response("in_progress", "", false)) +
          typed("response.output_item.added",
                R"("sequence_number":2,"output_index":0,"item":)" + item("in_progress", "")) +
          typed("response.content_part.added", place + R"(3,"part":)" + part("")),
      all.delta);
  // What the deltas of a whole stream (provider.cpp) add up to.
  std::string said;
  for (int i = 0; i < 5; ++i) said += words;
  all.end =
      chunk(typed("response.output_text.done",
                  place + R"(9,"text":")" + said + R"(","logprobs":[])") +
            typed("response.content_part.done", place + R"(10,"part":)" + part(said)) +
            typed("response.output_item.done", R"("sequence_number":11,"output_index":0,"item":)" +
                                                   item("completed", part(said))) +
            typed("response.completed",
                  R"("sequence_number":12,"response":)" +
                      response("completed", item("completed", part(said)), true))) +
      std::string(last_chunk);
  return all;
}

Answers gemini() {
  const auto answer = [](std::string_view parts, std::string_view rest) {
    return R"({"candidates":[{"content":{"parts":[)" + std::string(parts) +
           R"(],"role":"model"},)" + std::string(rest) +
           R"("index":0}],"usageMetadata":{"promptTokenCount":4121,"candidatesTokenCount":312,)"
           R"("totalTokenCount":4433,"cachedContentTokenCount":4096,"promptTokensDetails":)"
           R"([{"modality":"TEXT","tokenCount":4121}]},"modelVersion":"gemini-bench",)"
           R"("responseId":"bench"})";
  };
  // Unlike the others, it ends its lines with both.
  const auto line = [](const std::string& data) { return chunk("data: " + data + "\r\n\r\n"); };
  const auto said = [](std::string_view spoken) {
    return R"({"text":")" + std::string(spoken) + R"("})";
  };
  Answers all;
  all.unary = unary(answer(said(text) + R"(,{"functionCall":{"name":"Tool1","args":)" + input +
                               R"(},"thoughtSignature":"c2lnbmF0dXJlIG9mIGEgdGhvdWdodA=="})",
                           R"("finishReason":"STOP",)"));
  all.delta = line(answer(said(words), ""));
  all.beginning = beginning("", all.delta);
  all.end = line(answer(said(""), R"("finishReason":"STOP",)")) + std::string(last_chunk);
  return all;
}

}  // namespace

const Answers& answers_of(Dialect dialect) {
  static const std::array<Answers, 4> all = {anthropic(), chat(), responses(), gemini()};
  return all[static_cast<std::size_t>(dialect)];
}

}  // namespace bench
