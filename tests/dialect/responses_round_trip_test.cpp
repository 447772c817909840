#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "dialect/anthropic_request.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"
#include "dialect/responses_answer.hpp"
#include "dialect/responses_reader.hpp"
#include "dialect/responses_request.hpp"
#include "dialect/sse_events.hpp"
#include "responses_stream.hpp"
#include "translation.hpp"

using namespace ccrelay::dialect;

namespace {

constexpr std::string_view issuer = "0123456789ab";

TranslateOptions options_of(const Profile& profile) {
  TranslateOptions options;
  options.profile = &profile;
  options.issuer = issuer;
  options.seed = "seed";
  options.auto_cache = false;
  return options;
}

// Codex's tools (section 10).
const std::string codex_tools =
    R"([{"type":"function","name":"exec_command","parameters":{"type":"object"},"strict":false},)"
    R"({"type":"custom","name":"apply_patch","description":"Edits.","format":{"type":"grammar",)"
    R"("syntax":"lark","definition":"start: x"}},{"type":"namespace","name":"mcp__gh",)"
    R"("description":"","tools":[{"type":"function","name":"issue","strict":false,)"
    R"("parameters":{"type":"object"}}]},{"type":"tool_search","execution":"client",)"
    R"("description":"Finds.","parameters":{"type":"object"}},{"type":"web_search"}])";

std::string codex_request(std::string_view input) {
  return R"({"model":"gpt","stream":true,"store":false,"include":["reasoning.encrypted_content"],)"
         R"("reasoning":{"effort":"high","summary":"auto"},"text":{"verbosity":"low"},)"
         R"("prompt_cache_key":"k","client_metadata":{"a":"b"},"parallel_tool_calls":true,"tools":)" +
         codex_tools +
         R"(,"input":[{"type":"message","role":"developer","content":[)"
         R"({"type":"input_text","text":"be kind"}]},)" +
         std::string(input) + "]}";
}

std::string hub_event(std::string_view type, std::string_view members) {
  return R"({"type":")" + std::string(type) + R"(","index":0,)" + std::string(members) + "}";
}

// An Anthropic provider's stream of these blocks, whole in their starts but for inputs.
std::string anthropic_stream(const std::vector<std::pair<std::string, std::string>>& blocks) {
  std::vector<std::string> data{
      R"({"type":"message_start","message":{"model":"claude","content":[],"usage":)"
      R"({"input_tokens":1,"output_tokens":1}}})"};
  for (const auto& [block, delta] : blocks) {
    data.push_back(hub_event("content_block_start", R"("content_block":)" + block));
    if (!delta.empty()) {
      data.push_back(hub_event("content_block_delta", R"("delta":)" + delta));
    }
    data.push_back(R"({"type":"content_block_stop","index":0})");
  }
  data.push_back(R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{}})");
  data.push_back(R"({"type":"message_stop"})");
  return streams::stream_of(data);
}

std::string json_delta(std::string_view escaped) {
  return R"({"type":"input_json_delta","partial_json":")" + std::string(escaped) + R"("})";
}

// What Codex keeps: the items of output_item.done.
std::vector<std::string> done_items(std::string_view stream) {
  std::vector<std::string> items;
  for (const streams::Event& event : streams::events(stream)) {
    if (event.name == "response.output_item.done") {
      items.emplace_back(Json(event.data)["item"].raw());
    }
  }
  return items;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ",") + part;
  return all;
}

}  // namespace

