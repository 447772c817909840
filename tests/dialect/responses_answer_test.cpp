#include "dialect/responses_answer.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "catch.hpp"
#include "dialect/json_text.hpp"
#include "dialect/responses_reader.hpp"
#include "dialect/responses_so_far.hpp"
#include "dialect/tags.hpp"

using namespace ccrelay::dialect;

namespace {

AnswerContext context() {
  AnswerContext context;
  context.seed = "seed";
  context.issuer = "0123456789ab";
  context.now_s = 1700000000;
  context.model = "asked";
  return context;
}

std::string response(std::string_view output, std::string_view more = R"("status":"completed")") {
  return R"({"id":"resp_1","object":"response","model":"gpt","output":[)" + std::string(output) +
         "]," + std::string(more) + "}";
}

std::string hub_of(std::string_view body, const AnswerContext& with = context()) {
  const auto answer = from_responses_answer(body, with);
  if (const auto* error = std::get_if<HubError>(&answer)) FAIL(error->message);
  return std::get<std::string>(answer);
}

std::string member(const std::string& body, std::string_view name) {
  return std::string(Json(body)[name].raw());
}

std::string tag_of(std::string_view data, Dialect dialect = Dialect::responses) {
  return make_tag({dialect, "0123456789ab", std::string(data)});
}

std::string hub_message(std::string_view content, std::string_view stop = "end_turn") {
  return R"({"id":"msg_x","type":"message","role":"assistant","model":"claude","content":[)" +
         std::string(content) + R"(],"stop_reason":")" + std::string(stop) +
         R"(","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2}})";
}

// Without the made ids, which only have to begin as they should.
std::string without_ids(std::string text) {
  for (std::size_t at = 0; (at = text.find(R"("id":")", at)) != std::string::npos;) {
    at = text.find('_', at) + 1;
    text.erase(at, text.find('"', at) - at);
  }
  return text;
}

struct Row {
  std::string in;
  std::string out;
};

}  // namespace

TEST_CASE("each item of a Responses answer has its blocks in the hub") {
  const std::string tag = tag_of(R"({"id":"rs_1","encrypted_content":"gAAA"})");
  const Row rows[] = {
      {"", ""},
      {R"({"type":"message","content":[{"type":"output_text","text":"a","annotations":[]},)"
       R"({"type":"output_text","text":""},{"type":"refusal","refusal":"no"}]})",
       R"({"type":"text","text":"a"},{"type":"text","text":"no"})"},
      {R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},)"
       R"({"type":"summary_text","text":"b"}],"encrypted_content":"gAAA"})",
       R"({"type":"thinking","thinking":"a\n\nb","signature":")" + tag + R"("})"},
      {R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"})",
       R"({"type":"thinking","thinking":"","signature":")" + tag + R"("})"},
      {R"({"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text",)"
       R"("text":"why"}]})",
       R"({"type":"thinking","thinking":"why","signature":""})"},
      {R"({"type":"reasoning","id":"rs_1","summary":[]})", ""},
      {R"({"type":"function_call","id":"fc_1","call_id":"c.1:2","name":"f",)"
       R"("arguments":"{\"n\":12345678901234567890, \"x\":1.0}"})",
       R"({"type":"tool_use","id":"c.1:2","name":"f","input":{"n":12345678901234567890, "x":1.0}})"},
      {R"({"type":"function_call","call_id":"c","name":"f","arguments":""})",
       R"({"type":"tool_use","id":"c","name":"f","input":{}})"},
      {R"({"type":"function_call","call_id":"c","name":"f","arguments":"{\"cut"})",
       R"({"type":"tool_use","id":"c","name":"f","input":{"raw_arguments":"{\"cut"}})"},
      {R"({"type":"custom_tool_call","call_id":"c","name":"f","input":"x\ny"})",
       R"({"type":"tool_use","id":"c","name":"f","input":{"input":"x\ny"}})"},
      {R"({"type":"fancy_call","x":1},{"type":"web_search_call","status":"completed","action":)"
       R"({"type":"open_page","url":"https://x"}})",
       ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.in);
    CHECK(member(hub_of(response(row.in)), "content") == "[" + row.out + "]");
  }
}

