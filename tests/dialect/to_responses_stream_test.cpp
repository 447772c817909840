#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/responses_answer.hpp"
#include "dialect/tags.hpp"
#include "responses_stream.hpp"

using namespace ccrelay::dialect;

namespace {

AnswerContext context() {
  AnswerContext context;
  context.seed = "seed";
  context.issuer = "0123456789ab";
  context.model = "asked";
  context.now_s = 1700000000;
  context.echo = {{"instructions", R"("be kind")"}};
  context.tools = {{"patch", {"custom", "", "patch"}},
                   {"ns__f", {"function", "ns", "f"}},
                   {"tool_search", {"tool_search", "", "tool_search"}},
                   {"local_shell", {"local_shell", "", "local_shell"}}};
  return context;
}

std::string responses_stream(std::string_view in) {
  return streams::translated([] { return std::make_unique<ToResponsesStream>(context()); }, in);
}

const std::string start =
    R"({"type":"message_start","message":{"id":"msg_x","model":"claude","content":[],)"
    R"("usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}})";
const std::string stop = R"({"type":"message_stop"})";
const std::string block_stop = R"({"type":"content_block_stop","index":0})";

std::string block_start(std::string_view block) {
  return R"({"type":"content_block_start","index":0,"content_block":)" + std::string(block) + "}";
}
std::string delta(std::string_view members) {
  return R"({"type":"content_block_delta","index":0,"delta":{)" + std::string(members) + "}}";
}
std::string message_delta(std::string_view reason) {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
         R"("},"usage":{"output_tokens":7}})";
}
std::string json_delta(std::string_view escaped) {
  return delta(R"("type":"input_json_delta","partial_json":")" + std::string(escaped) + R"(")");
}
std::string tool(std::string_view name) {
  return block_start(R"({"type":"tool_use","id":"call_1","name":")" + std::string(name) +
                     R"(","input":{}})");
}

std::vector<std::string> whole(const std::vector<std::string>& blocks,
                               std::string_view reason = "end_turn") {
  std::vector<std::string> data{start, R"({"type":"ping"})"};
  data.insert(data.end(), blocks.begin(), blocks.end());
  data.push_back(message_delta(reason));
  data.push_back(stop);
  return data;
}

// The events between the beginning and the end without ids that were made, in short lines: the
// type without `response.`, and all members but those that stand in all events of an item.
std::string lines_of(std::string_view stream) {
  std::string lines;
  for (const streams::Event& event : streams::events(stream)) {
    const Json json(event.data);
    std::string type = json["type"].text().substr(9);
    if (json["response"]) continue;
    lines += type;
    for (const JsonMember& member : json.members()) {
      const std::string name = member.name();
      if (name == "type" || name == "sequence_number" || name == "output_index") continue;
      if (name == "item_id" || name == "content_index" || name == "summary_index") continue;
      if (name == "logprobs") continue;
      if (name == "item") {
        lines += " " + member.value["type"].text();
        for (const std::string_view told :
             {"arguments", "input", "content", "summary", "action", "status", "namespace"}) {
          if (member.value[told]) lines += " " + std::string(member.value[told].raw());
        }
      } else {
        lines += " " + std::string(member.value.raw());
      }
    }
    lines += "\n";
  }
  return lines;
}

std::string text_part(const std::string& text) {
  return R"({"type":"output_text","text":")" + text + R"(","annotations":[],"logprobs":[]})";
}

// A message that was told in one piece.
std::string message_lines(const std::string& text) {
  return "output_item.added message [] \"in_progress\"\ncontent_part.added " + text_part("") +
         "\noutput_text.delta \"" + text + "\"\noutput_text.done \"" + text +
         "\"\ncontent_part.done " + text_part(text) + "\noutput_item.done message [" +
         text_part(text) + "] \"completed\"\n";
}

}  // namespace

