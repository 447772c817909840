#include <pthread.h>

#include <functional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/responses_reader.hpp"

#include "dialect/tags.hpp"
#include "responses_stream.hpp"

using namespace ccrelay::dialect;

namespace {

AnswerContext context() {
  AnswerContext context;
  context.seed = "seed";
  context.issuer = "0123456789ab";
  context.model = "asked";
  return context;
}

void on_small_stack(std::function<void()> run) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, std::size_t{512} * 1024);
  const auto call = [](void* what) -> void* {
    (*static_cast<std::function<void()>*>(what))();
    return nullptr;
  };
  pthread_t thread{};
  REQUIRE(pthread_create(&thread, &small, call, &run) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&small);
}

std::string hub_stream(std::string_view in) {
  return streams::translated([] { return std::make_unique<FromResponsesStream>(context()); }, in);
}

const std::string created =
    R"({"type":"response.created","response":{"id":"resp_1","model":"gpt"}})";

std::string completed(std::string_view output = {}, std::string_view status = "completed",
                      std::string_view more = {}) {
  return R"({"type":"response.)" + std::string(status) + R"(","response":{"status":")" +
         std::string(status) + R"(","output":[)" + std::string(output) + "]" + std::string(more) +
         R"(,"usage":{"input_tokens":9,"output_tokens":2}}})";
}

std::string of_item(std::string_view type, int index, std::string_view members) {
  return R"({"type":"response.)" + std::string(type) + R"(","output_index":)" +
         std::to_string(index) + "," + std::string(members) + "}";
}

std::string added(int index, std::string_view item) {
  return of_item("output_item.added", index, R"("item":)" + std::string(item));
}
std::string done(int index, std::string_view item) {
  return of_item("output_item.done", index, R"("item":)" + std::string(item));
}
std::string text_delta(int index, std::string_view delta, int part = 0) {
  return of_item(
      "output_text.delta", index,
      R"("content_index":)" + std::to_string(part) + R"(,"delta":")" + std::string(delta) + R"(")");
}
std::string arguments_delta(int index, std::string_view escaped) {
  return of_item("function_call_arguments.delta", index,
                 R"("delta":")" + std::string(escaped) + R"(")");
}
std::string call(std::string_view id, std::string_view escaped) {
  return R"({"type":"function_call","call_id":")" + std::string(id) +
         R"(","name":"f","arguments":")" + std::string(escaped) + R"("})";
}
const std::string message = R"({"type":"message","content":[]})";

// The hub's blocks in short: kind{text}signature; each with all of its deltas, one `|` between.
std::string blocks_of(std::string_view stream) {
  std::string said;
  std::int64_t open = -1;
  std::int64_t next = 0;
  for (const streams::Event& event : streams::events(stream)) {
    const Json json(event.data);
    CHECK(json["type"].is(event.name));
    if (event.name == "content_block_start") {
      CHECK(open == -1);
      open = next++;
      const Json block = json["content_block"];
      said += block["type"].text();
      if (block["id"]) said += ":" + block["id"].text();
      if (block["type"].is("web_search_tool_result")) said += block["content"].raw();
      said += "{";
    } else if (event.name == "content_block_delta") {
      const Json delta = json["delta"];
      if (delta["citation"]) said += "[" + delta["citation"]["cited_text"].text() + "]";
      if (delta["signature"]) {
        const auto tag = read_tag(delta["signature"].text());
        said += "#" + (tag ? tag->data : "");
      }
      said += delta["text"].text() + delta["thinking"].text() + delta["partial_json"].text() + "|";
    } else if (event.name == "content_block_stop") {
      open = -1;
      said += "} ";
    }
    if (json["index"]) CHECK(json["index"].integer() == next - 1);
  }
  CHECK(open == -1);
  return said;
}

std::string last_of(std::string_view stream, std::string_view name) {
  std::string data;
  for (const streams::Event& event : streams::events(stream)) {
    if (event.name == name) data = event.data;
  }
  return data;
}

}  // namespace

