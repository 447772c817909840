#include "dialect/chat_answer.hpp"

#include <string>

#include "catch.hpp"
#include "dialect/profile.hpp"
#include "dialect/tags.hpp"
#include "translation.hpp"

using namespace ccrelay::dialect;

namespace {

AnswerContext answer_context(const Profile* profile = nullptr) {
  AnswerContext context;
  context.seed = "s";
  context.issuer = "0123456789ab";
  context.now_s = 1700000000;
  context.profile = profile;
  return context;
}

std::string member_in(const TranslatedAnswer& answer, std::string_view name) {
  return std::string(Json::read(answer.body)[name].raw());
}

TranslatedAnswer hub_answer(const std::string& message, const std::string& finish = "\"stop\"",
                            const Profile* profile = nullptr) {
  return from_chat_answer(R"({"id":"x","object":"chat.completion","model":"gpt","choices":[)"
                          R"({"index":1,"message":{"content":"other"}},{"index":0,"message":)" +
                              message + R"(,"finish_reason":)" + finish + "}]}",
                          answer_context(profile));
}

// The thinking block with this text and this tag's data.
std::string thinking(const std::string& text, const std::string& data) {
  return R"({"type":"thinking","thinking":")" + text + R"(","signature":")" +
         make_tag({Dialect::chat, "0123456789ab", data}) + R"("})";
}

std::string chat_answer_with(const std::string& content, const AnswerContext& context,
                             const std::string& stop = "end_turn") {
  return to_chat_answer(R"({"id":"msg_1","type":"message","model":"claude","content":[)" + content +
                            R"(],"stop_reason":")" + stop +
                            R"(","usage":{"input_tokens":3,"output_tokens":2}})",
                        context)
      .body;
}

// The message of a chat answer.
std::string chat_message(const std::string& content, const AnswerContext& context) {
  const std::string body = chat_answer_with(content, context);
  for (const Json& choice : Json::read(body)["choices"].items())
    return std::string(choice["message"].raw());
  return body;
}

}  // namespace