TEST_CASE("each block of the hub's stream is an item, told from beginning to end") {
  struct Row {
    std::vector<std::string> blocks;
    std::string lines;
  };
  const std::string part = R"({"type":"output_text","text":"","annotations":[],"logprobs":[]})";
  const std::string whole_part =
      R"({"type":"output_text","text":"ab","annotations":[],"logprobs":[]})";
  const Row rows[] = {
      {{}, ""},
      {{block_start(R"({"type":"text","text":""})"), delta(R"("type":"text_delta","text":"a")"),
        delta(R"("type":"text_delta","text":"b")"), block_stop},
       "output_item.added message [] \"in_progress\"\ncontent_part.added " + part +
           "\noutput_text.delta \"a\"\noutput_text.delta \"b\"\noutput_text.done \"ab\"\n"
           "content_part.done " +
           whole_part + "\noutput_item.done message [" + whole_part + "] \"completed\"\n"},
      {{block_start(R"({"type":"text","text":""})"), block_stop}, ""},
      {{block_start(R"({"type":"thinking","thinking":"","signature":""})"),
        delta(R"("type":"thinking_delta","thinking":"wh")"),
        delta(R"("type":"thinking_delta","thinking":"y")"),
        delta(R"("type":"signature_delta","signature":"EqQB")"), block_stop},
       "output_item.added reasoning []\n"
       "reasoning_summary_part.added {\"type\":\"summary_text\",\"text\":\"\"}\n"
       "reasoning_summary_text.delta \"wh\"\nreasoning_summary_text.delta \"y\"\n"
       "reasoning_summary_text.done \"why\"\n"
       "reasoning_summary_part.done {\"type\":\"summary_text\",\"text\":\"why\"}\n"
       "output_item.done reasoning [{\"type\":\"summary_text\",\"text\":\"why\"}]\n"},
      // Without text there are no parts.
      {{block_start(R"({"type":"thinking","thinking":"","signature":""})"),
        delta(R"("type":"signature_delta","signature":"EqQB")"), block_stop},
       "output_item.added reasoning []\noutput_item.done reasoning []\n"},
      {{block_start(R"({"type":"redacted_thinking","data":"x"})"), block_stop},
       "output_item.added reasoning []\noutput_item.done reasoning []\n"},
      {{tool("f"), json_delta(""), json_delta("{\\\"n\\\":"), json_delta("1.0}"), block_stop},
       "output_item.added function_call \"\" \"in_progress\"\n"
       "function_call_arguments.delta \"{\\\"n\\\":\"\nfunction_call_arguments.delta \"1.0}\"\n"
       "function_call_arguments.done \"f\" \"{\\\"n\\\":1.0}\"\n"
       "output_item.done function_call \"{\\\"n\\\":1.0}\" \"completed\"\n"},
      {{tool("f"), block_stop},
       "output_item.added function_call \"\" \"in_progress\"\n"
       "function_call_arguments.delta \"{}\"\nfunction_call_arguments.done \"f\" \"{}\"\n"
       "output_item.done function_call \"{}\" \"completed\"\n"},
      {{tool("ns__f"), json_delta("{}"), block_stop},
       "output_item.added function_call \"\" \"in_progress\" \"ns\"\n"
       "function_call_arguments.delta \"{}\"\nfunction_call_arguments.done \"f\" \"{}\"\n"
       "output_item.done function_call \"{}\" \"completed\" \"ns\"\n"},
      // A custom tool's text, its escapes cut between two events.
      {{tool("patch"), json_delta("{\\\"inp"), json_delta("ut\\\": \\\"a\\\\"),
        json_delta("nb\\\\ud8"), json_delta("3d\\\\ude00c"), json_delta("\\\"}"), block_stop},
       "output_item.added custom_tool_call \"\" \"in_progress\"\n"
       "custom_tool_call_input.delta \"a\"\ncustom_tool_call_input.delta \"\\nb\"\n"
       "custom_tool_call_input.delta \"\xF0\x9F\x98\x80"
       "c\"\n"
       "custom_tool_call_input.done \"a\\nb\xF0\x9F\x98\x80"
       "c\"\n"
       "output_item.done custom_tool_call \"a\\nb\xF0\x9F\x98\x80"
       "c\" \"completed\"\n"},
      {{tool("patch"), json_delta("{\\\"other\\\":1}"), block_stop},
       "output_item.added custom_tool_call \"\" \"in_progress\"\n"
       "custom_tool_call_input.delta \"{\\\"other\\\":1}\"\n"
       "custom_tool_call_input.done \"{\\\"other\\\":1}\"\n"
       "output_item.done custom_tool_call \"{\\\"other\\\":1}\" \"completed\"\n"},
      {{tool("tool_search"), json_delta("{\\\"q\\\":1e2}"), block_stop},
       "output_item.added tool_search_call {} \"in_progress\"\n"
       "output_item.done tool_search_call {\"q\":1e2} \"completed\"\n"},
      {{tool("local_shell"), json_delta("{\\\"command\\\":[\\\"ls\\\"]}"), block_stop},
       "output_item.added local_shell_call {\"type\":\"exec\",\"command\":[],\"env\":{}} "
       "\"in_progress\"\n"
       "output_item.done local_shell_call {\"type\":\"exec\",\"command\":[\"ls\"],\"env\":{}} "
       "\"completed\"\n"},
      // A search, whose query comes as a delta.
      {{block_start(R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})"),
        json_delta("{\\\"query\\\":"), json_delta("\\\"q\\\"}"), block_stop,
        block_start(R"({"type":"web_search_tool_result","tool_use_id":"s","content":[)"
                    R"({"type":"web_search_result","url":"https://x","title":"T"}]})"),
        block_stop},
       "output_item.added web_search_call {\"type\":\"search\",\"query\":\"q\"} \"in_progress\"\n"
       "web_search_call.in_progress\nweb_search_call.searching\nweb_search_call.completed\n"
       "output_item.done web_search_call {\"type\":\"search\",\"query\":\"q\",\"sources\":"
       "[{\"type\":\"url\",\"url\":\"https://x\"}]} \"completed\"\n"},
      // Texts that a search parts are two messages; the first is whole before the search begins.
      {{block_start(R"({"type":"text","text":"a"})"), block_stop,
        block_start(R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})"),
        json_delta("{\\\"query\\\":\\\"q\\\"}"), block_stop,
        block_start(R"({"type":"web_search_tool_result","tool_use_id":"s","content":[]})"),
        block_stop, block_start(R"({"type":"text","text":"b"})"), block_stop},
       message_lines("a") +
           "output_item.added web_search_call {\"type\":\"search\",\"query\":\"q\"} "
           "\"in_progress\"\nweb_search_call.in_progress\nweb_search_call.searching\n"
           "web_search_call.completed\noutput_item.done web_search_call {\"type\":\"search\","
           "\"query\":\"q\",\"sources\":[]} \"completed\"\n" +
           message_lines("b")},
  };
  for (const Row& row : rows) {
    const std::string out = responses_stream(streams::stream_of(whole(row.blocks)));
    CHECK(lines_of(out) == row.lines);
    const auto events = streams::events(out);
    REQUIRE(events.size() >= 3);
    CHECK(events[0].name == "response.created");
    CHECK(events[1].name == "response.in_progress");
    CHECK(events.back().name == "response.completed");
    CHECK(out.find("[DONE]") == std::string::npos);
  }
}

