#include "dialect/chat_stream_reader.hpp"

#include <functional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/profile.hpp"
#include "dialect/tags.hpp"
#include "translation.hpp"

using namespace ccrelay::dialect;

namespace {

AnswerContext reader_context(const Profile* profile = nullptr) {
  AnswerContext context;
  context.seed = "s";
  context.issuer = "0123456789ab";
  context.model = "asked";
  context.profile = profile;
  return context;
}

// The events, without the first and the made ids, of a stream that comes whole or cut everywhere.
std::string events_of(const std::string& stream, const Profile* profile = nullptr) {
  const std::string whole = streamed<ChatStreamReader>(stream, false, reader_context(profile));
  CHECK(streamed<ChatStreamReader>(stream, true, reader_context(profile)) == whole);
  std::string lines = data_lines(whole);
  if (lines.rfind(R"({"type":"message_start")", 0) == 0) lines.erase(0, lines.find('\n') + 1);
  for (std::size_t at = 0; (at = lines.find("\"call_", at)) != std::string::npos; at += 6)
    lines.replace(at + 6, 24, "MADE");
  return lines;
}

std::string sse(const std::vector<std::string>& events) {
  std::string out;
  for (const std::string& event : events) out += "data: " + event + "\n\n";
  return out;
}

std::string delta(const std::string& members, const std::string& finish = "null") {
  return R"({"id":"x","model":"gpt","choices":[{"index":0,"delta":{)" + members +
         R"(},"finish_reason":)" + finish + "}]}";
}

// A stream of these deltas that ends well.
std::string deltas(const std::vector<std::string>& each, const std::string& finish = "\"stop\"") {
  std::vector<std::string> events;
  for (const std::string& members : each) events.push_back(delta(members));
  events.push_back(delta("", finish));
  events.push_back("[DONE]");
  return sse(events);
}

std::string start(int index, const std::string& block) {
  return R"({"type":"content_block_start","index":)" + std::to_string(index) +
         R"(,"content_block":)" + block + "}\n";
}

std::string change(int index, const std::string& members) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":{)" +
         members + "}}\n";
}

std::string stop(int index) {
  return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}\n";
}

std::string text_start(int index) {
  return start(index, R"({"type":"text","text":""})");
}

std::string text(int index, const std::string& words) {
  return change(index, R"("type":"text_delta","text":")" + words + '"');
}

std::string thinking_start(int index) {
  return start(index, R"({"type":"thinking","thinking":"","signature":""})");
}

std::string thought(int index, const std::string& words) {
  return change(index, R"("type":"thinking_delta","thinking":")" + words + '"');
}

std::string signature(int index, const std::string& data) {
  return change(index, R"("type":"signature_delta","signature":")" +
                           make_tag({Dialect::chat, "0123456789ab", data}) + '"');
}

std::string call_start(int index, const std::string& id, const std::string& name) {
  return start(index,
               R"({"type":"tool_use","id":")" + id + R"(","name":")" + name + R"(","input":{}})");
}

std::string input(int index, const std::string& escaped) {
  return change(index, R"("type":"input_json_delta","partial_json":")" + escaped + '"');
}

std::string over(const std::string& reason) {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + reason +
         R"(","stop_sequence":null},"usage":{"input_tokens":0,"cache_creation_input_tokens":0,)"
         R"("cache_read_input_tokens":0,"output_tokens":0,"output_tokens_details":{"thinking_tokens":0}}})"
         "\n{\"type\":\"message_stop\"}\n";
}

std::string failure(const std::string& type, const std::string& message) {
  return R"({"type":"error","error":{"type":")" + type + R"(","message":")" + message + "\"}}\n";
}

// An element of tool_calls, in a delta.
std::string call(const std::string& members) {
  return R"("tool_calls":[{)" + members + "}]";
}

}  // namespace

TEST_CASE("a chat stream begins with message_start, whatever comes first", "[dialect]") {
  const std::string stream = sse({R"({"model":"gpt","choices":[],"prompt_filter_results":[]})"});
  ChatStreamReader reader(reader_context());
  std::string out;
  reader.feed(stream, out);
  const std::string data = data_lines(out);
  const std::string id = Json::read(data)["message"]["id"].text();
  CHECK(
      out ==
      "event: message_start\ndata: "
      R"({"type":"message_start","message":{"id":")" +
          id +
          R"(","type":"message","role":"assistant","model":"asked","content":[],"stop_reason":null,)"
          R"("stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}})"
          "\n\n");
  CHECK(id.rfind("msg_", 0) == 0);
  AnswerContext other = reader_context();
  other.model.clear();
  CHECK(streamed<ChatStreamReader>(stream, false, other).find(R"("model":"gpt")") !=
        std::string::npos);
}

