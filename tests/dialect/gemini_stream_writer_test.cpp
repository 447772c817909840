#include "dialect/gemini_stream_writer.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.hpp"
#include "catch.hpp"
#include "dialect/gemini_answer.hpp"
#include "dialect/hub_fold.hpp"
#include "dialect/json_text.hpp"
#include "dialect/tags.hpp"

using namespace ccrelay::dialect;

namespace {

constexpr std::string_view issuer = "0123456789ab";
constexpr std::string_view last_usage = R"({"input_tokens":5,"cache_read_input_tokens":3,)"
                                        R"("cache_creation_input_tokens":1,"output_tokens":7,)"
                                        R"("output_tokens_details":{"thinking_tokens":2}})";
constexpr std::string_view usage_metadata =
    R"({"promptTokenCount":9,"cachedContentTokenCount":3,"candidatesTokenCount":5,)"
    R"("thoughtsTokenCount":2,"totalTokenCount":16})";

AnswerContext usual() {
  AnswerContext context;
  context.issuer = issuer;
  return context;
}

std::string message(std::string_view blocks, std::string_view reason = "end_turn") {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[)" +
         std::string(blocks) + R"(],"stop_reason":")" + std::string(reason) +
         R"(","stop_sequence":null,"usage":)" + std::string(last_usage) + "}";
}

std::string write_cut(const std::string& stream, std::size_t piece, GeminiStreamForm form,
                      const AnswerContext& context) {
  GeminiStreamWriter writer(context, form);
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += piece)
    writer.feed(std::string_view(stream).substr(at, piece), out);
  writer.end(out);
  CHECK(writer.finished() != writer.failed());
  return out;
}

std::string write_all(const std::string& stream, GeminiStreamForm form = GeminiStreamForm::events,
                      const AnswerContext& context = usual()) {
  const std::string whole = write_cut(stream, stream.size() + 1, form, context);
  CHECK(write_cut(stream, 1, form, context) == whole);
  CHECK(write_cut(stream, 5, form, context) == whole);
  return whole;
}

std::string chunk(std::string_view part, const std::string& reason = {}) {
  std::string text =
      R"({"candidates":[{"content":{"role":"model","parts":[)" + std::string(part) + "]}";
  if (!reason.empty()) text += R"(,"finishReason":")" + reason + "\"";
  text += R"(,"index":0}])";
  if (!reason.empty()) text += R"(,"usageMetadata":)" + std::string(usage_metadata);
  return text + R"(,"modelVersion":"claude","responseId":"msg_1"})";
}

std::string events(const std::vector<std::string>& chunks) {
  std::string out;
  for (const std::string& each : chunks) out += "data: " + each + "\n\n";
  return out;
}

std::vector<std::string> data_of(const std::string& stream) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end = stream.find("\n\n", at);
    REQUIRE(stream.substr(at, 6) == "data: ");
    out.push_back(stream.substr(at + 6, end - at - 6));
    at = end + 2;
  }
  return out;
}

std::string wrapped(Dialect dialect, const std::vector<std::string>& datas) {
  std::string tags;
  for (const std::string& data : datas) {
    if (!tags.empty()) tags += ' ';
    tags += make_tag({dialect, std::string(issuer), data});
  }
  return ccrelay::base::base64_encoded(tags);
}

// The parts of the whole answer.
std::string parts(std::string_view blocks, const AnswerContext& context = usual()) {
  const TranslatedAnswer answer = to_gemini_answer(message(blocks), context);
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  const Json candidates = Json::read(answer.body)["candidates"];
  return std::string((*candidates.items().begin())["content"]["parts"].raw());
}

}  // namespace

TEST_CASE("a Gemini client's stream has only data lines, a chunk for each delta") {
  const std::string stream =
      "event: message_start\ndata: "
      R"({"type":"message_start","message":{"id":"msg_1","model":"claude","content":[],"usage":{}}})"
      "\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: content_block_start\ndata: "
      R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
      "\n\nevent: content_block_delta\ndata: "
      R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}})"
      "\n\nevent: content_block_delta\ndata: "
      R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo\n"}})"
      "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}"
      "\n\nevent: content_block_start\ndata: "
      R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"1","name":"f","input":{}}})"
      "\n\nevent: content_block_delta\ndata: "
      R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1"}})"
      "\n\nevent: content_block_delta\ndata: "
      R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":".0}"}})"
      "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}"
      "\n\nevent: message_delta\ndata: "
      R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":)" +
      std::string(last_usage) + "}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  const std::vector<std::string> chunks{
      chunk(R"({"text":"Hel"})"), chunk(R"({"text":"lo\n"})"),
      chunk(R"({"functionCall":{"id":"1","name":"f","args":{"a":1.0}}})"),
      chunk(R"({"text":""})", "STOP")};
  CHECK(write_all(stream) == events(chunks));
  CHECK(write_all(stream, GeminiStreamForm::array) ==
        "[" + chunks[0] + ",\r\n" + chunks[1] + ",\r\n" + chunks[2] + ",\r\n" + chunks[3] + "]");
}