TEST_CASE("neighbouring texts are one message, and what is cited a piece of it") {
  const auto citation = [](const std::string& page) {
    return delta(R"("type":"citations_delta","citation":{"type":"web_search_result_location",)"
                 R"("url":"https://)" +
                 page + R"(","title":"T","cited_text":"x"})");
  };
  const auto annotation = [](const std::string& page, int begin, int end) {
    return R"({"type":"url_citation","url":"https://)" + page + R"(","title":"T","start_index":)" +
           std::to_string(begin) + R"(,"end_index":)" + std::to_string(end) + "}";
  };
  const auto piece = [](const std::string& text) {
    return delta(R"("type":"text_delta","text":")" + text + "\"");
  };
  const std::string text = block_start(R"({"type":"text","text":""})");
  const std::string out = responses_stream(streams::stream_of(
      whole({text, piece("né"), piece(": "), block_stop,
             // As Claude tells them: in front of the words, and behind them.
             text, citation("x"), piece("😀"), piece("b"), citation("y"), block_stop,  //
             text, piece(" and "), block_stop, text, citation("z"), block_stop,       //
             text, piece("c"), citation("x"), block_stop})));
  const std::string annotations =
      annotation("x", 4, 6) + "," + annotation("y", 4, 6) + "," + annotation("x", 11, 12);
  const std::string part = R"({"type":"output_text","text":"né: 😀b and c","annotations":[)" +
                           annotations + R"(],"logprobs":[]})";
  CHECK(lines_of(out) ==
        "output_item.added message [] \"in_progress\"\ncontent_part.added " + text_part("") +
            "\noutput_text.delta \"né\"\noutput_text.delta \": \"\noutput_text.delta \"😀\"\n"
            "output_text.delta \"b\"\noutput_text.annotation.added 0 " +
            annotation("x", 4, 6) + "\noutput_text.annotation.added 1 " + annotation("y", 4, 6) +
            "\noutput_text.delta \" and \"\noutput_text.delta \"c\"\n"
            "output_text.annotation.added 2 " +
            annotation("x", 11, 12) + "\noutput_text.done \"né: 😀b and c\"\ncontent_part.done " +
            part + "\noutput_item.done message [" + part + "] \"completed\"\n");
  const auto events = streams::events(out);
  const Json response = Json(events.back().data)["response"];
  CHECK(response["output"].only_item()["content"].raw() == "[" + part + "]");
  std::int64_t number = 0;
  for (const streams::Event& event : events)
    CHECK(Json(event.data)["sequence_number"].integer() == number++);
}

