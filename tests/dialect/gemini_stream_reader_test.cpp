#include "dialect/gemini_stream_reader.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "dialect/gemini_answer.hpp"
#include "dialect/gemini_grounding.hpp"
#include "dialect/json_out.hpp"
#include "dialect/tags.hpp"

using namespace ccrelay::dialect;

namespace {

constexpr std::string_view issuer = "0123456789ab";

AnswerContext usual() {
  AnswerContext context;
  context.seed = "seed";
  context.issuer = issuer;
  context.model = "claude";
  return context;
}

struct Read {
  std::string out;
  bool failed = false;
};

Read read_cut(const std::string& stream, std::size_t piece, const AnswerContext& context) {
  GeminiStreamReader reader(context);
  Read read;
  for (std::size_t at = 0; at < stream.size(); at += piece)
    reader.feed(std::string_view(stream).substr(at, piece), read.out);
  reader.end(read.out);
  read.failed = reader.failed();
  CHECK(reader.finished() == !reader.failed());
  return read;
}

// However it is cut it is the same.
Read read_all(const std::string& stream, const AnswerContext& context = usual()) {
  const Read whole = read_cut(stream, stream.size() + 1, context);
  CHECK(read_cut(stream, 1, context).out == whole.out);
  CHECK(read_cut(stream, 7, context).out == whole.out);
  return whole;
}

std::string events(const std::vector<std::string>& chunks) {
  std::string out;
  for (const std::string& chunk : chunks) out += "data: " + chunk + "\r\n\r\n";
  return out;
}

std::string array_of(const std::vector<std::string>& chunks) {
  std::string out = "[";
  for (const std::string& chunk : chunks) out += (out.size() > 1 ? "\n,\r\n" : "") + chunk;
  return out + "\n]\n";
}

// A chunk with these parts, and with more behind its content.
std::string chunk(const std::string& parts, const std::string& more = {},
                  const std::string& rest = {}) {
  return R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"})" + more +
         R"(,"index":0}])" + rest + "}";
}

constexpr const char* stop = R"(,"finishReason":"STOP")";

// The blocks of the stream, as those of the message that it tells.
std::string content(const std::string& stream, const AnswerContext& context = usual()) {
  const Read read = read_all(stream, context);
  INFO(read.out);
  CHECK_FALSE(read.failed);
  const TranslatedAnswer answer = from_gemini_answer(stream, context);
  CHECK(answer.status == 200);
  return std::string(Json::read(answer.body)["content"].raw());
}

std::string member(const std::string& stream, std::string_view name) {
  const TranslatedAnswer answer = from_gemini_answer(stream, usual());
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  return std::string(Json::read(answer.body)[name].raw());
}

std::string thinking(std::string_view text, std::string_view data) {
  return R"({"type":"thinking","thinking":")" + std::string(text) + R"(","signature":")" +
         make_tag({Dialect::gemini, std::string(issuer), std::string(data)}) + "\"}";
}

}  // namespace

TEST_CASE("a Gemini stream becomes an Anthropic one, event by event") {
  const std::string usage =
      R"(,"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,)"
      R"("candidatesTokenCount":3,"thoughtsTokenCount":2},"modelVersion":"gemini-3-pro")";
  const std::string stream = events({chunk(R"({"text":"Hel"})"), chunk(R"({"text":"lo"})"),
                                     chunk(R"({"functionCall":{"id":"1","name":"f","args":)"
                                           R"({"b":12345678901234567890,"a":1.0}}})"),
                                     chunk(R"({"text":""})", stop, usage)});
  const Read read = read_all(stream);
  CHECK_FALSE(read.failed);
  const std::string start = read.out.substr(0, read.out.find("\n\n"));
  CHECK(start.find(R"("model":"claude")") != std::string::npos);
  CHECK(
      read.out.substr(start.size() + 2) ==
      "event: content_block_start\n"
      R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
      "\n\nevent: content_block_delta\n"
      R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}})"
      "\n\nevent: content_block_delta\n"
      R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}})"
      "\n\nevent: content_block_stop\n"
      R"(data: {"type":"content_block_stop","index":0})"
      "\n\nevent: content_block_start\n"
      R"(data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"1","name":"f","input":{}}})"
      "\n\nevent: content_block_delta\n"
      R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"b\":12345678901234567890,\"a\":1.0}"}})"
      "\n\nevent: content_block_stop\n"
      R"(data: {"type":"content_block_stop","index":1})"
      "\n\nevent: message_delta\n"
      R"(data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":)"
      R"({"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":5,"output_tokens_details":{"thinking_tokens":2}}})"
      "\n\nevent: message_stop\n"
      R"(data: {"type":"message_stop"})"
      "\n\n");
  // Each can be told at once, so it is.
  GeminiStreamReader reader(usual());
  std::string out;
  reader.feed(events({chunk(R"({"text":"Hel"})")}), out);
  CHECK(out.find(R"("text":"Hel")") != std::string::npos);
}