TEST_CASE("blocks become parts") {
  struct Row {
    std::string blocks;
    std::string parts;
  };
  const std::string call =
      R"({"type":"tool_use","id":"fn:1","name":"f","input":{"b":1e2,"a":1.0}})";
  const std::string sent = R"({"functionCall":{"id":"fn:1","name":"f","args":{"b":1e2,"a":1.0}})";
  const std::string thought = R"({"type":"thinking","thinking":"hm","signature":"S"})";
  const std::string shown = R"({"text":"hm","thought":true})";
  const std::string data = R"({"signature":"S","thinking":"hm"})";
  const std::string lead = R"({"signature":"S","thinking":"hm","lead":true})";
  const std::string redacted = R"({"type":"redacted_thinking","data":"R"})";
  const auto with = [](const std::vector<std::string>& datas) {
    return R"(,"thoughtSignature":")" + wrapped(Dialect::anthropic, datas) + "\"}";
  };
  const std::vector<Row> rows{
      {call, sent + "}"},
      // A signature is on the call behind it, where clients keep it.
      {thought + "," + call, shown + "," + sent + with({data})},
      {thought + R"(,{"type":"text","text":"a"},)" + call,
       shown + R"(,{"text":"a")" + with({data}) + "," + sent + with({lead})},
      {thought + "," + redacted + "," + call,
       shown + "," + sent + with({data, R"({"redacted":"R","thinking":""})"})},
      {thought + "," + call + R"(,{"type":"tool_use","id":"2","name":"g","input":{}})",
       shown + "," + sent + with({data}) + R"(,{"functionCall":{"id":"2","name":"g","args":{}}})"},
      // Or on what comes last.
      {R"({"type":"text","text":"a"},)" + thought,
       R"({"text":"a"},)" + shown + R"(,{"text":"")" +
           with({R"({"signature":"S","thinking":"hm","behind":1})"})},
      {R"({"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"a"})",
       shown + R"(,{"text":"a"})"},
      {R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    INFO(row.blocks);
    CHECK(parts(row.blocks) == "[" + row.parts + "]");
    // The same by way of a stream, a chunk a part.
    const std::string stream = write_all(stream_of_message(message(row.blocks)));
    std::string streamed;
    for (const std::string& each : data_of(stream)) {
      const Json candidate = *Json(each)["candidates"].items().begin();
      const std::string_view list = candidate["content"]["parts"].raw();
      streamed += (streamed.empty() ? "" : ",") + std::string(list.substr(1, list.size() - 2));
    }
    CHECK(streamed == row.parts + (row.parts.empty() ? "" : ",") + R"({"text":""})");
  }
}

TEST_CASE("neighbouring texts of a whole answer are one part") {
  const auto text = [](const std::string& words) {
    return R"({"type":"text","text":")" + words + R"("})";
  };
  const std::string both = text("a") + "," + text("b\\n");
  CHECK(parts(both) == R"([{"text":"ab\n"}])");
  CHECK(write_all(stream_of_message(message(both))) ==
        events({chunk(R"({"text":"a"})"), chunk(R"({"text":"b\n"})"),
                chunk(R"({"text":""})", "STOP")}));
  // A call parts them, and so does reasoning: its signature stands on the text behind it.
  const std::string call = R"({"type":"tool_use","id":"1","name":"f","input":{}})";
  CHECK(parts(both + "," + call + "," + both) ==
        R"([{"text":"ab\n"},{"functionCall":{"id":"1","name":"f","args":{}}},{"text":"ab\n"}])");
  AnswerContext context = usual();
  context.show_thinking = false;
  CHECK(parts(text("a") + R"(,{"type":"thinking","thinking":"hm","signature":"S"},)" + both,
              context) ==
        R"([{"text":"a"},{"text":"ab\n","thoughtSignature":")" +
            wrapped(Dialect::anthropic, {R"({"signature":"S","thinking":"hm","behind":1})"}) +
            "\"}]");
}