TEST_CASE("the events of one answer are numbered, and its items keep their ids") {
  const std::string out = responses_stream(streams::stream_of(whole(
      {block_start(R"({"type":"thinking","thinking":"","signature":""})"),
       delta(R"("type":"thinking_delta","thinking":"why")"),
       delta(R"("type":"signature_delta","signature":"EqQB")"), block_stop,
       block_start(R"({"type":"text","text":""})"), delta(R"("type":"text_delta","text":"a")"),
       block_stop, tool("f"), json_delta("{}"), block_stop},
      "tool_use")));
  std::int64_t sequence = 0;
  std::vector<std::string> ids;
  for (const streams::Event& event : streams::events(out)) {
    const Json json(event.data);
    CHECK(json["type"].is(event.name));
    CHECK(json["sequence_number"].integer() == sequence++);
    if (event.name == "response.output_item.added") {
      CHECK(json["output_index"].integer() == std::int64_t(ids.size()));
      ids.push_back(json["item"]["id"].text());
    } else if (json["item_id"]) {
      CHECK(json["item_id"].is(ids.back()));
      CHECK(json["output_index"].integer() == std::int64_t(ids.size()) - 1);
    } else if (json["item"]) {
      CHECK(json["item"]["id"].is(ids.back()));
    }
  }
  REQUIRE(ids.size() == 3);
  CHECK(ids[0].substr(0, 3) == "rs_");
  CHECK(ids[1].substr(0, 4) == "msg_");
  CHECK(ids[2].substr(0, 3) == "fc_");
  const auto events = streams::events(out);
  const Json first = Json(events.front().data)["response"];
  const Json last = Json(events.back().data)["response"];
  CHECK(first["id"].raw() == last["id"].raw());
  CHECK(first["status"].is("in_progress"));
  CHECK(first["usage"].is_null());
  CHECK(first["instructions"].is("be kind"));
  CHECK(first["model"].is("claude"));
  CHECK(first["created_at"].integer() == 1700000000);
  std::size_t count = 0;
  for (const Json& item : last["output"].items()) {
    CHECK(item["id"].is(ids[count++]));
    if (item["type"].is("reasoning")) {
      const auto tag = read_tag(item["encrypted_content"].text());
      REQUIRE(tag);
      CHECK(tag->dialect == Dialect::anthropic);
      CHECK(tag->issuer == "0123456789ab");
      CHECK(tag->data == R"({"signature":"EqQB"})");
    }
  }
  CHECK(count == 3);
  CHECK(last["usage"]["input_tokens"].integer() == 15);
  CHECK(last["usage"]["input_tokens_details"]["cached_tokens"].integer() == 5);
  CHECK(last["usage"]["output_tokens"].integer() == 7);
  CHECK(last["usage"]["total_tokens"].integer() == 22);
}

TEST_CASE("a Responses stream of an answer that is not whole says incomplete") {
  const std::pair<std::string, std::string> rows[] = {
      {"max_tokens", "max_output_tokens"},
      {"model_context_window_exceeded", "max_output_tokens"},
      {"refusal", "content_filter"},
  };
  for (const auto& [reason, told] : rows) {
    const auto events = streams::events(responses_stream(streams::stream_of(whole({}, reason))));
    CHECK(events.back().name == "response.incomplete");
    const Json response = Json(events.back().data)["response"];
    CHECK(response["status"].is("incomplete"));
    CHECK(response["incomplete_details"]["reason"].is(told));
  }
}