TEST_CASE("events, an array and one answer say the same") {
  const std::vector<std::string> chunks{chunk(R"({"text":"a ] } \" \\"})"),
                                        chunk(R"({"text":"ü\ud83d\ude00"})", stop)};
  const std::string expected = R"([{"type":"text","text":"a ] } \" \\ü😀"}])";
  CHECK(content(events(chunks)) == expected);
  CHECK(content(array_of(chunks)) == expected);
  CHECK(content(chunk(R"({"text":"a"})", stop)) == R"([{"type":"text","text":"a"}])");
  CHECK(content(": comment\n\n" + events(chunks) + "data: [DONE]\n\n") == expected);
  // Without its last blank line.
  CHECK(content("data: " + chunk(R"({"text":"a"})", stop)) == R"([{"type":"text","text":"a"}])");
}

TEST_CASE("parts become blocks, neighbours of one kind one block") {
  struct Row {
    std::string parts;
    std::string blocks;
  };
  const std::string call = R"({"type":"tool_use","id":"1","name":"f","input":{}})";
  const std::string sent = R"({"functionCall":{"id":"1","name":"f"})";
  const std::vector<Row> rows{
      {R"({"text":"a"},{"text":""},{"text":"b"})", R"({"type":"text","text":"ab"})"},
      {R"({"text":"h","thought":true},{"text":"m","thought":true},{"text":"a"})",
       thinking("hm", R"({"part":"thought"})") + R"(,{"type":"text","text":"a"})"},
      {sent + "}", call},
      {R"({"functionCall":{"id":"1","name":"f","args":{"a":[1e2]}}},)"
       R"({"functionCall":{"id":"2","name":"g","args":{}}})",
       R"({"type":"tool_use","id":"1","name":"f","input":{"a":[1e2]}},)"
       R"({"type":"tool_use","id":"2","name":"g","input":{}})"},
      // Signatures: that of a call in front of it, that of a text behind it.
      {sent + R"(,"thoughtSignature":"S"})",
       thinking("", R"({"thoughtSignature":"S","part":"call"})") + "," + call},
      {R"({"text":"hm","thought":true},)" + sent + R"(,"thoughtSignature":"S"})",
       thinking("hm", R"({"thoughtSignature":"S","part":"call"})") + "," + call},
      {R"({"text":"a","thoughtSignature":"S"})",
       R"({"type":"text","text":"a"},)" +
           thinking("", R"({"thoughtSignature":"S","part":"text"})")},
      {R"({"text":"a"},{"text":"","thoughtSignature":"S"})",
       R"({"type":"text","text":"a"},)" +
           thinking("", R"({"thoughtSignature":"S","part":"text"})")},
      {R"({"text":"hm","thought":true,"thoughtSignature":"S"},{"text":"a"})",
       thinking("hm", R"({"thoughtSignature":"S","part":"thought"})") +
           R"(,{"type":"text","text":"a"})"},
      {R"({"text":"hm","thought":true})", thinking("hm", R"({"part":"thought"})")},
      // What nobody knows is skipped.
      {R"({"executableCode":{"code":"1"}},{"inlineData":{"data":""}},{"text":"a"},{"new":1})",
       R"({"type":"text","text":"a"})"},
      {"", ""},
  };
  for (const Row& row : rows) {
    INFO(row.parts);
    CHECK(content(events({chunk(row.parts, stop)})) == "[" + row.blocks + "]");
  }
}