TEST_CASE("a Responses stream becomes the hub's, block by block") {
  struct Row {
    std::vector<std::string> events;
    std::string blocks;
  };
  const std::string reasoning =
      R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"why"}],)"
      R"("encrypted_content":"gAAA"})";
  const std::string open_reasoning = R"({"type":"reasoning","id":"rs_1","summary":[]})";
  const std::string sealed = R"(#{"id":"rs_1","encrypted_content":"gAAA"}|)";
  const auto summary = [](std::string_view delta, int part) {
    return of_item("reasoning_summary_text.delta", 0,
                   R"("summary_index":)" + std::to_string(part) + R"(,"delta":")" +
                       std::string(delta) + R"(")");
  };
  const std::string a_message =
      R"({"type":"message","content":[{"type":"output_text","text":"ab","annotations":[]}]})";
  const Row rows[] = {
      {{created, completed()}, ""},
      // Text in pieces; the whole is not told again.
      {{created, added(0, message), text_delta(0, "a"), text_delta(0, "b"),
        of_item("output_text.done", 0, R"("content_index":0,"text":"ab")"), done(0, a_message),
        completed(a_message)},
       "text{a|b|} "},
      // Only in the whole item, only at the end, and the rest of it.
      {{created, done(0, a_message), completed(a_message)}, "text{ab|} "},
      {{created, completed(a_message)}, "text{ab|} "},
      {{created, text_delta(0, "a"), completed(a_message)}, "text{a|b|} "},
      {{created, text_delta(0, "a"),
        of_item("output_text.done", 0, R"("content_index":0,"text":"ab")"), completed()},
       "text{a|b|} "},
      // Each part and each message is a block of its own.
      {{created, added(0, message), text_delta(0, "a", 0), text_delta(0, "b", 1), added(1, message),
        text_delta(1, "c", 0), completed()},
       "text{a|} text{b|} text{c|} "},
      {{created, of_item("refusal.delta", 0, R"("content_index":0,"delta":"no")"), completed()},
       "text{no|} "},
      // Reasoning.
      {{created, added(0, open_reasoning), summary("wh", 0), summary("y", 0), done(0, reasoning),
        text_delta(1, "a"), completed()},
       "thinking{wh|y|" + sealed + "} text{a|} "},
      {{created, summary("a", 0), summary("b", 1), done(0, open_reasoning), completed()},
       "thinking{a|\n\n|b|} "},
      {{created, of_item("reasoning_text.delta", 0, R"("content_index":0,"delta":"a")"),
        summary("b", 0), done(0, open_reasoning), completed()},
       "thinking{a|} "},
      {{created, added(0, open_reasoning),
        done(0, R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"})"),
        completed()},
       "thinking{" + sealed + "} "},
      {{created, added(0, open_reasoning), done(0, open_reasoning), completed()}, ""},
      {{created, completed(reasoning + "," + a_message)},
       "thinking{why|" + sealed + "} text{ab|} "},
      // What comes before reasoning is whole waits behind it.
      {{created, added(0, open_reasoning), summary("why", 0), added(1, call("c", "")),
        arguments_delta(1, "{}"), done(1, call("c", "{}")), done(0, reasoning), completed()},
       "thinking{why|" + sealed + "} tool_use:c{{}|} "},
      {{created, added(0, open_reasoning), summary("why", 0), text_delta(1, "a"),
        completed(reasoning)},
       "thinking{why|" + sealed + "} text{a|} "},
      // Reasoning that waited may be what the others wait for then.
      {{created, added(0, open_reasoning), added(1, R"({"type":"reasoning","summary":[]})"),
        text_delta(2, "a"),
        done(1, R"({"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"gBBB"})"),
        text_delta(2, "b"), done(0, reasoning), text_delta(2, "c"), completed()},
       "thinking{why|" + sealed +
           "} thinking{#{\"id\":\"rs_2\",\"encrypted_content\":\"gBBB\"}|} " + "text{a|b|c|} "},
      // Calls.
      {{created, added(0, call("c", "")), arguments_delta(0, "{\\\"n\\\":"),
        arguments_delta(0, "1.0}"),
        of_item("function_call_arguments.done", 0, R"("arguments":"{\"n\":1.0}")"),
        done(0, call("c", "{\\\"n\\\":1.0}")), completed()},
       "tool_use:c{{\"n\":|1.0}|} "},
      {{created, added(0, call("c", "")), done(0, call("c", "{}")), completed()},
       "tool_use:c{{}|} "},
      {{created, completed(call("c", "{}"))}, "tool_use:c{{}|} "},
      // Two at once: one behind the other.
      {{created, added(0, call("a", "")), added(1, call("b", "")), arguments_delta(0, "{"),
        arguments_delta(1, "{}"), arguments_delta(0, "}"), done(1, call("b", "{}")),
        done(0, call("a", "{}")), completed()},
       "tool_use:a{{|}|} tool_use:b{{}|} "},
      // A name that comes late.
      {{created, added(0, R"({"type":"function_call","call_id":"c"})"), arguments_delta(0, "{}"),
        done(0, call("c", "{}")), completed()},
       "tool_use:c{{}|} "},
      // Whole responses whose items stand elsewhere: known by their ids, nothing is told twice.
      {{created, text_delta(1, "a"),
        done(1, R"({"type":"message","id":"m","content":[{"type":"output_text","text":"a"}]})"),
        completed(R"({"type":"message","id":"m","content":[{"type":"output_text","text":"a"}]})")},
       "text{a|} "},
      {{created, added(3, open_reasoning),
        of_item("reasoning_summary_text.delta", 3, R"("summary_index":0,"delta":"why")"),
        text_delta(4, "a"), completed(reasoning)},
       "thinking{why|" + sealed + "} text{a|} "},
      // What nobody knows is passed over.
      {{created, R"({"type":"response.fancy","output_index":0,"delta":"x"})",
        added(0, R"({"type":"fancy_call"})"), done(0, R"({"type":"fancy_call"})"),
        text_delta(1, "a"), completed()},
       "text{a|} "},
  };
  for (const Row& row : rows) {
    const std::string in = streams::stream_of(row.events);
    CAPTURE(in);
    const std::string out = hub_stream(in);
    CHECK(blocks_of(out) == row.blocks);
    const auto events = streams::events(out);
    REQUIRE(events.size() > 2);
    CHECK(events.front().name == "message_start");
    CHECK(events.back().name == "message_stop");
  }
}