TEST_CASE("a hub stream that fails, or is cut, ends with response.failed") {
  const auto error = [](std::string_view type, std::string_view message) {
    return R"({"type":"error","error":{"type":")" + std::string(type) + R"(","message":")" +
           std::string(message) + R"("}})";
  };
  const std::pair<std::string, std::string> rows[] = {
      {error("rate_limit_error", "slow"), "rate_limit_exceeded"},
      {error("overloaded_error", "slow"), "server_is_overloaded"},
      {error("billing_error", "pay"), "insufficient_quota"},
      {error("invalid_request_error", "prompt is too long: 2 tokens > 1 maximum"),
       "context_length_exceeded"},
      {error("invalid_request_error", "bad"), "invalid_prompt"},
      {error("api_error", "oops"), "server_error"},
      {R"({"type":"ping"})", "server_error"},  // nothing more comes
  };
  for (const auto& [last, code] : rows) {
    CAPTURE(last);
    const std::string out = responses_stream(
        streams::stream_of({start, block_start(R"({"type":"text","text":""})"),
                            delta(R"("type":"text_delta","text":"a")"), block_stop, last}));
    const auto events = streams::events(out);
    CHECK(events.back().name == "response.failed");
    const Json response = Json(events.back().data)["response"];
    CHECK(response["status"].is("failed"));
    CHECK(response["error"]["code"].is(code));
    CHECK_FALSE(response["error"]["message"].is_empty());
    CHECK_FALSE(response["output"].is_empty());
    CHECK(out.find("response.completed") == std::string::npos);
  }
}

TEST_CASE("all that a Responses client's stream keeps is counted") {
  const std::string large(4 << 20, 'x');
  const auto fails = [](std::vector<std::string> events) {
    events.insert(events.begin(), start);
    ToResponsesStream writer(context());
    std::string out;
    for (const std::string& data : events) writer.feed("data: " + data + "\n\n", out);
    return writer.failed();
  };
  for (const bool much : {false, true}) {
    const std::string words = much ? large : "a";
    std::vector<std::string> cited{block_start(R"({"type":"text","text":"a"})")};
    std::vector<std::string> searches;
    for (int i = 0; i < 5; ++i) {
      cited.push_back(
          delta(R"("type":"citations_delta","citation":{"url":"u","title":")" + words + "\"}"));
      searches.push_back(block_start(R"({"type":"server_tool_use","name":"web_search","id":")" +
                                     std::to_string(i) + R"(","input":{"query":")" + words +
                                     "\"}}"));
    }
    CHECK(fails(cited) == much);
    CHECK(fails(searches) == much);
  }
}

TEST_CASE("what a Responses client's stream keeps is counted once") {
  ToResponsesStream writer(context());
  std::string out;
  const auto feed = [&](const std::string& data) { writer.feed("data: " + data + "\n\n", out); };
  feed(start);
  CHECK(writer.kept_bytes() == 0);
  feed(block_start(R"({"type":"text","text":""})"));
  feed(delta(R"("type":"text_delta","text":")" + std::string(1000, 'x') + R"(")"));
  CHECK(writer.kept_bytes() == 1000);
  feed(block_stop);
  // The next text goes on in the same message.
  CHECK(writer.kept_bytes() == 1000);
  feed(block_start(R"({"type":"text","text":""})"));
  feed(delta(R"("type":"text_delta","text":")" + std::string(100, 'y') + R"(")"));
  CHECK(writer.kept_bytes() == 1100);
  feed(block_stop);
  CHECK(writer.kept_bytes() == 1100);
  // As items they are more than their words.
  feed(block_start(R"({"type":"thinking","thinking":""})"));
  feed(delta(R"("type":"thinking_delta","thinking":")" + std::string(100, 'z') + R"(")"));
  feed(block_stop);
  const std::size_t item = writer.kept_bytes();
  CHECK(item > 1200);
  CHECK(item < 1900);
  feed(block_start(R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})"));
  feed(json_delta(R"({\"query\":\")" + std::string(5000, 'q') + R"(\"})"));
  feed(block_stop);
  CHECK(writer.kept_bytes() > item + 5000);
  feed(block_start(R"({"type":"web_search_tool_result","tool_use_id":"s","content":[]})"));
  CHECK(writer.kept_bytes() > item + 5000);
  CHECK(writer.kept_bytes() < item + 5600);
  const std::size_t kept = writer.kept_bytes();
  writer.feed("data: {\"ty", out);
  CHECK(writer.kept_bytes() == kept + 10);
}