TEST_CASE("what a chat server's message has becomes blocks, reasoning first", "[dialect]") {
  struct Row {
    const char* what;
    const char* chat;
    std::string hub;
  };
  const std::string field = R"({"field":"reasoning_content"})";
  for (
      const Row& row : {
          Row{"text", R"({"role":"assistant","content":"a\u00e9"})",
              R"([{"type":"text","text":"aé"}])"},
          Row{"nothing at all", R"({"role":"assistant","content":null})", "[]"},
          Row{"an empty text", R"({"role":"assistant","content":""})", "[]"},
          Row{"parts", R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})",
              R"([{"type":"text","text":"ab"}])"},
          Row{"Mistral's thinking",
              R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"text","text":"b"}]})",
              "[" + thinking("t", R"({"field":"content"})") + R"(,{"type":"text","text":"b"}])"},
          Row{"refusal", R"({"content":null,"refusal":"no"})", R"([{"type":"text","text":"no"}])"},
          Row{"reasoning_content", R"({"content":"a","reasoning_content":"r"})",
              "[" + thinking("r", field) + R"(,{"type":"text","text":"a"}])"},
          Row{"reasoning", R"({"content":"a","reasoning":"r"})",
              "[" + thinking("r", R"({"field":"reasoning"})") + R"(,{"type":"text","text":"a"}])"},
          Row{"both of one text", R"({"reasoning":"r","reasoning_content":"r"})",
              "[" + thinking("r", field) + "]"},
          Row{"details win",
              R"({"reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"d","signature":"g","index":0},{"type":"reasoning.encrypted","data":"e"}]})",
              "[" +
                  thinking(
                      "d",
                      R"({"details":[{"type":"reasoning.text","text":"d","signature":"g","index":0},{"type":"reasoning.encrypted","data":"e"}]})") +
                  "]"},
          Row{"calls",
              R"({"content":"go","tool_calls":[{"id":"functions.f:0","type":"function","function":{"name":"f","arguments":"{\"n\":1.0}"}},{"function":{"name":"g","arguments":{"o":1}}}]})",
              R"([{"type":"text","text":"go"},{"type":"tool_use","id":"functions.f:0","name":"f","input":{"n":1.0}},{"type":"tool_use","id":"call_MADE","name":"g","input":{"o":1}}])"},
          Row{"arguments that are empty, null or broken",
              R"({"tool_calls":[{"id":"1","function":{"name":"f","arguments":""}},{"id":"2","function":{"name":"f","arguments":null}},{"id":"3","function":{"name":"f","arguments":"{"}}]})",
              R"([{"type":"tool_use","id":"1","name":"f","input":{}},{"type":"tool_use","id":"2","name":"f","input":{}},{"type":"tool_use","id":"3","name":"f","input":{"raw_arguments":"{"}}])"},
          Row{"half a surrogate pair in arguments",
              R"({"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"a\":\"\\ud83d\"}"}}]})",
              "[{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"f\",\"input\":{\"a\":"
              "\"\xEF\xBF\xBD\"}}]"},
          Row{"function_call", R"({"function_call":{"name":"f","arguments":"{}"}})",
              R"([{"type":"tool_use","id":"call_MADE","name":"f","input":{}}])"},
          Row{"a thought signature",
              R"({"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]})",
              "[" + thinking("", R"({"extra_content":{"google":{"thought_signature":"s"}}})") +
                  R"(,{"type":"tool_use","id":"1","name":"f","input":{}}])"},
      }) {
    CAPTURE(row.what);
    std::string content = member_in(hub_answer(row.chat), "content");
    if (const auto made = content.find("\"call_"); made != std::string::npos)
      content.replace(made + 6, 24, "MADE");
    CHECK(content == row.hub);
  }
}

TEST_CASE("an answer's end in the hub's words, by what is in it too", "[dialect]") {
  const char* const text = R"({"content":"a"})";
  const char* const call = R"({"tool_calls":[{"id":"1","function":{"name":"f","arguments":""}}]})";
  struct Row {
    const char* message;
    const char* finish;
    const char* hub;
  };
  for (const Row& row : {
           Row{text, R"("stop")", R"("end_turn")"},
           Row{text, "null", R"("end_turn")"},
           Row{text, R"("eos")", R"("end_turn")"},
           Row{text, R"("length")", R"("max_tokens")"},
           Row{text, R"("content_filter")", R"("refusal")"},
           Row{text, R"("tool_calls")", R"("end_turn")"},
           Row{call, R"("tool_calls")", R"("tool_use")"},
           Row{call, R"("function_call")", R"("tool_use")"},
           Row{call, R"("stop")", R"("tool_use")"},
       }) {
    CAPTURE(row.message, row.finish);
    CHECK(member_in(hub_answer(row.message, row.finish), "stop_reason") == row.hub);
  }
  const TranslatedAnswer error = hub_answer(text, R"("error")");
  CHECK(error.status == 502);
  CHECK(member_in(error, "type") == "\"error\"");
}

TEST_CASE("the whole of a hub's message", "[dialect]") {
  AnswerContext context = answer_context();
  context.model = "asked";
  const std::string body =
      R"({"model":"gpt","choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":6}}})";
  const TranslatedAnswer answer = from_chat_answer(body, context);
  CHECK(answer.status == 200);
  const std::string id = Json::read(answer.body)["id"].text();
  CHECK(id.size() == 28);
  CHECK(
      answer.body ==
      R"({"id":")" + id +
          R"(","type":"message","role":"assistant","model":"asked","content":[{"type":"text","text":"a"}],)"
          R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":4,)"
          R"("cache_creation_input_tokens":0,"cache_read_input_tokens":6,"output_tokens":4,)"
          R"("output_tokens_details":{"thinking_tokens":0}}})");
  CHECK(from_chat_answer(body, context).body == answer.body);
  const std::string tiered = R"({"service_tier":"flex",)" + body.substr(1);
  CHECK(from_chat_answer(tiered, context).body.ends_with(R"(,"service_tier":"flex"}})"));
  context.model.clear();
  CHECK(member_in(from_chat_answer(body, context), "model") == "\"gpt\"");
}