TEST_CASE("the hub's message says what the Responses stream said of it") {
  const std::string out = hub_stream(streams::stream_of(
      {created, R"({"type":"response.in_progress","response":{}})", text_delta(0, "a"),
       R"({"type":"response.completed","response":{"status":"completed","output":[],)"
       R"("service_tier":"priority","usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},)"
       R"("output_tokens":7,"output_tokens_details":{"reasoning_tokens":3}}}})"}));
  const std::string first = streams::events(out).front().data;
  const Json start = Json(first)["message"];
  CHECK(start["model"].is("asked"));
  CHECK(start["id"].text().substr(0, 4) == "msg_");
  CHECK(start["usage"].raw() == R"({"input_tokens":0,"output_tokens":0})");
  const std::string last = last_of(out, "message_delta");
  const Json usage = Json(last)["usage"];
  CHECK(usage["input_tokens"].integer() == 30);
  CHECK(usage["cache_read_input_tokens"].integer() == 60);
  CHECK(usage["cache_creation_input_tokens"].integer() == 10);
  CHECK(usage["output_tokens"].integer() == 7);
  CHECK(usage["service_tier"].is("priority"));
}

TEST_CASE("why a Responses stream ended") {
  struct End {
    std::string before;
    std::string last;
    std::string stop;
  };
  const End rows[] = {
      {text_delta(0, "a"), completed(), "end_turn"},
      {done(0, call("c", "{}")), completed(), "tool_use"},
      {text_delta(0, "a"),
       completed({}, "incomplete", R"(,"incomplete_details":{"reason":"max_output_tokens"})"),
       "max_tokens"},
      {text_delta(0, "a"),
       completed({}, "incomplete", R"(,"incomplete_details":{"reason":"content_filter"})"),
       "refusal"},
  };
  for (const End& row : rows) {
    CAPTURE(row.last);
    const std::string out = hub_stream(streams::stream_of({created, row.before, row.last}));
    const std::string delta = last_of(out, "message_delta");
    CHECK(Json(delta)["delta"]["stop_reason"].is(row.stop));
  }
}