TEST_CASE("calls without an id get one, and names come back as the client knows them") {
  AnswerContext context = usual();
  context.names = Names(NameForm::gemini);
  const std::string out = context.names.out("1 é");
  const std::string call = R"({"functionCall":{"name":")" + out + R"("}})";
  const std::string blocks = content(events({chunk(call + "," + call, stop)}), context);
  std::vector<std::string> ids;
  for (const Json block : Json(blocks).items()) {
    CHECK(block["name"].text() == "1 é");
    ids.push_back(block["id"].text());
    CHECK(ids.back().size() == 29);
  }
  REQUIRE(ids.size() == 2);
  CHECK(ids[0] != ids[1]);
}

TEST_CASE("Gemini's reasons to stop become the hub's") {
  struct Row {
    std::string_view reason;
    bool call;
    std::string_view stop;
  };
  const std::vector<Row> rows{
      {"STOP", false, "end_turn"},         {"STOP", true, "tool_use"},
      {"MAX_TOKENS", false, "max_tokens"}, {"SAFETY", false, "refusal"},
      {"RECITATION", false, "refusal"},    {"LANGUAGE", false, "refusal"},
      {"BLOCKLIST", false, "refusal"},     {"PROHIBITED_CONTENT", false, "refusal"},
      {"SPII", false, "refusal"},          {"IMAGE_SAFETY", false, "refusal"},
      {"NO_IMAGE", false, "refusal"},      {"MALFORMED_FUNCTION_CALL", false, "end_turn"},
      {"OTHER", false, "end_turn"},        {"NEW_ONE", false, "end_turn"},
  };
  for (const Row& row : rows) {
    INFO(row.reason);
    const std::string part = row.call ? R"({"functionCall":{"name":"f"}})" : R"({"text":"a"})";
    // The reason may come by itself.
    const std::string last =
        R"({"candidates":[{"finishReason":")" + std::string(row.reason) + R"("}]})";
    CHECK(member(events({chunk(part), last}), "stop_reason") ==
          "\"" + std::string(row.stop) + "\"");
  }
  CHECK(content(R"({"promptFeedback":{"blockReason":"SAFETY"}})") == "[]");
  CHECK(member(R"({"promptFeedback":{"blockReason":"SAFETY"}})", "stop_reason") == R"("refusal")");
  CHECK(member(chunk("", R"(,"finishReason":"MAX_TOKENS")"), "content") == "[]");
  CHECK(member(chunk("", R"(,"finishReason":"MAX_TOKENS")"), "stop_reason") == R"("max_tokens")");
}

TEST_CASE("an answer that ended for nothing, was cut or tells an error is an error") {
  struct Row {
    std::string stream;
    std::string_view type;
    std::string_view message;
    int status;
  };
  const std::vector<Row> rows{
      {events({chunk("", R"(,"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"bad f")")}),
       "api_error", "the model ended its answer with MALFORMED_FUNCTION_CALL: bad f", 500},
      {events({chunk("", R"(,"finishReason":"OTHER")")}), "api_error",
       "the model ended its answer with OTHER", 500},
      {events({chunk(R"({"text":"a"})")}), "api_error", "the provider's stream ended early", 500},
      {"", "api_error", "the provider's stream ended early", 500},
      {"[" + chunk(R"({"text":"a"})"), "api_error", "the provider's stream ended early", 500},
      {events({R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}})"}),
       "overloaded_error", "busy", 529},
      {R"([{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}])",
       "rate_limit_error", "slow", 429},
      {events({chunk(R"({"text":"a"})"),
               R"({"error":{"code":500,"message":"oh","status":"INTERNAL"}})"}),
       "api_error", "oh", 500},
      {"data: nonsense\n\n", "api_error", "the provider's stream is not JSON", 500},
      {"[1]", "api_error", "the provider's answer is no stream of Gemini's", 500},
  };
  for (const Row& row : rows) {
    INFO(row.stream);
    const Read read = read_all(row.stream);
    INFO(read.out);
    CHECK(read.failed);
    CHECK(read.out.find("message_stop") == std::string::npos);
    const std::string last = read.out.substr(read.out.rfind("event: "));
    CHECK(last == "event: error\ndata: " + std::string(R"({"type":"error","error":{"type":")") +
                      std::string(row.type) + R"(","message":)" + json_quoted(row.message) +
                      "}}\n\n");
    const TranslatedAnswer answer = from_gemini_answer(row.stream, usual());
    INFO(answer.body);
    CHECK(answer.status == row.status);
    CHECK(Json::read(answer.body)["error"]["type"].is(row.type));
  }
}