TEST_CASE("each kind of chat's deltas becomes the hub's events", "[dialect]") {
  const std::string field = R"({"field":"reasoning_content"})";
  struct Row {
    const char* what;
    std::string stream;
    std::string events;
  };
  for (
      const Row& row : {
          Row{"text; empty pieces make no block",
              deltas({R"("role":"assistant","content":"")", R"("content":null)",
                      R"("content":"a\u00e9")", R"("content":"b")"}),
              text_start(0) + text(0, "aé") + text(0, "b") + stop(0) + over("end_turn")},
          Row{"nothing at all", deltas({}), over("end_turn")},
          Row{"content in parts",
              deltas({R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]}])",
                      R"("content":[{"type":"text","text":"a"}])"}),
              thinking_start(0) + thought(0, "t") + signature(0, R"({"field":"content"})") +
                  stop(0) + text_start(1) + text(1, "a") + stop(1) + over("end_turn")},
          Row{"refusal", deltas({R"("refusal":"no")"}),
              text_start(0) + text(0, "no") + stop(0) + over("end_turn")},
          Row{"reasoning_content, then text",
              deltas({R"("reasoning_content":"h","content":null)", R"("reasoning_content":"m")",
                      R"("content":"a","reasoning_content":null)"}),
              thinking_start(0) + thought(0, "h") + thought(0, "m") + signature(0, field) +
                  stop(0) + text_start(1) + text(1, "a") + stop(1) + over("end_turn")},
          Row{"reasoning alone", deltas({R"("reasoning":"h")"}, "\"length\""),
              thinking_start(0) + thought(0, "h") + signature(0, R"({"field":"reasoning"})") +
                  stop(0) + over("max_tokens")},
          Row{"details win, and grow together",
              deltas(
                  {R"("reasoning":"h","reasoning_details":[{"type":"reasoning.text","text":"h","format":"f","index":0,"signature":null}])",
                   R"("reasoning":"m","reasoning_details":[{"type":"reasoning.text","text":"m","index":0}])",
                   R"("reasoning_details":[{"type":"reasoning.text","signature":"sig","index":0},{"type":"reasoning.encrypted","data":"e","index":1}])",
                   R"("content":"a")"}),
              thinking_start(0) + thought(0, "h") + thought(0, "m") +
                  signature(
                      0,
                      R"({"details":[{"type":"reasoning.text","text":"hm","format":"f","index":0,"signature":"sig"},{"type":"reasoning.encrypted","data":"e","index":1}]})") +
                  stop(0) + text_start(1) + text(1, "a") + stop(1) + over("end_turn")},
          Row{"a call behind text",
              deltas(
                  {R"("content":"a")",
                   call(
                       R"("index":0,"id":"functions.f:0","type":"function","function":{"name":"f","arguments":""})"),
                   call(R"("index":0,"function":{"arguments":"{\"n\":"})"),
                   call(R"("index":0,"function":{"arguments":"1.0}"})")},
                  "\"tool_calls\""),
              text_start(0) + text(0, "a") + stop(0) + call_start(1, "functions.f:0", "f") +
                  input(1, R"({\"n\":)") + input(1, "1.0}") + stop(1) + over("tool_use")},
          Row{"id and name said again are not added",
              deltas({call(R"("index":0,"id":"c","function":{"name":"f","arguments":"{"})"),
                      call(R"("index":0,"id":"c","function":{"name":"f","arguments":"}"})")}),
              call_start(0, "c", "f") + input(0, "{") + input(0, "}") + stop(0) + over("tool_use")},
          Row{"parallel calls that come mixed",
              deltas({call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""})"),
                      call(R"("index":1,"id":"b","function":{"name":"g","arguments":"{"})"),
                      call(R"("index":0,"function":{"arguments":":1}"})"),
                      call(R"("index":1,"function":{"arguments":"}"})")}),
              call_start(0, "a", "f") + input(0, R"({\"x\")") + input(0, ":1}") + stop(0) +
                  call_start(1, "b", "g") + input(1, "{") + input(1, "}") + stop(1) +
                  over("tool_use")},
          Row{"all with index 0, told apart by their ids",
              deltas({call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{}"})"),
                      call(R"("index":0,"id":"b","function":{"name":"g","arguments":"{}"})")}),
              call_start(0, "a", "f") + input(0, "{}") + stop(0) + call_start(1, "b", "g") +
                  input(1, "{}") + stop(1) + over("tool_use")},
          Row{"without an index: by id, else the last one",
              deltas({call(R"("id":"a","function":{"name":"f","arguments":"{"})"),
                      call(R"("function":{"arguments":"\"k\":1"})"),
                      call(R"("id":"a","function":{"arguments":"}"})"),
                      call(R"("id":"b","function":{"name":"g","arguments":"{}"})")}),
              call_start(0, "a", "f") + input(0, "{") + input(0, R"(\"k\":1)") + input(0, "}") +
                  stop(0) + call_start(1, "b", "g") + input(1, "{}") + stop(1) + over("tool_use")},
          Row{"neither index nor id, arguments as an object",
              deltas({call(R"("function":{"name":"f","arguments":{"n":1.0}})"),
                      call(R"("function":{"name":"f","arguments":{"n":2}})")}),
              call_start(0, "call_MADE", "f") + input(0, R"({\"n\":1.0})") + stop(0) +
                  call_start(1, "call_MADE", "f") + input(1, R"({\"n\":2})") + stop(1) +
                  over("tool_use")},
          Row{"arguments null, and none at all",
              deltas({call(R"("index":0,"id":"a","function":{"name":"f","arguments":null})")}),
              call_start(0, "a", "f") + stop(0) + over("tool_use")},
          Row{"a call waits for its name",
              deltas({call(R"("index":0,"id":"a","function":{"arguments":"{\"x\""})"),
                      R"("content":"b")",
                      call(R"("index":0,"function":{"name":"f","arguments":":1}"})")}),
              text_start(0) + text(0, "b") + stop(0) + call_start(1, "a", "f") +
                  input(1, R"({\"x\":1})") + stop(1) + over("tool_use")},
          Row{"what waits at the end comes in the order of the index",
              deltas({call(R"("index":0,"id":"a","function":{"name":"f"})"),
                      call(R"("index":2,"id":"c","function":{"name":"h","arguments":"{}"})"),
                      call(R"("index":1,"id":"b","function":{"name":"g","arguments":"{}"})")}),
              call_start(0, "a", "f") + stop(0) + call_start(1, "b", "g") + input(1, "{}") +
                  stop(1) + call_start(2, "c", "h") + input(2, "{}") + stop(2) + over("tool_use")},
          Row{"half a surrogate pair in arguments",
              deltas(
                  {call(
                       R"("index":0,"id":"a","function":{"name":"f","arguments":"{\"k\":\"\\ud8"})"),
                   call(R"("index":0,"function":{"arguments":"3d\\ude00\\ud83d\"}"})")}),
              call_start(0, "a", "f") + input(0, R"({\"k\":\")") +
                  input(0, "\\\\ud83d\\\\ude00\xEF\xBF\xBD\\\"}") + stop(0) + over("tool_use")},
          Row{"function_call",
              deltas({R"("function_call":{"name":"f","arguments":"{"})",
                      R"("function_call":{"arguments":"}"})"},
                     "\"function_call\""),
              call_start(0, "call_MADE", "f") + input(0, "{") + input(0, "}") + stop(0) +
                  over("tool_use")},
          Row{"a thought signature in front of its call",
              deltas({call(
                  R"("index":0,"id":"a","function":{"name":"f","arguments":"{}"},"extra_content":{"g":1})")}),
              thinking_start(0) + signature(0, R"({"extra_content":{"g":1}})") + stop(0) +
                  call_start(1, "a", "f") + input(1, "{}") + stop(1) + over("tool_use")},
          Row{"tool_calls without any call", deltas({R"("content":"a")"}, "\"tool_calls\""),
              text_start(0) + text(0, "a") + stop(0) + over("end_turn")},
          Row{"think tags that nobody asked for", deltas({R"("content":"<think>a")"}),
              text_start(0) + text(0, "<think>a") + stop(0) + over("end_turn")},
          Row{"other choices",
              sse({R"({"choices":[{"index":1,"delta":{"content":"x"},"finish_reason":"length"}]})",
                   delta(R"("content":"a")", "\"stop\""), "[DONE]"}),
              text_start(0) + text(0, "a") + stop(0) + over("end_turn")},
          Row{"[DONE] without a reason", sse({delta(R"("content":"a")"), "[DONE]"}),
              text_start(0) + text(0, "a") + stop(0) + over("end_turn")},
          Row{"an end without [DONE]", sse({delta(R"("content":"a")", "\"stop\"")}),
              text_start(0) + text(0, "a") + stop(0) + over("end_turn")},
          Row{"comments, unknown events, other line ends, no blank line at the end",
              ": OPENROUTER PROCESSING\r\n\r\ndata: {\"choices\":[{\"delta\":\rdata: "
              "{\"content\":\"a\"}}],\"new\":[]}\r\n\r\ndata: {\"odd\":1}\n\ndata: " +
                  delta("", "\"stop\""),
              text_start(0) + text(0, "a") + stop(0) + over("end_turn")},
      }) {
    CAPTURE(row.what);
    CHECK(events_of(row.stream) == row.events);
  }
}