TEST_CASE("Codex works with an Anthropic provider over two turns, which sees what it said itself") {
  Profile claude;
  claude.sampling = false;
  const TranslateOptions options = options_of(claude);
  const std::string question = R"({"type":"message","role":"user","content":[)"
                               R"({"type":"input_text","text":"fix it"}]})";
  const Translation first = from_responses_request(codex_request(question), options);
  REQUIRE(std::holds_alternative<Translated>(first));
  CHECK(dropped_of(first) == "web_search");
  const Translation sent = to_anthropic_request(body_of(first), options);
  REQUIRE(std::holds_alternative<Translated>(sent));
  std::string names;
  const std::string sent_body = body_of(sent);
  for (const Json& tool : Json(sent_body)["tools"].items()) names += tool["name"].text() + " ";
  CHECK(names == "exec_command apply_patch mcp__gh__issue tool_search ");

  AnswerContext context = std::get<Translated>(first).context;
  context.names = std::get<Translated>(sent).context.names;
  const std::vector<std::pair<std::string, std::string>> said{
      {R"({"type":"thinking","thinking":"why","signature":"EqQB"})", ""},
      {R"({"type":"redacted_thinking","data":"xyz"})", ""},
      {R"({"type":"text","text":"I look."})", ""},
      {R"({"type":"tool_use","id":"toolu_1","name":"exec_command","input":{}})",
       json_delta(R"({\"cmd\":\"ls\",\"n\":12345678901234567890})")},
      {R"({"type":"tool_use","id":"toolu_2","name":"apply_patch","input":{}})",
       json_delta(R"({\"input\":\"*** a\\nb\"})")},
      {R"({"type":"tool_use","id":"toolu_3","name":"mcp__gh__issue","input":{}})",
       json_delta("{}")},
      {R"({"type":"tool_use","id":"toolu_4","name":"tool_search","input":{}})",
       json_delta(R"({\"query\":\"q\"})")},
  };
  ToResponsesStream stream(context);
  std::string answer;
  stream.feed(anthropic_stream(said), answer);
  stream.end(answer);
  CHECK(stream.finished());
  const std::vector<std::string> items = done_items(answer);
  REQUIRE(items.size() == said.size());
  CHECK(Json(items[4])["type"].is("custom_tool_call"));
  CHECK(Json(items[4])["input"].is("*** a\nb"));
  CHECK(Json(items[5])["namespace"].is("mcp__gh"));
  CHECK(Json(items[5])["name"].is("issue"));
  CHECK(Json(items[6])["type"].is("tool_search_call"));

  const std::string outputs =
      R"({"type":"function_call_output","call_id":"toolu_1","output":"1"},)"
      R"({"type":"custom_tool_call_output","call_id":"toolu_2","output":"2"},)"
      R"({"type":"function_call_output","call_id":"toolu_3","output":"3"},)"
      R"({"type":"tool_search_output","call_id":"toolu_4","execution":"client","tools":[]})";
  const Translation second = from_responses_request(
      codex_request(question + "," + joined(items) + "," + outputs), options);
  const Translation back = to_anthropic_request(body_of(second), options);
  const std::string body = body_of(back);
  CHECK(Json(body)["thinking"]["type"].is("adaptive"));
  std::vector<std::string> messages;
  for (const Json& message : Json(body)["messages"].items()) messages.emplace_back(message.raw());
  REQUIRE(messages.size() == 3);
  CHECK(messages[1] ==
        R"({"role":"assistant","content":[)"
        R"({"type":"thinking","thinking":"why","signature":"EqQB"},)"
        R"({"type":"redacted_thinking","data":"xyz"},{"type":"text","text":"I look."},)"
        R"({"type":"tool_use","id":"toolu_1","name":"exec_command",)"
        R"("input":{"cmd":"ls","n":12345678901234567890}},)"
        R"({"type":"tool_use","id":"toolu_2","name":"apply_patch","input":{"input":"*** a\nb"}},)"
        R"({"type":"tool_use","id":"toolu_3","name":"mcp__gh__issue","input":{}},)"
        R"({"type":"tool_use","id":"toolu_4","name":"tool_search","input":{"query":"q"}}]})");
  std::string ids;
  for (const Json& block : Json(messages[2])["content"].items()) {
    ids += block["tool_use_id"].text() + " ";
  }
  CHECK(ids == "toolu_1 toolu_2 toolu_3 toolu_4 ");

  // The prompt of the first turn is the beginning of the second's: its cache holds.
  const std::string before = member_of(sent, "messages");
  const std::string after = member_of(back, "messages");
  CHECK(after.substr(0, before.size() - 1) == before.substr(0, before.size() - 1));
  CHECK(member_of(sent, "system") == member_of(back, "system"));
  CHECK(member_of(sent, "tools") == member_of(back, "tools"));
}