TEST_CASE("the last usage counts, and what nobody told is zero") {
  const auto usage = [](std::string_view metadata) {
    return R"(,"usageMetadata":)" + std::string(metadata);
  };
  CHECK(member(events({chunk(R"({"text":"a"})", "", usage(R"({"promptTokenCount":5})")),
                       chunk(R"({"text":"b"})", stop,
                             usage(R"({"promptTokenCount":8,"toolUsePromptTokenCount":2,)"
                                   R"("cachedContentTokenCount":3,"candidatesTokenCount":4,)"
                                   R"("thoughtsTokenCount":6})"))}),
               "usage") ==
        R"({"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":3,)"
        R"("output_tokens":10,"output_tokens_details":{"thinking_tokens":6}})");
  CHECK(Json::read(member(chunk(R"({"text":"a"})", stop), "usage"))["input_tokens"].integer() == 0);
}

TEST_CASE("searches are counted as Google counts them") {
  const Json grounding(R"({"webSearchQueries":["a","b","","a"]})");
  CHECK(grounding_searches(grounding, "gemini-3.5-flash") == 2);
  CHECK(grounding_searches(grounding, "") == 2);
  CHECK(grounding_searches(grounding, "gemini-2.5-pro") == 1);
  CHECK(grounding_searches(Json(R"({"webSearchQueries":[""]})"), "gemini-2.5-pro") == 0);
  CHECK(grounding_searches(Json("{}"), "gemini-3.5-flash") == 0);
  // An answer that does not name its model is of the one that was asked.
  for (const auto& [named, searches] : {std::pair{"", "1"}, {"gemini-3.5-flash", "2"}}) {
    AnswerContext context = usual();
    context.sent_model = "gemini-2.5-pro";
    context.web_search = true;
    const std::string more = named[0] ? R"(,"modelVersion":")" + std::string(named) + '"' : "";
    const std::string answer =
        R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP",)"
        R"("groundingMetadata":{"webSearchQueries":["a","b"]}}])" +
        more + "}";
    const std::string message = from_gemini_answer(answer, context).body;
    INFO(message);
    CHECK(message.find(R"("web_search_requests":)" + std::string(searches)) != std::string::npos);
  }
}