TEST_CASE("a tag of another dialect rides with the text of its reasoning") {
  const std::string tag =
      make_tag({Dialect::responses, std::string(issuer), R"({"id":"rs","encrypted_content":"E"})"});
  CHECK(
      parts(R"({"type":"thinking","thinking":"hm","signature":")" + tag +
            R"("},{"type":"tool_use","id":"1","name":"f","input":{}})") ==
      R"([{"text":"hm","thought":true},{"functionCall":{"id":"1","name":"f","args":{}},)"
      R"("thoughtSignature":")" +
          wrapped(Dialect::responses, {R"({"id":"rs","encrypted_content":"E","thinking":"hm"})"}) +
          "\"}]");
}

TEST_CASE("a client that wants no thoughts sees none, but gets its signatures") {
  AnswerContext context = usual();
  context.show_thinking = false;
  CHECK(parts(R"({"type":"thinking","thinking":"hm","signature":"S"},)"
              R"({"type":"tool_use","id":"1","name":"f","input":{}})",
              context) ==
        R"([{"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":")" +
            wrapped(Dialect::anthropic, {R"({"signature":"S","thinking":"hm"})"}) + "\"}]");
}

TEST_CASE("names come back as the Gemini client said them") {
  AnswerContext context = usual();
  const std::string out = context.names.out("a.b");
  CHECK(parts(R"({"type":"tool_use","id":"1","name":")" + out + R"(","input":{}})", context) ==
        R"([{"functionCall":{"id":"1","name":"a.b","args":{}}}])");
}

TEST_CASE("a whole answer has one candidate, its reason and its usage") {
  struct Row {
    std::string_view hub;
    std::string_view gemini;
  };
  const std::vector<Row> rows{
      {"end_turn", "STOP"},         {"tool_use", "STOP"},
      {"max_tokens", "MAX_TOKENS"}, {"model_context_window_exceeded", "MAX_TOKENS"},
      {"stop_sequence", "STOP"},    {"refusal", "SAFETY"},
      {"pause_turn", "STOP"},
  };
  for (const Row& row : rows) {
    INFO(row.hub);
    const TranslatedAnswer answer =
        to_gemini_answer(message(R"({"type":"text","text":"a"})", row.hub), usual());
    CHECK(answer.status == 200);
    CHECK(answer.body == chunk(R"({"text":"a"})", std::string(row.gemini)));
  }
}

TEST_CASE("errors take Gemini's form, in a stream and outside of one") {
  const std::string error =
      R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})";
  const std::string gemini = R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}})";
  const std::string start =
      "data: "
      R"({"type":"message_start","message":{"id":"m","model":"c"}})"
      "\n\n";
  const std::string told = "event: error\ndata: " + error + "\n\n";
  CHECK(write_all(start + told) == events({gemini}));
  CHECK(write_all(start + told, GeminiStreamForm::array) == "[" + gemini + "]");
  // A stream that was cut never looks like a whole one.
  const std::string cut =
      R"({"error":{"code":500,"message":"the provider's stream ended early","status":"INTERNAL"}})";
  CHECK(write_all(start) == events({cut}));
  CHECK(write_all("") == events({cut}));

  const TranslatedAnswer answer = to_gemini_answer(error, usual());
  CHECK(answer.status == 503);
  CHECK(answer.body == gemini);
  CHECK(to_gemini_answer("nonsense", usual()).status == 500);
}

TEST_CASE("what a search found comes with the last chunk, and what rests on it") {
  const std::string page = R"("url":"https://a.example/x","title":"T")";
  const std::string said = message(
      R"({"type":"text","text":"\u00fc "},{"type":"server_tool_use","id":"s1","name":"web_search",)"
      R"("input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"s1","content":)"
      R"([{"type":"web_search_result",)" +
      page +
      R"(}]},{"type":"text","text":"found","citations":[{"type":"web_search_result_location",)" +
      page + R"(,"cited_text":"x"}]},{"type":"text","text":" more"})");
  const std::string before =
      R"("groundingMetadata":{"webSearchQueries":["q"],"groundingChunks":[{"web":{"uri":)"
      R"("https://a.example/x","title":"T"}}],"groundingSupports":[{"segment":{)";
  const std::string after = R"("text":"found"},"groundingChunkIndices":[0]}]})";
  const std::string stream = write_all(stream_of_message(said));
  CHECK(stream.find(before + R"("startIndex":3,"endIndex":8,)" + after) != std::string::npos);
  const std::string whole = to_gemini_answer(said, usual()).body;
  CHECK(whole.find(R"("parts":[{"text":"ü found more"}])") != std::string::npos);
  CHECK(whole.find(before + R"("startIndex":3,"endIndex":8,)" + after) != std::string::npos);
  // Behind what is no text of the answer's the part is named, and counted in from its beginning.
  const auto behind = [&](const std::string& block) {
    std::string blocks = said;
    return to_gemini_answer(blocks.insert(blocks.find(R"([{"type":"text")") + 1, block + ","),
                            usual())
        .body;
  };
  const std::string thought = behind(R"({"type":"thinking","thinking":"hm","signature":""})");
  CHECK(thought.find(before + R"("partIndex":1,"startIndex":3,"endIndex":8,)" + after) !=
        std::string::npos);
  const std::string called = behind(
      R"({"type":"text","text":"I look"},{"type":"tool_use","id":"1","name":"f","input":{}})");
  CHECK(called.find(before + R"("partIndex":2,"startIndex":3,"endIndex":8,)" + after) !=
        std::string::npos);
  // A search that failed has nothing to show.
  const std::string failed = message(
      R"({"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"q"}},)"
      R"({"type":"web_search_tool_result","tool_use_id":"s1","content":{"type":)"
      R"("web_search_tool_result_error","error_code":"unavailable"}},{"type":"text","text":"a"})");
  CHECK(write_all(stream_of_message(failed)).find("grounding") == std::string::npos);
}

