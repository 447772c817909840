#include "dialect/chat_stream_writer.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/tags.hpp"
#include "translation.hpp"

using namespace ccrelay::dialect;

namespace {

const std::string chunk_head =
    R"(,"object":"chat.completion.chunk","created":1700000000,"model":"claude","choices":[)";

AnswerContext writer_context(bool include_usage = false) {
  AnswerContext context;
  context.seed = "s";
  context.issuer = "0123456789ab";
  context.now_s = 1700000000;
  context.include_usage = include_usage;
  context.tools["p"] = {"custom", {}, "p"};
  return context;
}

std::string hub_events(const std::vector<std::string>& events) {
  std::string out;
  for (const std::string& event : events)
    out += "event: " + Json::read(event)["type"].text() + "\ndata: " + event + "\n\n";
  return out;
}

const std::string message_start =
    R"({"type":"message_start","message":{"id":"msg_1","role":"assistant","model":"claude","content":[],)"
    R"("usage":{"input_tokens":3,"cache_read_input_tokens":5,"output_tokens":1}}})";

std::string begin(const std::string& block) {
  return R"({"type":"content_block_start","index":0,"content_block":)" + block + "}";
}

std::string more(const std::string& members) {
  return R"({"type":"content_block_delta","index":0,"delta":{)" + members + "}}";
}

std::string message_end(const std::string& reason) {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + reason +
         R"(","stop_sequence":null},"usage":{"output_tokens":7}})";
}

const std::string block_stop = R"({"type":"content_block_stop","index":0})";
const std::string message_stop = R"({"type":"message_stop"})";

// A whole stream with these events in the middle.
std::string hub_stream(std::vector<std::string> middle, const std::string& reason = "end_turn") {
  middle.insert(middle.begin(), message_start);
  middle.push_back(message_end(reason));
  middle.push_back(message_stop);
  return hub_events(middle);
}

// The chunks' deltas, one a line, with a reason behind each that has one; other data as it is. The
// same however the stream is cut.
std::string chunks_of(const std::string& stream) {
  const std::string whole = streamed<ChatStreamWriter>(stream, false, writer_context());
  CHECK(streamed<ChatStreamWriter>(stream, true, writer_context()) == whole);
  std::string out;
  const std::string lines = data_lines(whole);
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    const std::string line = lines.substr(at, end - at);
    at = end + 1;
    const Json chunk = Json::read(line);
    if (!chunk["choices"]) {
      out += line + "\n";
      continue;
    }
    for (const Json& choice : chunk["choices"].items()) {
      out += choice["delta"].raw();
      if (choice["finish_reason"].told()) out += " " + choice["finish_reason"].text();
      out += '\n';
    }
  }
  return out;
}

std::string tag_detail(Dialect dialect, const std::string& data, int index = 0) {
  return R"({"reasoning_details":[{"type":"reasoning.encrypted","data":")" +
         make_tag({dialect, "0123456789ab", data}) + R"(","format":"ccr1","index":)" +
         std::to_string(index) + "}]}\n";
}

const std::string role = R"({"role":"assistant","content":""})"
                         "\n";

}  // namespace

TEST_CASE("the whole of a chat stream, with usage in its last chunk", "[dialect]") {
  const std::string stream =
      hub_stream({begin(R"({"type":"text","text":""})"), R"({"type":"ping"})",
                  more(R"("type":"text_delta","text":"a\u00e9")"), block_stop});
  const std::string out = streamed<ChatStreamWriter>(stream, false, writer_context(true));
  CHECK(streamed<ChatStreamWriter>(stream, true, writer_context(true)) == out);
  const std::size_t at = out.find("chatcmpl-");
  REQUIRE(at != std::string::npos);
  const std::string head = R"(data: {"id":")" + out.substr(at, 33) + '"' + chunk_head;
  CHECK(
      out ==
      head +
          R"({"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null})"
          "\n\n" +
          head +
          R"({"index":0,"delta":{"content":"aé"},"logprobs":null,"finish_reason":null}],"usage":null})"
          "\n\n" +
          head +
          R"({"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null})"
          "\n\n" +
          head +
          R"(],"usage":{"prompt_tokens":8,"completion_tokens":7,"total_tokens":15,)"
          R"("prompt_tokens_details":{"cached_tokens":5,"cache_write_tokens":0,"audio_tokens":0},)"
          R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
          R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}})"
          "\n\ndata: [DONE]\n\n");
  const std::string without = streamed<ChatStreamWriter>(stream, false, writer_context());
  CHECK(without.find("usage") == std::string::npos);
  CHECK(without.find("[DONE]") != std::string::npos);
}