TEST_CASE("why a Responses answer ended") {
  const std::string call = R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"})";
  const std::string text = R"({"type":"message","content":[{"type":"output_text","text":"a"}]})";
  struct End {
    std::string output;
    std::string more;
    std::string stop;
  };
  const End rows[] = {
      {text, R"("status":"completed")", "end_turn"},
      {text + "," + call, R"("status":"completed")", "tool_use"},
      {text, R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})",
       "max_tokens"},
      {text, R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})",
       "refusal"},
      {"", R"("status":"completed")", "end_turn"},
  };
  for (const End& row : rows) {
    CAPTURE(row.more);
    CHECK(member(hub_of(response(row.output, row.more)), "stop_reason") == '"' + row.stop + '"');
  }
}

TEST_CASE("the message around a Responses answer") {
  const std::string body = response(
      "",
      R"("status":"completed","service_tier":"flex","usage":{)"
      R"("input_tokens":100,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},"output_tokens":7,)"
      R"("output_tokens_details":{"reasoning_tokens":3},"total_tokens":107})");
  const std::string hub = hub_of(body);
  CHECK(member(hub, "type") == R"("message")");
  CHECK(member(hub, "role") == R"("assistant")");
  CHECK(member(hub, "model") == R"("asked")");
  CHECK(Json(hub)["id"].text().substr(0, 4) == "msg_");
  CHECK(hub == hub_of(body));
  const Json usage = Json(hub)["usage"];
  CHECK(usage["input_tokens"].integer() == 30);
  CHECK(usage["cache_read_input_tokens"].integer() == 60);
  CHECK(usage["cache_creation_input_tokens"].integer() == 10);
  CHECK(usage["output_tokens"].integer() == 7);
  CHECK(usage["service_tier"].is("flex"));
  AnswerContext unnamed = context();
  unnamed.model.clear();
  CHECK(member(hub_of(body, unnamed), "model") == R"("gpt")");
}

TEST_CASE("names come back as they were, and a call without an id gets one") {
  AnswerContext with = context();
  with.names = Names(NameForm::openai);
  const std::string out = with.names.out("my.tool");
  const std::string hub = hub_of(
      response(R"({"type":"function_call","name":")" + out + R"(","arguments":"{}"})"), with);
  for (const Json& block : Json(hub)["content"].items()) {
    CHECK(block["name"].is("my.tool"));
    CHECK(block["id"].text().size() == 29);
    CHECK(block["id"].text().substr(0, 5) == "call_");
  }
}

TEST_CASE("an answer that tells an error is one") {
  struct Failure {
    std::string body;
    std::string type;
  };
  const Failure rows[] = {
      {response("", R"("status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"})"),
       "rate_limit_error"},
      {response("", R"("status":"failed","error":{"code":"server_error","message":"slow"})"),
       "api_error"},
      {response("", R"("status":"cancelled")"), "api_error"},
      {R"({"error":{"message":"slow","code":"insufficient_quota"}})", "billing_error"},
      {"<html>", "api_error"},
      {R"({"object":"list"})", "api_error"},
  };
  for (const Failure& row : rows) {
    CAPTURE(row.body);
    const auto answer = from_responses_answer(row.body, context());
    REQUIRE(std::holds_alternative<HubError>(answer));
    CHECK(std::get<HubError>(answer).type == row.type);
    CHECK_FALSE(std::get<HubError>(answer).message.empty());
  }
}