TEST_CASE("what Google's search found stands behind the text, and is cited in it") {
  AnswerContext context = usual();
  context.web_search = true;
  const auto grounding = [](std::string_view supports) {
    return R"(,"groundingMetadata":{"webSearchQueries":["a","b"],"groundingChunks":[{"web":{"uri":)"
           R"("https://x.test/p","title":"X"}},{"web":{"uri":"https://y.test/q"}}],)"
           R"("groundingSupports":[)" +
           std::string(supports) + "]}";
  };
  const std::string url_tag =
      make_tag({Dialect::gemini, std::string(issuer), R"({"url":"https://x.test/p"})"});
  const std::string other_tag =
      make_tag({Dialect::gemini, std::string(issuer), R"({"url":"https://y.test/q"})"});
  const auto cited = [&](std::string_view piece, const std::string& span) {
    return R"({"type":"web_search_result_location","url":"https://x.test/p","title":"X",)"
           R"("encrypted_index":")" +
           make_tag({Dialect::gemini, std::string(issuer),
                     R"({"url":"https://x.test/p","span":[)" + span + "]}"}) +
           R"(","cited_text":")" + std::string(piece) + "\"}";
  };
  const auto blocks = [&](const std::string& text, const std::string& citations) {
    return R"({"type":"text","text":")" + text + "\"" +
           (citations.empty() ? "" : R"(,"citations":[)" + citations + "]") + "}";
  };
  const auto search_of = [&](const std::string& all) {
    const std::size_t at = all.find(R"(,{"type":"server_tool_use")");
    REQUIRE(at != std::string::npos);
    const std::string id = all.substr(all.find("srvtoolu_"), 33);
    CHECK(all.substr(at) ==
          R"(,{"type":"server_tool_use","id":")" + id +
              R"(","name":"web_search","input":{"query":"a; b"},"caller":{"type":"direct"}},)"
              R"({"type":"web_search_tool_result","tool_use_id":")" +
              id +
              R"(","caller":{"type":"direct"},"content":[{"type":"web_search_result",)"
              R"("url":"https://x.test/p","title":"X","encrypted_content":")" +
              url_tag +
              R"(","page_age":null},{"type":"web_search_result","url":"https://y.test/q",)"
              R"("title":"y.test","encrypted_content":")" +
              other_tag + R"(","page_age":null}]}])");
    return all.substr(1, at - 1);
  };
  const auto of_first = [](std::string_view segment) {
    return R"({"segment":)" + std::string(segment) + R"(,"groundingChunkIndices":[0]})";
  };
  // In a stream of the text so far; in bytes, and a bound inside of a character moves to its start.
  const std::string all = content(
      events({chunk(R"({"text":"Grün "})"),
              chunk(R"({"text":"ist"})",
                    std::string(stop) +
                        grounding(of_first(R"({"endIndex":5})") + "," +
                                  of_first(R"({"startIndex":3,"endIndex":9})") + "," +
                                  of_first(R"({"startIndex":3,"endIndex":90})") + "," +
                                  R"({"segment":{"endIndex":2},"groundingChunkIndices":[7]})"))}),
      context);
  CHECK(search_of(all) == blocks("Grün ist", cited("Grün", "0,4") + "," + cited("ün ist", "2,8")));
  // In an answer from the beginning of the part; and the signature of the text waits.
  const std::string whole =
      content(chunk(R"({"text":"one "},{"text":"two","thoughtSignature":"S"})",
                    std::string(stop) + grounding(of_first(R"({"partIndex":1,"endIndex":3})"))),
              context);
  CHECK(search_of(whole) == blocks("one two", cited("two", "4,7")) + "," +
                                thinking("", R"({"thoughtSignature":"S","part":"text"})"));
  // It is counted as Google does: its queries.
  const TranslatedAnswer answer =
      from_gemini_answer(chunk(R"({"text":"a"})", std::string(stop) + grounding("")), context);
  CHECK(Json::read(answer.body)["usage"]["server_tool_use"]["web_search_requests"].integer() == 2);
  // Without a query there was no search.
  CHECK(content(chunk(R"({"text":"a"})", std::string(stop) + R"(,"groundingMetadata":{})"),
                context) == R"([{"type":"text","text":"a"}])");
}

TEST_CASE("one chunk that is too large breaks the stream") {
  GeminiStreamReader reader(usual());
  std::string out;
  reader.feed("[{\"a\":\"", out);
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 17; ++i) reader.feed(megabyte, out);
  CHECK(reader.failed());
  CHECK(out.find("event: error") != std::string::npos);
}

TEST_CASE("the model is named as the client asked, else as the provider says") {
  const std::string answer = chunk(R"({"text":"a"})", stop, R"(,"modelVersion":"gemini-3-pro")");
  CHECK(member(answer, "model") == R"("claude")");
  AnswerContext context = usual();
  context.model.clear();
  CHECK(Json::read(from_gemini_answer(answer, context).body)["model"].text() == "gemini-3-pro");
}