TEST_CASE("each block of the hub becomes chat's deltas", "[dialect]") {
  const std::string thinking = begin(R"({"type":"thinking","thinking":"","signature":""})");
  const std::string done = "{} stop\n[DONE]\n";
  struct Row {
    const char* what;
    std::string stream;
    std::string chunks;
  };
  for (
      const Row& row : {
          Row{"text, empty pieces left out",
              hub_stream({begin(R"({"type":"text","text":""})"),
                          more(R"("type":"text_delta","text":"")"),
                          more(R"("type":"text_delta","text":"a")"), block_stop}),
              role + "{\"content\":\"a\"}\n" + done},
          Row{"thinking, and its tag behind it",
              hub_stream({thinking, more(R"("type":"thinking_delta","thinking":"h")"),
                          more(R"("type":"thinking_delta","thinking":"m")"),
                          more(R"("type":"signature_delta","signature":"sig")"), block_stop}),
              role + "{\"reasoning_content\":\"h\"}\n{\"reasoning_content\":\"m\"}\n" +
                  tag_detail(Dialect::anthropic, R"({"signature":"sig","thinking":"hm"})") + done},
          Row{"a tag of another provider keeps what it has",
              hub_stream(
                  {thinking,
                   more(R"("type":"signature_delta","signature":")" +
                        make_tag({Dialect::responses, "0123456789ab", R"({"id":"r"})"}) + '"'),
                   block_stop}),
              role + tag_detail(Dialect::responses, R"({"id":"r","thinking":""})") + done},
          Row{"thinking without a signature, redacted thinking",
              hub_stream({thinking, more(R"("type":"thinking_delta","thinking":"h")"), block_stop,
                          begin(R"({"type":"redacted_thinking","data":"d"})"), block_stop}),
              role + "{\"reasoning_content\":\"h\"}\n" +
                  tag_detail(Dialect::anthropic, R"({"redacted":"d"})") + done},
          Row{"calls, counted by themselves",
              hub_stream(
                  {begin(R"({"type":"text","text":""})"), block_stop,
                   begin(R"({"type":"tool_use","id":"t1","name":"f","input":{}})"),
                   more(R"("type":"input_json_delta","partial_json":"")"),
                   more(R"("type":"input_json_delta","partial_json":"{\"n\":")"),
                   more(R"("type":"input_json_delta","partial_json":"1.0}")"), block_stop,
                   begin(R"({"type":"tool_use","id":"t2","name":"g","input":{}})"), block_stop},
                  "tool_use"),
              role +
                  R"({"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":""}}]})"
                  "\n"
                  R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"n\":"}}]})"
                  "\n"
                  R"({"tool_calls":[{"index":0,"function":{"arguments":"1.0}"}}]})"
                  "\n"
                  R"({"tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"g","arguments":""}}]})"
                  "\n"
                  R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})"
                  "\n{} tool_calls\n[DONE]\n"},
          Row{"a call that came whole",
              hub_stream({begin(R"({"type":"tool_use","id":"t","name":"f","input":{"n":1.0}})"),
                          block_stop},
                         "tool_use"),
              role +
                  R"({"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":""}}]})"
                  "\n"
                  R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"n\":1.0}"}}]})"
                  "\n{} tool_calls\n[DONE]\n"},
          Row{"a custom tool's text comes as it is read",
              hub_stream({begin(R"({"type":"tool_use","id":"t","name":"p","input":{}})"),
                          more(R"("type":"input_json_delta","partial_json":"{\"input\": \"a\\")"),
                          more(R"("type":"input_json_delta","partial_json":"nb\"}")"), block_stop},
                         "tool_use"),
              role +
                  R"({"tool_calls":[{"index":0,"id":"t","type":"custom","custom":{"name":"p","input":""}}]})"
                  "\n"
                  R"({"tool_calls":[{"index":0,"custom":{"input":"a"}}]})"
                  "\n"
                  R"({"tool_calls":[{"index":0,"custom":{"input":"\nb"}}]})"
                  "\n{} tool_calls\n[DONE]\n"},
          Row{"a custom tool's call without such an object",
              hub_stream({begin(R"({"type":"tool_use","id":"t","name":"p","input":{}})"),
                          more(R"("type":"input_json_delta","partial_json":"{\"x\":1}")"),
                          block_stop}),
              role +
                  R"({"tool_calls":[{"index":0,"id":"t","type":"custom","custom":{"name":"p","input":""}}]})"
                  "\n"
                  R"({"tool_calls":[{"index":0,"custom":{"input":"{\"x\":1}"}}]})"
                  "\n" +
                  done},
          Row{"a hosted tool's blocks, citations and unknown events are left out",
              hub_stream(
                  {begin(R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})"),
                   more(R"("type":"input_json_delta","partial_json":"{}")"), block_stop,
                   begin(R"({"type":"web_search_tool_result","content":[]})"), block_stop,
                   R"({"type":"novelty"})", begin(R"({"type":"text","text":""})"),
                   more(R"("type":"citations_delta","citation":{})"),
                   more(R"("type":"text_delta","text":"a")"), block_stop}),
              role + "{\"content\":\"a\"}\n" + done},
          Row{"refusal", hub_stream({}, "refusal"), role + "{} content_filter\n[DONE]\n"},
          Row{"max_tokens", hub_stream({}, "max_tokens"), role + "{} length\n[DONE]\n"},
      }) {
    CAPTURE(row.what);
    CHECK(chunks_of(row.stream) == row.chunks);
  }
}