TEST_CASE("names of calls are mapped back to what the client said", "[dialect]") {
  AnswerContext context = answer_context();
  context.names = Names(NameForm::openai);
  const std::string sent = context.names.out("my.tool");
  const TranslatedAnswer answer =
      from_chat_answer(R"({"choices":[{"message":{"tool_calls":[{"id":"1","function":{"name":")" +
                           sent + R"(","arguments":"{}"}}]}}]})",
                       context);
  CHECK(member_in(answer, "content") ==
        R"([{"type":"tool_use","id":"1","name":"my.tool","input":{}}])");
}

TEST_CASE("think tags are reasoning where the profile says so", "[dialect]") {
  Profile profile;
  profile.think_tags = true;
  const char* const message = R"({"content":"\n<think>hm</think>\n\nyes <think>"})";
  CHECK(member_in(hub_answer(message, "null", &profile), "content") ==
        "[" + thinking("hm", R"({"field":"content"})") +
            R"(,{"type":"text","text":"yes <think>"}])");
  CHECK(member_in(hub_answer(message), "content") ==
        R"([{"type":"text","text":"\n<think>hm</think>\n\nyes <think>"}])");
}

TEST_CASE("a success that tells an error is one, and so is what is no answer", "[dialect]") {
  struct Row {
    const char* body;
    int status;
    const char* error;
  };
  for (const Row& row : {
           Row{R"({"error":{"message":"slow down","code":429}})", 429,
               R"({"type":"rate_limit_error","message":"slow down"})"},
           Row{R"({"error":{"message":"odd"}})", 502, R"({"type":"api_error","message":"odd"})"},
           Row{R"({"object":"error","message":"too much","type":"BadRequestError","code":400})",
               400, R"({"type":"invalid_request_error","message":"too much"})"},
           Row{"<html><body>Bad gateway</body></html>", 502,
               R"({"type":"api_error","message":"Bad gateway"})"},
       }) {
    CAPTURE(row.body);
    const TranslatedAnswer answer = from_chat_answer(row.body, answer_context());
    CHECK(answer.status == row.status);
    CHECK(member_in(answer, "error") == row.error);
  }
}