TEST_CASE("all that a Gemini client's stream keeps is counted") {
  const std::string large(4 << 20, 'x');
  const std::string start = R"({"type":"content_block_start","index":0,"content_block":)";
  const std::string more = R"({"type":"content_block_delta","index":0,"delta":)";
  const std::string stop = R"({"type":"content_block_stop","index":0})";
  const auto fails = [](const std::vector<std::string>& first,
                        const std::function<std::vector<std::string>(int)>& nth, int times) {
    GeminiStreamWriter writer(usual(), GeminiStreamForm::events);
    std::string out;
    const auto feed = [&](const std::vector<std::string>& events) {
      for (const std::string& data : events) writer.feed("data: " + data + "\n\n", out);
    };
    feed(first);
    for (int i = 0; i < times && !writer.failed(); ++i) feed(nth(i));
    return writer.failed();
  };
  const auto block = [&](const std::string& json) { return start + json + "}"; };
  const auto cited = [&](int i, const std::string& title) {
    return more + R"({"type":"citations_delta","citation":{"url":")" + std::to_string(i) +
           R"(","title":")" + title + "\"}}}";
  };
  const std::string text = block(R"({"type":"text","text":""})");
  const auto titles = [&](const std::string& title) {
    return fails(
        {text}, [&](int i) { return std::vector{cited(i, title)}; }, 5);
  };
  CHECK_FALSE(titles("T"));
  CHECK(titles(large));
  const auto searches = [&](const std::string& query) {
    return fails(
        {},
        [&](int i) {
          return std::vector{block(R"({"type":"server_tool_use","id":")" + std::to_string(i) +
                                   R"(","name":"web_search","input":{"query":")" + query + "\"}}"),
                             stop};
        },
        5);
  };
  CHECK_FALSE(searches("q"));
  CHECK(searches(large));
  // Each page takes more than its address.
  std::string pages = R"({"type":"web_search_tool_result","tool_use_id":"s","content":[{})";
  for (int i = 0; i < 110'000; ++i) pages += R"(,{"url":")" + std::to_string(i) + "\"}";
  CHECK(fails({block(pages + "]}")}, {}, 0));
  const auto thoughts = [&](const std::string& thought, bool with_text) {
    return fails(
        {},
        [&](int) {
          std::vector<std::string> events{
              block(R"({"type":"thinking","thinking":")" + thought + R"(","signature":"S"})"),
              stop};
          if (with_text) events.push_back(block(R"({"type":"text","text":"a"})"));
          return events;
        },
        4);
  };
  for (const bool with_text : {false, true}) {
    CHECK_FALSE(thoughts("hm", with_text));
    CHECK(thoughts(large, with_text));
  }
}

TEST_CASE("reasoning that a call has taken is kept no more") {
  const std::string large(4 << 20, 'x');
  GeminiStreamWriter writer(usual(), GeminiStreamForm::events);
  for (int i = 0; i < 5; ++i) {
    std::string out;
    for (const std::string& block :
         {R"({"type":"thinking","thinking":")" + large + R"(","signature":"S"})",
          std::string(R"({"type":"text","text":"a"})"),
          std::string(R"({"type":"tool_use","id":"c","name":"f","input":{}})")}) {
      writer.feed(R"(data: {"type":"content_block_start","content_block":)" + block +
                      "}\n\ndata: {\"type\":\"content_block_stop\"}\n\n",
                  out);
    }
  }
  CHECK_FALSE(writer.failed());
}