TEST_CASE("a hub's stream that does not end well ends chat's with an error", "[dialect]") {
  const std::string early =
      R"({"error":{"message":"the provider's stream ended early","type":"server_error","param":null,"code":null}})"
      "\n";
  struct Row {
    const char* what;
    std::string stream;
    std::string chunks;
  };
  for (
      const Row& row : {
          Row{"an error event",
              hub_events(
                  {message_start,
                   R"({"type":"error","error":{"type":"overloaded_error","message":"full"}})",
                   message_stop}),
              role +
                  R"({"error":{"message":"full","type":"server_error","param":null,"code":"server_is_overloaded"}})"
                  "\n"},
          Row{"an error before all else",
              hub_events(
                  {R"({"type":"error","error":{"type":"rate_limit_error","message":"slow"}})"}),
              R"({"error":{"message":"slow","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}})"
              "\n"},
          Row{"cut", hub_events({message_start}), role + early},
          Row{"cut behind its reason", hub_events({message_start, message_end("end_turn")}),
              role + "{} stop\n" + early},
      }) {
    CAPTURE(row.what);
    CHECK(chunks_of(row.stream) == row.chunks);
    ChatStreamWriter writer(writer_context());
    std::string out;
    writer.feed(row.stream, out);
    writer.end(out);
    CHECK(writer.failed());
    CHECK(out.find("[DONE]") == std::string::npos);
  }
}

TEST_CASE("the chunks of a stream that is whole are the last it says", "[dialect]") {
  ChatStreamWriter writer(writer_context());
  std::string out;
  writer.feed(hub_stream({}), out);
  CHECK(writer.finished());
  const std::string before = out;
  writer.feed(hub_stream({}), out);
  writer.end(out);
  CHECK(out == before);
}