TEST_CASE("what is empty in chat's deltas says nothing, in the first as in the next", "[dialect]") {
  const std::string begun = call(R"("index":0,"id":"a","function":{"name":"f","arguments":""})");
  const auto more = [](const std::string& in_call, const std::string& in_delta) {
    return call(R"("index":0,"function":{"arguments":"1"})" + in_call) + in_delta;
  };
  const std::string told = call_start(0, "a", "f") + input(0, "1") + input(0, "1") + input(0, "1") +
                           stop(0) + over("tool_use");
  for (const std::string& each :
       {more("", ""), more(R"(,"extra_content":{})", ""), more("", R"(,"function_call":{})"),
        more("", R"(,"refusal":"","reasoning_details":[],"content":[])")}) {
    CAPTURE(each);
    CHECK(events_of(deltas({begun, each, each, each})) == told);
  }
  // The call that an empty one stands beside is the one that goes on.
  const std::string first = call(R"("index":0,"function":{"arguments":"{}"})");
  const std::string named = call(R"("index":1,"id":"b","function":{"name":"g","arguments":""})");
  const std::string second =
      call(R"("index":1,"function":{"arguments":"2"})") + R"(,"function_call":{})";
  CHECK(events_of(deltas({begun, first, named, second, second})) ==
        call_start(0, "a", "f") + input(0, "{}") + stop(0) + call_start(1, "b", "g") +
            input(1, "2") + input(1, "2") + stop(1) + over("tool_use"));
}