TEST_CASE("a Responses stream that fails, or is cut, ends with the hub's error") {
  struct Failure {
    std::vector<std::string> events;
    std::string type;
  };
  const Failure rows[] = {
      {{created, text_delta(0, "a")}, "api_error"},
      {{}, "api_error"},
      {{created, R"({"type":"response.failed","response":{"status":"failed","error":)"
                 R"({"code":"rate_limit_exceeded","message":"slow down"}}})"},
       "rate_limit_error"},
      {{created, R"({"type":"response.failed","response":{"status":"failed","error":)"
                 R"({"code":"server_is_overloaded","message":"slow down"}}})"},
       "overloaded_error"},
      {{R"({"type":"error","code":"insufficient_quota","message":"pay","param":null})"},
       "billing_error"},
      {{R"({"type":"error","error":{"type":"invalid_request_error","code":)"
        R"("context_length_exceeded","message":"long"}})"},
       "invalid_request_error"},
      {{created, done(0, R"({"type":"function_call","call_id":"c","arguments":"{}"})"),
        completed()},
       "api_error"},
  };
  for (const Failure& row : rows) {
    const std::string in = streams::stream_of(row.events);
    CAPTURE(in);
    const std::string out = hub_stream(in);
    const auto events = streams::events(out);
    REQUIRE_FALSE(events.empty());
    CHECK(events.back().name == "error");
    CHECK(Json(events.back().data)["error"]["type"].is(row.type));
    CHECK(out.find("message_stop") == std::string::npos);
  }
  CHECK(hub_stream("data: {oops\n\n").find("event: error") == 0);
}

TEST_CASE("reasoning that waits behind reasoning is taken without a call for each") {
  constexpr int count = 3'000;
  const std::string open = R"({"type":"reasoning","summary":[]})";
  const std::string sealed = R"({"type":"reasoning","summary":[],"encrypted_content":"g"})";
  std::vector<std::string> events{created};
  for (int i = 1; i <= count; ++i) events.push_back(added(i, open));
  for (int i = count; i >= 1; --i) events.push_back(done(i, sealed));
  events.push_back(completed());
  const std::string in = streams::stream_of(events);
  std::string out;
  // Calls inside of calls would use this stack up.
  on_small_stack([&] {
    FromResponsesStream reader(context());
    reader.feed(in, out);
    reader.end(out);
  });
  int told = 0;
  for (const streams::Event& event : streams::events(out))
    told += Json(event.data)["delta"]["type"].is("signature_delta") ? 1 : 0;
  CHECK(told == count);
  CHECK(out.find("message_stop") != std::string::npos);
}

TEST_CASE("what a Responses stream's items are known by is counted") {
  const std::string large(1 << 20, 'x');
  FromResponsesStream reader(context());
  std::string out;
  for (int i = 0; i < 18 && !reader.failed(); ++i) {
    reader.feed(streams::stream_of(
                    {added(i, R"({"type":"message","id":")" + std::to_string(i) + large + "\"}")}),
                out);
  }
  CHECK(reader.failed());
}