TEST_CASE("a search of a Responses answer and where its text comes from") {
  const std::string url_tag = tag_of(R"({"url":"https://a.org/x"})");
  const std::string hub = hub_of(
      response(R"({"type":"web_search_call","id":"ws_1","status":"completed","action":{)"
               R"("type":"search","queries":["a","b"],"sources":[{"type":"url",)"
               R"("url":"https://a.org/x"}]}},{"type":"web_search_call","status":"failed",)"
               R"("action":{"type":"search","query":"c"}},{"type":"message","content":[)"
               R"({"type":"output_text","text":"Grüße und mehr","annotations":[)"
               R"({"type":"url_citation","url":"https://a.org/x","title":"T","start_index":0,)"
               R"("end_index":5},{"type":"file_citation","file_id":"f"}]}]})"));
  const std::string content = member(hub, "content");
  CHECK(without_ids(content).find(
            R"({"type":"server_tool_use","id":"srvtoolu_","name":"web_search","input":)"
            R"({"query":"a; b"},"caller":{"type":"direct"}})") == 1);
  CHECK(content.find(R"("content":[{"type":"web_search_result","url":"https://a.org/x",)"
                     R"("title":"a.org","encrypted_content":")" +
                     url_tag + R"(","page_age":null}]})") != std::string::npos);
  CHECK(content.find(R"("content":{"type":"web_search_tool_result_error",)"
                     R"("error_code":"unavailable"}})") != std::string::npos);
  CHECK(content.find(R"({"type":"text","text":"Grüße und mehr","citations":[)"
                     R"({"type":"web_search_result_location","url":"https://a.org/x","title":"T",)"
                     R"("encrypted_index":")" +
                     tag_of(R"({"url":"https://a.org/x","span":[0,5]})") + R"(","cited_text":"Grüße"}]})") != std::string::npos);
  CHECK(Json(hub)["usage"]["server_tool_use"]["web_search_requests"].integer() == 1);
}

TEST_CASE("what a provider counted of searches is what it bills, pages that were opened included") {
  const std::string items =
      R"({"type":"web_search_call","status":"completed","action":{"type":"search","query":"a"}},)"
      R"({"type":"web_search_call","status":"completed","action":{"type":"open_page",)"
      R"("url":"https://a.org/x"}})";
  const auto searches = [&](const std::string& details) {
    const std::string hub = hub_of(response(
        items, R"("status":"completed","usage":{"input_tokens":1,"output_tokens":2)" + details + '}'));
    return Json(hub)["usage"]["server_tool_use"]["web_search_requests"].integer();
  };
  CHECK(searches("") == 1);
  CHECK(searches(R"(,"server_side_tool_usage_details":{"web_search_calls":2})") == 2);
}

TEST_CASE("each block of the hub has its item in a Responses answer") {
  AnswerContext with = context();
  with.tools = {{"patch", {"custom", "", "patch"}},
                {"ns__f", {"function", "ns", "f"}},
                {"ns__c", {"custom", "ns", "c"}},
                {"tool_search", {"tool_search", "", "tool_search"}},
                {"local_shell", {"local_shell", "", "local_shell"}},
                {"shell", {"shell", "", "shell"}},
                {"apply_patch", {"apply_patch", "", "apply_patch"}}};
  const auto call = [](std::string_view name, std::string_view input) {
    return R"({"type":"tool_use","id":"c","name":")" + std::string(name) + R"(","input":)" +
           std::string(input) + "}";
  };
  const auto cited = [](const std::string& page) {
    return R"({"type":"web_search_result_location","url":"https://)" + page +
           R"(","title":"T","cited_text":"n"})";
  };
  const auto annotation = [](const std::string& page, int begin, int end) {
    return R"({"type":"url_citation","url":"https://)" + page + R"(","title":"T","start_index":)" +
           std::to_string(begin) + R"(,"end_index":)" + std::to_string(end) + "}";
  };
  const std::string signature = tag_of(R"({"signature":"EqQB"})", Dialect::anthropic);
  const std::string redacted = tag_of(R"({"redacted":"xyz"})", Dialect::anthropic);
  const std::string end = R"("status":"completed","call_id":"c")";
  const Row rows[] = {
      {"", ""},
      {R"({"type":"text","text":""})", ""},
      {R"({"type":"text","text":"a\nb"})",
       R"({"id":"msg_","type":"message","status":"completed","role":"assistant","content":[)"
       R"({"type":"output_text","text":"a\nb","annotations":[],"logprobs":[]}]})"},
      {R"({"type":"thinking","thinking":"why","signature":"EqQB"})",
       R"({"id":"rs_","type":"reasoning","summary":[{"type":"summary_text","text":"why"}],)"
       R"("encrypted_content":")" +
           signature + R"("})"},
      {R"({"type":"thinking","thinking":"","signature":")" + redacted + R"("})",
       R"({"id":"rs_","type":"reasoning","summary":[],"encrypted_content":")" + redacted + R"("})"},
      {R"({"type":"redacted_thinking","data":"xyz"})",
       R"({"id":"rs_","type":"reasoning","summary":[],"encrypted_content":")" + redacted + R"("})"},
      {R"({"type":"thinking","thinking":"","signature":""})", ""},
      {call("f", R"({"n":1.0})"),
       R"({"id":"fc_","type":"function_call","arguments":"{\"n\":1.0}",)" + end +
           R"(,"name":"f"})"},
      {call("f", "{}"),
       R"({"id":"fc_","type":"function_call","arguments":"{}",)" + end + R"(,"name":"f"})"},
      {call("ns__f", "{}"), R"({"id":"fc_","type":"function_call","arguments":"{}",)" + end +
                                R"(,"name":"f","namespace":"ns"})"},
      {call("patch", R"({"input":"*** \"x\"\n"})"),
       R"({"id":"ctc_","type":"custom_tool_call","input":"*** \"x\"\n",)" + end +
           R"(,"name":"patch"})"},
      {call("patch", R"({"other":1})"),
       R"({"id":"ctc_","type":"custom_tool_call","input":"{\"other\":1}",)" + end +
           R"(,"name":"patch"})"},
      {call("ns__c", R"({"input":"x"})"), R"({"id":"ctc_","type":"custom_tool_call","input":"x",)" +
                                              end + R"(,"name":"c","namespace":"ns"})"},
      {call("tool_search", R"({"q":1e2})"),
       R"({"id":"tsc_","type":"tool_search_call","execution":"client","arguments":{"q":1e2},)" +
           end + "}"},
      {call("local_shell", R"({"command":["ls"],"workdir":"/w","timeout_ms":5})"),
       R"({"id":"lsh_","type":"local_shell_call","action":{"type":"exec","command":["ls"],)"
       R"("env":{},"working_directory":"/w","timeout_ms":5},)" +
           end + "}"},
      {call("shell", R"({"commands":["ls"]})"),
       R"({"id":"sh_","type":"shell_call","environment":null,"action":{"commands":["ls"]},)" + end +
           "}"},
      {call("apply_patch", R"({"type":"delete_file","path":"p"})"),
       R"({"id":"apc_","type":"apply_patch_call","operation":{"type":"delete_file","path":"p"},)" +
           end + "}"},
      {R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},)"
       R"({"type":"web_search_tool_result","tool_use_id":"s","content":[)"
       R"({"type":"web_search_result","url":"https://x","title":"T"}]})",
       R"({"id":"ws_","type":"web_search_call","status":"completed","action":{"type":"search",)"
       R"("query":"q","sources":[{"type":"url","url":"https://x"}]}})"},
      {R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},)"
       R"({"type":"web_search_tool_result","tool_use_id":"s","content":)"
       R"({"type":"web_search_tool_result_error","error_code":"unavailable"}})",
       R"({"id":"ws_","type":"web_search_call","status":"failed","action":{"type":"search",)"
       R"("query":"q"}})"},
      {R"({"type":"text","text":"né","citations":[{"type":"web_search_result_location",)"
       R"("url":"https://x","title":"T","cited_text":"n"}]})",
       R"({"id":"msg_","type":"message","status":"completed","role":"assistant","content":[)"
       R"({"type":"output_text","text":"né","annotations":[{"type":"url_citation",)"
       R"("url":"https://x","title":"T","start_index":0,"end_index":2}],"logprobs":[]}]})"},
      // Neighbouring texts are one message, and what is cited is a piece of it, in characters.
      {R"({"type":"text","text":"né: "},{"type":"text","text":"😀b","citations":[)" + cited("x") +
           "," + cited("y") + R"(]},{"type":"text","text":" and "},{"type":"text","text":"c",)" +
           R"("citations":[)" + cited("x") + R"(]},{"type":"text","text":"."})",
       R"({"id":"msg_","type":"message","status":"completed","role":"assistant","content":[)"
       R"({"type":"output_text","text":"né: 😀b and c.","annotations":[)" +
           annotation("x", 4, 6) + "," + annotation("y", 4, 6) + "," + annotation("x", 11, 12) +
           R"(],"logprobs":[]}]})"},
      // What comes to no item parts nothing.
      {R"({"type":"text","text":"a"},{"type":"thinking","thinking":"","signature":""},)"
       R"({"type":"text","text":""},{"type":"text","text":"b"})",
       R"({"id":"msg_","type":"message","status":"completed","role":"assistant","content":[)"
       R"({"type":"output_text","text":"ab","annotations":[],"logprobs":[]}]})"},
      {R"({"type":"text","text":"ab"},{"type":"redacted_thinking","data":"xyz"},)"
       R"({"type":"text","text":"c","citations":[)" +
           cited("x") + "]}",
       R"({"id":"msg_","type":"message","status":"completed","role":"assistant","content":[)"
       R"({"type":"output_text","text":"ab","annotations":[],"logprobs":[]}]},)"
       R"({"id":"rs_","type":"reasoning","summary":[],"encrypted_content":")" +
           redacted +
           R"("},{"id":"msg_","type":"message","status":"completed","role":"assistant","content":[)"
           R"({"type":"output_text","text":"c","annotations":[)" +
           annotation("x", 0, 1) + R"(],"logprobs":[]}]})"},
      {R"({"type":"server_tool_use","id":"s","name":"code_execution","input":{}})", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.in);
    const std::string body = to_responses_answer(hub_message(row.in), with);
    CHECK(without_ids(member(body, "output")) == "[" + row.out + "]");
  }
}