TEST_CASE("a chat stream that does not end well is an error, and no made-up end", "[dialect]") {
  struct Row {
    const char* what;
    std::string stream;
    std::string events;
  };
  const std::string begun = text_start(0) + text(0, "a");
  for (const Row& row : {
           Row{"cut", sse({delta(R"("content":"a")")}),
               begun + failure("api_error", "the provider's stream ended early")},
           Row{"cut inside an event", sse({delta(R"("content":"a")")}) + "data: {\"choices\":[{",
               begun + failure("api_error", "the provider's stream ended early")},
           Row{"empty", "", failure("api_error", "the provider's stream ended early")},
           Row{"[DONE] alone", sse({"[DONE]"}),
               failure("api_error", "the provider's stream ended without an answer")},
           Row{"no JSON", sse({"x"}), failure("api_error", "the provider's stream is not JSON")},
           Row{"finish_reason error", sse({delta(R"("content":"a")", "\"error\""), "[DONE]"}),
               begun + failure("api_error", "the provider ended its answer with an error")},
           Row{"an error member",
               sse({delta(R"("content":"a")"),
                    R"({"error":{"message":"slow down","code":429},"choices":[]})",
                    delta(R"("content":"b")")}),
               begun + failure("rate_limit_error", "slow down")},
           Row{"vLLM's", sse({R"({"object":"error","message":"gone","code":404})"}),
               failure("not_found_error", "gone")},
           Row{"event: error",
               "event: error\n" + sse({R"({"message":"full","code":"server_is_overloaded"})"}),
               failure("overloaded_error", "full")},
       }) {
    CAPTURE(row.what);
    CHECK(events_of(row.stream) == row.events);
    ChatStreamReader reader(reader_context());
    std::string out;
    reader.feed(row.stream, out);
    reader.end(out);
    CHECK(reader.failed());
    CHECK_FALSE(reader.finished());
  }
}