TEST_CASE("what Claude said with citations is one message to Codex, and goes back to it as one") {
  Profile claude;
  claude.web_search = true;
  const TranslateOptions options = options_of(claude);
  const std::string question = R"({"type":"message","role":"user","content":[)"
                               R"({"type":"input_text","text":"who won?"}]})";
  const std::string asked =
      R"({"model":"gpt","tools":[{"type":"web_search"}],"input":[)" + question;
  const Translation first = from_responses_request(asked + "]}", options);
  REQUIRE(std::holds_alternative<Translated>(first));
  const std::string cited =
      R"({"type":"citations_delta","citation":{"type":"web_search_result_location",)"
      R"("url":"https://x","title":"T","encrypted_index":"E","cited_text":"t"}})";
  ToResponsesStream stream(std::get<Translated>(first).context);
  std::string answer;
  stream.feed(
      anthropic_stream(
          {{R"({"type":"text","text":"I look."})", ""},
           {R"({"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}})",
            json_delta(R"({\"query\":\"final\"})")},
           {R"({"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":)"
            R"("web_search_result","url":"https://x","title":"T","encrypted_content":"E"}]})",
            ""},
           {R"({"type":"text","text":"It was "})", ""},
           {R"({"type":"text","text":"them"})", cited},
           {R"({"type":"text","text":" by "})", ""},
           {R"({"type":"text","text":"two"})", cited},
           {R"({"type":"text","text":" "})", ""}}),
      answer);
  stream.end(answer);
  CHECK(stream.finished());
  const std::vector<std::string> items = done_items(answer);
  REQUIRE(items.size() == 3);
  const Json part = Json(items[2])["content"].only_item();
  CHECK(part["text"].is("It was them by two "));
  std::string spans;
  for (const Json& one : part["annotations"].items()) {
    spans +=
        std::string(one["start_index"].raw()) + "-" + std::string(one["end_index"].raw()) + " ";
  }
  CHECK(spans == "7-11 15-18 ");

  const std::string then = R"({"role":"user","content":"and before?"})";
  const Translation second =
      from_responses_request(asked + "," + joined(items) + "," + then + "]}", options);
  CHECK(member_of(to_anthropic_request(body_of(second), options), "messages") ==
        R"([{"role":"user","content":[{"type":"text","text":"who won?"}]},)"
        R"({"role":"assistant","content":[{"type":"text","text":"I look."},)"
        R"({"type":"text","text":"[Web search: final]\n- https://x"},)"
        R"({"type":"text","text":"It was them by two "}]},)"
        R"({"role":"user","content":[{"type":"text","text":"and before?"}]}])");
}

TEST_CASE("a client of the hub works with a Responses provider, which gets its reasoning back") {
  Profile gpt;
  gpt.efforts = {"low", "medium", "high"};
  const TranslateOptions options = options_of(gpt);
  const std::string reasoning =
      R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"why"}],)"
      R"("encrypted_content":"gAAA"})";
  const std::string call = R"({"type":"function_call","id":"fc_1","call_id":"call_1",)"
                           R"("name":"f","arguments":"{\"n\":1.0}"})";
  const std::string response = R"({"status":"completed","model":"gpt","output":[)" + reasoning +
                               "," + call + R"(],"usage":{}})";
  const std::string hub_tools = R"("tools":[{"name":"f","input_schema":{"type":"object"}}])";
  const std::string user = R"({"role":"user","content":"fix it"})";
  const Translation first = to_responses_request(
      R"({"model":"claude-x","max_tokens":99,"messages":[)" + user + "]," + hub_tools + "}",
      options);
  REQUIRE(std::holds_alternative<Translated>(first));
  const auto answer = from_responses_answer(response, std::get<Translated>(first).context);
  REQUIRE(std::holds_alternative<std::string>(answer));
  const Json message(std::get<std::string>(answer));
  CHECK(message["model"].is("claude-x"));
  const std::string content(message["content"].raw());
  const Translation second = to_responses_request(
      R"({"model":"claude-x","max_tokens":99,"messages":[)" + user +
          R"(,{"role":"assistant","content":)" + content +
          R"(},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1",)"
          R"("content":"ok"}]}],)" +
          hub_tools + "}",
      options);
  CHECK(member_of(second, "input") ==
        R"([{"type":"message","role":"user","content":[{"type":"input_text","text":"fix it"}]},)" +
            reasoning +
            R"(,{"type":"function_call","call_id":"call_1","name":"f",)"
            R"("arguments":"{\"n\":1.0}"},)"
            R"({"type":"function_call_output","call_id":"call_1","output":"ok"}])");

  // To another provider none of it goes.
  TranslateOptions other = options;
  other.issuer = "ba9876543210";
  const Translation moved = to_responses_request(
      R"({"model":"m","max_tokens":99,"messages":[{"role":"assistant","content":)" + content +
          "}]}",
      other);
  CHECK(body_of(moved).find("gAAA") == std::string::npos);
  CHECK(body_of(moved).find("why") == std::string::npos);
}