TEST_CASE("a Responses answer has all members that its client's SDK calls required") {
  AnswerContext with = context();
  with.echo = {{"instructions", R"("be kind")"}, {"tools", R"([{"type":"web_search"}])"},
               {"tool_choice", R"("required")"}, {"parallel_tool_calls", "false"},
               {"temperature", "0.50"},          {"metadata", R"({"a":"b"})"}};
  const std::string body = to_responses_answer(
      R"({"type":"message","model":"claude","content":[],"stop_reason":"end_turn","usage":)"
      R"({"input_tokens":30,"cache_read_input_tokens":60,"cache_creation_input_tokens":10,)"
      R"("output_tokens":7}})",
      with);
  CHECK(without_ids(body) ==
        R"({"id":"resp_","object":"response","created_at":1700000000,"status":"completed",)"
        R"("background":false,"error":null,"incomplete_details":null,"instructions":"be kind",)"
        R"("max_output_tokens":null,"metadata":{"a":"b"},"model":"claude","output":[],)"
        R"("parallel_tool_calls":false,"previous_response_id":null,)"
        R"("reasoning":{"effort":null,"summary":null},"store":false,"temperature":0.50,)"
        R"("text":{"format":{"type":"text"}},"tool_choice":"required",)"
        R"("tools":[{"type":"web_search"}],"top_p":null,"truncation":"disabled",)"
        R"("usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":60,)"
        R"("cache_write_tokens":10},"output_tokens":7,"output_tokens_details":)"
        R"({"reasoning_tokens":0},"total_tokens":107}})");
}