TEST_CASE("what a hub's message has becomes chat's message", "[dialect]") {
  const AnswerContext context = answer_context();
  const auto tag = [](Dialect dialect, const std::string& data) {
    return make_tag({dialect, "0123456789ab", data});
  };
  const auto detail = [](const std::string& data, int index = 0) {
    return R"({"type":"reasoning.encrypted","data":")" + data + R"(","format":"ccr1","index":)" +
           std::to_string(index) + "}";
  };
  struct Row {
    const char* what;
    std::string hub;
    std::string chat;
  };
  for (
      const Row& row : {
          Row{"texts are put together", R"({"type":"text","text":"a"},{"type":"text","text":"b"})",
              R"({"role":"assistant","content":"ab","refusal":null})"},
          Row{"nothing", "", R"({"role":"assistant","content":null,"refusal":null})"},
          Row{"calls, and content null",
              R"({"type":"tool_use","id":"toolu_1","name":"f","input":{"z":12345678901234567890,"a":1.0}},{"type":"tool_use","id":"2","name":"g","input":{}})",
              R"({"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{\"z\":12345678901234567890,\"a\":1.0}"}},{"id":"2","type":"function","function":{"name":"g","arguments":"{}"}}]})"},
          Row{"thinking of an Anthropic provider",
              R"({"type":"thinking","thinking":"t","signature":"sig"},{"type":"text","text":"a"})",
              R"({"role":"assistant","content":"a","refusal":null,"reasoning_content":"t","reasoning_details":[)" +
                  detail(tag(Dialect::anthropic, R"({"signature":"sig","thinking":"t"})")) + "]}"},
          Row{"thinking of another, in its tag",
              R"({"type":"thinking","thinking":"t","signature":")" +
                  tag(Dialect::responses, R"({"id":"rs","encrypted_content":"e"})") + R"("})",
              R"({"role":"assistant","content":null,"refusal":null,"reasoning_content":"t","reasoning_details":[)" +
                  detail(tag(Dialect::responses,
                             R"({"id":"rs","encrypted_content":"e","thinking":"t"})")) +
                  "]}"},
          Row{"redacted thinking, and a block without a signature",
              R"({"type":"thinking","thinking":"t","signature":""},{"type":"redacted_thinking","data":"d"})",
              R"({"role":"assistant","content":null,"refusal":null,"reasoning_content":"t","reasoning_details":[)" +
                  detail(tag(Dialect::anthropic, R"({"redacted":"d"})")) + "]}"},
          Row{"a hosted tool's blocks are left out",
              R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"text","text":"a","citations":[]})",
              R"({"role":"assistant","content":"a","refusal":null})"},
      }) {
    CAPTURE(row.what);
    CHECK(chat_message(row.hub, context) == row.chat);
  }
}

TEST_CASE("a custom tool's call is one again", "[dialect]") {
  AnswerContext context = answer_context();
  context.tools["p"] = {"custom", {}, "p"};
  CHECK(
      chat_message(R"({"type":"tool_use","id":"1","name":"p","input":{"input":"a\nb"}})",
                   context) ==
      R"({"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"1","type":"custom","custom":{"name":"p","input":"a\nb"}}]})");
  CHECK(
      chat_message(R"({"type":"tool_use","id":"1","name":"p","input":{"text":1}})", context) ==
      R"({"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"1","type":"custom","custom":{"name":"p","input":"{\"text\":1}"}}]})");
}

TEST_CASE("the whole of a chat completion", "[dialect]") {
  const std::string body = chat_answer_with(R"({"type":"text","text":"a"})", answer_context());
  const std::string id = Json::read(body)["id"].text();
  CHECK(id.rfind("chatcmpl-", 0) == 0);
  CHECK(
      body ==
      R"({"id":")" + id +
          R"(","object":"chat.completion","created":1700000000,"model":"claude","choices":[{"index":0,)"
          R"("message":{"role":"assistant","content":"a","refusal":null},"finish_reason":"stop",)"
          R"("logprobs":null}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,)"
          R"("prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0},)"
          R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
          R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}})");
}

TEST_CASE("the hub's stop reasons in chat's words", "[dialect]") {
  struct Row {
    const char* hub;
    const char* chat;
  };
  for (const Row& row :
       {Row{"end_turn", "stop"}, Row{"tool_use", "tool_calls"}, Row{"max_tokens", "length"},
        Row{"model_context_window_exceeded", "length"}, Row{"stop_sequence", "stop"},
        Row{"refusal", "content_filter"}, Row{"pause_turn", "stop"}}) {
    CAPTURE(row.hub);
    const std::string body = chat_answer_with("", answer_context(), row.hub);
    CHECK(body.find(R"("finish_reason":")" + std::string(row.chat) + '"') != std::string::npos);
  }
}

TEST_CASE("a hub's error in a success is chat's error", "[dialect]") {
  const TranslatedAnswer answer = to_chat_answer(
      R"({"type":"error","error":{"type":"overloaded_error","message":"full"}})", answer_context());
  CHECK(answer.status == 503);
  CHECK(
      answer.body ==
      R"({"error":{"message":"full","type":"server_error","param":null,"code":"server_is_overloaded"}})");
}