TEST_CASE("line ends of all kinds, comments and [DONE] do no harm to a Responses stream") {
  std::string in = streams::stream_of({created, text_delta(0, "\\u00e9\xC3\xA9"), completed()});
  const std::string out = hub_stream(in);
  CHECK(hub_stream(in + "data: [DONE]\n\n") == out);
  CHECK(hub_stream(": OPENROUTER PROCESSING\n\n" + in) == out);
  std::string crlf;
  for (const char c : in) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(hub_stream(crlf) == out);
  while (in.back() == '\n') in.pop_back();
  CHECK(hub_stream(in) == out);
}

TEST_CASE("a search in a Responses stream stands before the text that it led to") {
  const std::string search =
      R"({"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search",)"
      R"("query":"q","sources":[{"type":"url","url":"https://a.org/x"}]}})";
  const std::string out = hub_stream(streams::stream_of(
      {created, added(0, R"({"type":"web_search_call","id":"ws_1","status":"in_progress"})"),
       of_item("web_search_call.searching", 0, R"("item_id":"ws_1")"), done(0, search),
       text_delta(1, "hello you"),
       of_item("output_text.annotation.added", 1,
               R"("content_index":0,"annotation_index":0,"annotation":{"type":"url_citation",)"
               R"("url":"https://a.org/x","title":"T","start_index":0,"end_index":5})"),
       text_delta(1, "!"), completed()}));
  const std::string blocks = blocks_of(out);
  CHECK(blocks.find("server_tool_use:srvtoolu_") == 0);
  CHECK(blocks.find("{{\"query\":\"q\"}|} web_search_tool_result[{") != std::string::npos);
  CHECK(blocks.find("text{hello you|!|[hello]|} ") != std::string::npos);
  CHECK(out.find(R"("input":{},"caller":{"type":"direct"})") != std::string::npos);
  const std::string last = last_of(out, "message_delta");
  CHECK(Json(last)["usage"]["server_tool_use"]["web_search_requests"].integer() == 1);
  CHECK(Json(last)["delta"]["stop_reason"].is("end_turn"));
}

TEST_CASE("citations that stand only in the whole item are told, and none twice") {
  const std::string annotation =
      R"({"type":"url_citation","url":"https://x","title":"T","start_index":0,"end_index":2})";
  const std::string whole = R"({"type":"message","content":[{"type":"output_text","text":"abc",)"
                            R"("annotations":[)" +
                            annotation + "]}]}";
  const std::string told =
      of_item("output_text.annotation.added", 0, R"("content_index":0,"annotation":)" + annotation);
  for (const std::vector<std::string>& events :
       {std::vector<std::string>{created, done(0, whole), completed(whole)},
        {created, completed(whole)},
        {created, text_delta(0, "abc"), done(0, whole), completed(whole)},
        {created, text_delta(0, "abc"), told, done(0, whole), completed(whole)}}) {
    CHECK(blocks_of(hub_stream(streams::stream_of(events))) == "text{abc|[ab]|} ");
  }
}

TEST_CASE(
    "an event that is larger than is kept ends a Responses stream, as do too many that wait") {
  const auto fails = [](const std::vector<std::string>& events) {
    FromResponsesStream stream(context());
    std::string out;
    for (const std::string& event : events) stream.feed(streams::stream_of({event}), out);
    CHECK(stream.failed());
    CHECK(streams::events(out).back().name == "error");
    const std::size_t size = out.size();
    stream.feed(streams::stream_of({completed()}), out);
    stream.end(out);
    CHECK(out.size() == size);
  };
  fails({created, text_delta(0, std::string(StreamTranslator::buffered_bytes_max + 1, 'x'))});
  const std::string much(StreamTranslator::buffered_bytes_max / 2, 'x');
  fails({created, added(0, R"({"type":"reasoning"})"), text_delta(1, much), text_delta(1, much)});
}