TEST_CASE("why the hub's answer ended, as a Responses client is told") {
  struct End {
    std::string stop;
    std::string status;
    std::string details;
  };
  const End rows[] = {
      {"end_turn", "completed", "null"},
      {"tool_use", "completed", "null"},
      {"stop_sequence", "completed", "null"},
      {"pause_turn", "completed", "null"},
      {"max_tokens", "incomplete", R"({"reason":"max_output_tokens"})"},
      {"model_context_window_exceeded", "incomplete", R"({"reason":"max_output_tokens"})"},
      {"refusal", "incomplete", R"({"reason":"content_filter"})"},
  };
  for (const End& row : rows) {
    CAPTURE(row.stop);
    const std::string body = to_responses_answer(hub_message("", row.stop), context());
    CHECK(Json(body)["status"].is(row.status));
    CHECK(member(body, "incomplete_details") == row.details);
  }
  const std::string broken = to_responses_answer("<html>", context());
  CHECK(Json(broken)["status"].is("failed"));
  CHECK(Json(broken)["error"]["code"].is("server_error"));
}

TEST_CASE("an event that is too large to be kept is counted, and those behind it are taken") {
  std::string stream =
      R"(data: {"type":"response.created","response":{"id":"resp_1","model":"gpt"}})"
      "\n\n";
  const auto item = [](std::string_view id) {
    return R"(data: {"type":"response.output_item.done","item":{"id":")" + std::string(id) +
           "\"}}\n\n";
  };
  stream += item("a");
  stream +=
      R"(data: {"type":"response.image_generation_call.partial_image","partial_image_b64":")" +
      std::string(ResponsesSoFar::kept_bytes_max, 'x') + "\"}\n\n";
  stream += item("b") + ": alive\n\nevent: nothing\n\n";
  for (const std::size_t piece : {stream.size(), std::size_t{4096}}) {
    ResponsesSoFar so_far;
    for (std::size_t at = 0; at < stream.size(); at += piece)
      so_far.feed(std::string_view(stream).substr(at, piece));
    const std::string failed = so_far.failed({502, "api_error", "cut", {}, {}, {}}, "resp_x");
    const Json event(std::string_view(failed).substr(failed.find('{')));
    CHECK(event["sequence_number"].integer() == 4);
    CHECK(event["response"]["id"].is("resp_1"));
    CHECK(event["response"]["output"].raw() == R"([{"id":"a"},{"id":"b"}])");
  }
}