TEST_CASE("usage is taken from wherever it stands, and replaced but never added", "[dialect]") {
  const std::string told = R"("usage":{"prompt_tokens":10,"completion_tokens":4,)"
                           R"("prompt_tokens_details":{"cached_tokens":6}})";
  const std::string early = R"("usage":{"prompt_tokens":99,"completion_tokens":1})";
  for (const std::string& stream : {
           sse({delta(R"("content":"a")", "\"stop\""), R"({"choices":[],)" + told + "}", "[DONE]"}),
           sse({R"({"choices":[{"delta":{"content":"a"}}],)" + early + "}",
                R"({"choices":[{"delta":{},"finish_reason":"stop"}],)" + told + "}", "[DONE]"}),
           sse({delta(R"("content":"a")"),
                R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop",)" + told + "}]}"}),
           sse({delta(R"("content":"a")"),
                R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{)" + told +
                    "}}"}),
       }) {
    CAPTURE(stream);
    CHECK(
        events_of(stream).find(
            R"("usage":{"input_tokens":4,"cache_creation_input_tokens":0,"cache_read_input_tokens":6,"output_tokens":4,)") !=
        std::string::npos);
  }
  const std::string tiered =
      sse({R"({"service_tier":"priority","choices":[{"delta":{"content":"a"}}]})",
           R"({"choices":[{"delta":{},"finish_reason":"stop"}],)" + told + "}", "[DONE]"});
  CHECK(events_of(tiered).find(R"(,"service_tier":"priority"})") != std::string::npos);
}

TEST_CASE("think tags in a stream are parted wherever it is cut", "[dialect]") {
  Profile profile;
  profile.think_tags = true;
  CHECK(events_of(deltas({R"("content":"\n<thi")", R"("content":"nk>h</")",
                          R"("content":"m</think>")", R"("content":"\n\nyes")"}),
                  &profile) == thinking_start(0) + thought(0, "h") + thought(0, "</m") +
                                   signature(0, R"({"field":"content"})") + stop(0) +
                                   text_start(1) + text(1, "yes") + stop(1) + over("end_turn"));
  CHECK(events_of(deltas({R"("content":"<th")"}), &profile) ==
        text_start(0) + text(0, "<th") + stop(0) + over("end_turn"));
}

TEST_CASE("names of calls in a stream are mapped back", "[dialect]") {
  AnswerContext context = reader_context();
  context.names = Names(NameForm::openai);
  const std::string sent = context.names.out("my.tool");
  const std::string out = streamed<ChatStreamReader>(
      deltas(
          {call(R"("index":0,"id":"a","function":{"name":")" + sent + R"(","arguments":"{}"})")}),
      false, context);
  CHECK(out.find(R"("name":"my.tool")") != std::string::npos);
}

TEST_CASE("what a stream makes the reader keep has an end", "[dialect]") {
  ChatStreamReader reader(reader_context());
  std::string out;
  reader.feed(sse({delta(call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{"})"))}),
              out);
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 18 && !reader.failed(); ++i)
    reader.feed(sse({delta(R"("content":")" + piece + '"')}), out);
  CHECK(reader.failed());
  CHECK(out.size() < 4096);
}

TEST_CASE("calls, their ids and what reasoning has beside words are counted", "[dialect]") {
  const std::string large(1 << 20, 'x');
  Profile with_tags;
  with_tags.think_tags = true;
  const auto fails = [&](const std::function<std::string(int)>& nth, int times) {
    ChatStreamReader reader(reader_context(&with_tags));
    std::string out;
    for (int i = 0; i < times && !reader.failed(); ++i) reader.feed(sse({delta(nth(i))}), out);
    return reader.failed();
  };
  const auto numbered = [](int i, const std::string& id) {
    return call(R"("index":)" + std::to_string(i) + R"(,"id":")" + id +
                R"(","function":{"name":"f","arguments":"{}"})");
  };
  CHECK_FALSE(fails([&](int i) { return numbered(i, "a"); }, 20));
  CHECK(fails([&](int i) { return numbered(i, large); }, 18));
  CHECK(fails(
      [&](int) {
        std::string all = "{}";
        for (int i = 0; i < 100'000; ++i) all += ",{}";
        return R"("reasoning_details":[)" + all + "]";
      },
      4));
  // Blanks in front of a tag are kept until it is known to be none.
  const std::string blanks(600, ' ');
  ChatStreamReader reader(reader_context(&with_tags));
  std::string out;
  reader.feed(sse({delta(R"("content":")" + blanks + '"')}), out);
  CHECK(out.find("text_delta") == std::string::npos);
  reader.feed(sse({delta(R"("content":")" + blanks + '"')}), out);
  CHECK(out.find("text_delta") != std::string::npos);
}
