#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/chat_request.hpp"
#include "dialect/profile.hpp"
#include "dialect/tags.hpp"
#include "translation.hpp"

using namespace ccrelay::dialect;

namespace {

// A member of the hub's request for one with these messages.
std::string hub_member(const char* name, const std::string& messages) {
  return member_of(from_chat_request(R"({"model":"m","messages":)" + messages + "}", {}), name);
}

Translation hub_request(const std::string& members, const TranslateOptions& options = {}) {
  return from_chat_request(R"({"model":"m","messages":[{"role":"user","content":"a"}])" +
                               (members.empty() ? "" : "," + members) + "}",
                           options);
}

// What the members become beside model, max_tokens and messages.
std::string hub_members(const std::string& members, const TranslateOptions& options = {}) {
  const std::string body = body_of(hub_request(members, options));
  const std::string head =
      R"({"model":"m","max_tokens":32000,"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}])";
  if (body.rfind(head, 0) != 0) return body;
  return body.substr(head.size(), body.size() - head.size() - 1);
}

const char* const call = R"({"role":"assistant","tool_calls":[{"id":"t","type":"function",)"
                         R"("function":{"name":"f","arguments":"{}"}}]})";
const char* const called =
    R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]})";

}  // namespace

TEST_CASE("each message of chat has its place in the hub's messages", "[dialect]") {
  const std::string c = call;
  const std::string d = called;
  struct Row {
    const char* what;
    std::string chat;
    std::string hub;
  };
  for (
      const Row& row : {
          Row{"user string", R"([{"role":"user","content":"a\ud83d"}])",
              "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\xEF\xBF\xBD\"}]}]"},
          Row{"users in a row become one",
              R"([{"role":"user","content":"a"},{"role":"user","content":"","name":"n"},{"role":"user","content":[{"type":"text","text":"b"}]}])",
              R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"},
          Row{"image in a data URL",
              R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD","detail":"low"}}]}])",
              R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}}]}])"},
          Row{"image by URL",
              R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://i"}}]}])",
              R"([{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://i"}}]}])"},
          Row{"an image that is none",
              R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"ftp://i"}}]}])",
              "refused 400 messages[0].content: image_url is neither a data URL nor an http URL"},
          Row{"PDF",
              R"([{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QQ=="}}]}])",
              R"([{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="},"title":"a.pdf"}]}])"},
          Row{"text file",
              R"([{"role":"user","content":[{"type":"file","file":{"file_data":"data:text/plain;base64,QUJD"}}]}])",
              R"([{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"ABC"}}]}])"},
          Row{"a file by id",
              R"([{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}])",
              "not carriable messages[0].content: a file by id"},
          Row{"audio", R"([{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}])",
              "not carriable messages[0].content: audio or video"},
          Row{"an unknown part", R"([{"role":"user","content":[{"type":"smell"}]}])",
              "refused 400 messages[0].content: unknown type of content: smell"},
          Row{"a later system message stays where it is",
              R"([{"role":"user","content":"a"},{"role":"developer","content":"s"},{"role":"user","content":"b"}])",
              R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"<system-reminder>\ns\n</system-reminder>"},{"type":"text","text":"b"}]}])"},
          Row{"assistant string, parts and refusal",
              R"([{"role":"assistant","content":"a"},{"role":"assistant","content":[{"type":"text","text":"b"},{"type":"refusal","refusal":"no"}],"refusal":"never"}])",
              R"([{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"text","text":"no"},{"type":"text","text":"never"}]}])"},
          Row{"calls, numbers and keys as they were",
              R"([{"role":"assistant","content":"","tool_calls":[{"id":"functions.f:0","type":"function","function":{"name":"f","arguments":"{\"z\":12345678901234567890,\"a\":1.0,\"e\":1e2}"}}]},{"role":"tool","tool_call_id":"functions.f:0","content":"r"}])",
              R"([{"role":"assistant","content":[{"type":"tool_use","id":"functions.f:0","name":"f","input":{"z":12345678901234567890,"a":1.0,"e":1e2}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"functions.f:0","content":"r"}]}])"},
          Row{"arguments that are empty, and that are no object",
              R"([{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":""}},{"id":"2","function":{"name":"f","arguments":"[1"}}]},{"role":"tool","tool_call_id":"1","content":"x"},{"role":"tool","tool_call_id":"2","content":"y"}])",
              R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}},{"type":"tool_use","id":"2","name":"f","input":{"raw_arguments":"[1"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"x"},{"type":"tool_result","tool_use_id":"2","content":"y"}]}])"},
          Row{"a custom call",
              R"([{"role":"assistant","tool_calls":[{"id":"1","type":"custom","custom":{"name":"p","input":"a\"b"}}]},{"role":"tool","tool_call_id":"1","content":"x"}])",
              R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"p","input":{"input":"a\"b"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"x"}]}])"},
          Row{"results come first, in the order of the calls; text parts",
              R"([{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}},{"id":"2","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"and"},{"role":"tool","tool_call_id":"2","content":[{"type":"text","text":"y"}]},{"role":"tool","tool_call_id":"1","content":"x"}])", R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}},{"type":"tool_use","id":"2","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"x"},{"type":"tool_result","tool_use_id":"2","content":[{"type":"text","text":"y"}]},{"type":"text","text":"and"}]}])"},
          Row{"a missing result", "[" + c + R"(,{"role":"user","content":"b"}])",
              "[" + d +
                  R"j(,{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"(no result)"},{"type":"text","text":"b"}]}])j"},
          Row{"a result without a call", R"([{"role":"tool","tool_call_id":"x","content":"r"}])",
              "refused 400 messages: a tool result has no tool call: x"},
          Row{"a call without a name", R"([{"role":"assistant","tool_calls":[{"id":"1"}]}])",
              "refused 400 messages[0].tool_calls: a tool call needs a name"},
          Row{"function_call", R"([{"role":"assistant","function_call":{"name":"f"}}])",
              "refused 400 messages[0].function_call: function_call is not supported: use tools"},
          Row{"role function", R"([{"role":"function","content":"x"}])",
              "refused 400 messages[0].role: functions are not supported: use tools"},
          Row{"an unknown role", R"([{"role":"robot"}])",
              "refused 400 messages[0].role: unknown role: robot"},
          Row{"reasoning as mere text",
              R"([{"role":"assistant","content":"a","reasoning_content":"r"}])",
              R"([{"role":"assistant","content":[{"type":"text","text":"a"}]}])"},
      }) {
    CAPTURE(row.what);
    CHECK(hub_member("messages", row.chat) == row.hub);
  }
}

TEST_CASE("results without an id answer calls without one, in their order", "[dialect]") {
  const std::string history =
      R"([{"role":"user","content":"p"},{"role":"assistant","tool_calls":[{"function":{"name":"e","arguments":"{}"}}]},)"
      R"({"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}},)"
      R"({"id":"own","function":{"name":"f","arguments":"{}"}},{"id":"","function":{"name":"g","arguments":"{}"}}]},)"
      R"({"role":"tool","content":"1"},{"role":"tool","tool_call_id":"own","content":"2"},)"
      R"({"role":"tool","tool_call_id":"","content":"3"}])";
  const std::string messages = hub_member("messages", history);
  CAPTURE(messages);
  std::vector<std::string> called, answered, said;
  for (const Json& message : Json::read(messages).items()) {
    for (const Json& block : message["content"].items()) {
      if (block["type"].is("tool_use")) called.push_back(block["id"].text());
      if (!block["type"].is("tool_result")) continue;
      answered.push_back(block["tool_use_id"].text());
      said.push_back(block["content"].text());
    }
  }
  REQUIRE(called.size() == 4);
  CHECK(called[1] != called[3]);
  CHECK(called[2] == "own");
  CHECK(answered == called);
  CHECK(said == std::vector<std::string>{"(no result)", "1", "2", "3"});
  // The next turn says the same of this one, whatever else it makes up: its prompt is in a cache.
  TranslateOptions next;
  next.seed = "another request";
  CHECK(member_of(from_chat_request(R"({"model":"m","messages":)" + history + "}", next),
                  "messages") == messages);
  CHECK(hub_member("messages", R"([{"role":"tool","content":"1"}])") ==
        "refused 400 messages[0].tool_call_id: a tool result has no tool call");
}

TEST_CASE("leading system and developer messages are system blocks, one each", "[dialect]") {
  CHECK(
      hub_member(
          "system",
          R"([{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]},{"role":"user","content":"x"}])") ==
      R"([{"type":"text","text":"a"},{"type":"text","text":"b\n\nc"}])");
  CHECK(hub_member("system", R"([{"role":"user","content":"x"}])").empty());
}

TEST_CASE("reasoning that went out as a tag comes back as a thinking block", "[dialect]") {
  const std::string tag =
      make_tag({Dialect::anthropic, "0123456789ab", R"({"signature":"s","thinking":"was"})"});
  CHECK(
      hub_member(
          "messages",
          R"([{"role":"assistant","content":"a","reasoning_content":"is","reasoning_details":[{"type":"reasoning.encrypted","data":")" +
              tag + R"(","format":"ccr1","index":0},{"type":"reasoning.text","text":"x"}]}])") ==
      R"([{"role":"assistant","content":[{"type":"thinking","thinking":"was","signature":")" + tag +
          R"("},{"type":"text","text":"a"}]}])");
}

TEST_CASE("reasoning that the client dropped is remembered by the call's id", "[dialect]") {
  struct Remembers final : Recall {
    std::string tag = make_tag({Dialect::responses, "0123456789ab", R"({"thinking":"was"})"});
    std::string reasoning_of(std::string_view id) const override { return id == "t" ? tag : ""; }
  } recall;
  TranslateOptions options;
  options.recall = &recall;
  const std::string body =
      body_of(from_chat_request(R"({"messages":[)" + std::string(call) + "]}", options));
  CHECK(body.find(R"([{"type":"thinking","thinking":"was","signature":")" + recall.tag +
                  R"("},{"type":"tool_use")") != std::string::npos);
}

TEST_CASE("each member of a chat request has its place in the hub's", "[dialect]") {
  struct Row {
    const char* chat;
    const char* hub;
    const char* dropped;
  };
  for (
      const Row& row : {
          Row{"", "", ""},
          Row{R"("temperature":1.50,"top_p":0.1)", R"(,"temperature":1.50,"top_p":0.1)", ""},
          Row{R"("stop":"x")", R"(,"stop_sequences":["x"])", ""},
          Row{R"("stop":["x"," \n","\u0079"])", R"(,"stop_sequences":["x","\u0079"])", ""},
          Row{R"("stop":["\n"])", "", ""},
          Row{R"("stream":true,"stream_options":{"include_usage":true})", R"(,"stream":true)", ""},
          Row{R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1.0}}})",
              R"(,"output_config":{"format":{"type":"json_schema","schema":{"a":1.0}}})", ""},
          Row{R"("response_format":{"type":"json_object"})", "", "response_format"},
          Row{R"("response_format":{"type":"text"})", "", ""},
          Row{R"("reasoning_effort":"none")", R"(,"thinking":{"type":"disabled"})", ""},
          Row{R"("reasoning_effort":"minimal")",
              R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"low"})", ""},
          Row{R"("reasoning_effort":"xhigh")",
              R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"xhigh"})", ""},
          Row{R"("seed":1,"user":"u","logit_bias":null,"web_search_options":{})", "",
              "seed, user, web_search_options"},
          Row{R"("n":1,"logprobs":false,"modalities":["text"])", "", ""},
          Row{R"("n":2)", "not carriable n: more than one choice", ""},
          Row{R"("logprobs":true)", "not carriable logprobs: logprobs", ""},
          Row{R"("top_logprobs":3)", "not carriable top_logprobs: logprobs", ""},
          Row{R"("modalities":["text","audio"])", "not carriable modalities: audio output", ""},
          Row{R"("functions":[])", "refused 400 functions: functions is not supported: use tools",
              ""},
      }) {
    CAPTURE(row.chat);
    CHECK(hub_members(row.chat) == row.hub);
    CHECK(dropped_of(hub_request(row.chat)) == row.dropped);
  }
  TranslateOptions options;
  options.drop_unsupported = true;
  CHECK(hub_members(R"("n":2)", options).empty());
  CHECK(dropped_of(hub_request(R"("n":2)", options)) == "more than one choice");
}

TEST_CASE("the limit is the newer member, else the older one, else the default", "[dialect]") {
  CHECK(member_of(hub_request(R"("max_tokens":5,"max_completion_tokens":7)"), "max_tokens") == "7");
  CHECK(member_of(hub_request(R"("max_tokens":5,"max_completion_tokens":null)"), "max_tokens") ==
        "5");
  CHECK(member_of(hub_request(""), "max_tokens") == "32000");
  // The room that a budget needs is for the last step to make.
  Profile profile;
  profile.adaptive_thinking = false;
  TranslateOptions options;
  options.profile = &profile;
  const Translation thinks = hub_request(R"("max_tokens":100,"reasoning_effort":"low")", options);
  CHECK(member_of(thinks, "max_tokens") == "100");
  CHECK(member_of(thinks, "thinking") == R"({"type":"adaptive"})");
}

TEST_CASE("functions and custom tools become the hub's tools", "[dialect]") {
  struct Row {
    const char* what;
    const char* chat;
    const char* hub;
  };
  const char* const f =
      R"(,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}])";
  for (
      const Row& row : {
          Row{"all of a function",
              R"("tools":[{"type":"function","function":{"name":"f","description":"d\u0041","parameters":{"type":"object","n":1.0},"strict":true}}])",
              R"(,"tools":[{"name":"f","description":"d\u0041","input_schema":{"type":"object","n":1.0},"strict":true}])"},
          Row{"without parameters", R"("tools":[{"type":"function","function":{"name":"f"}}])", f},
          Row{"custom with a grammar",
              R"("tools":[{"type":"custom","custom":{"name":"p","description":"d","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}}}}])",
              R"(,"tools":[{"name":"p","description":"d\n\nThe input follows this grammar (lark):\nstart: x","input_schema":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}])"},
          Row{"a hosted one beside it",
              R"("tools":[{"type":"web_search"},{"type":"function","function":{"name":"f"}}])", f},
          Row{"a hosted one alone", R"("tools":[{"type":"web_search"}])",
              "not carriable tools: web_search"},
          Row{"one whose type is left out", R"("tools":[{"function":{"name":"f"}}])", f},
          Row{"one of no type at all", R"("tools":[{"name":"f"}])",
              "not carriable tools: something without a type"},
          Row{"without a name", R"("tools":[{"type":"function","function":{}}])",
              "refused 400 tools: a tool needs a name"},
          Row{"none", R"("tools":[],"tool_choice":"auto","parallel_tool_calls":false)", ""},
      }) {
    CAPTURE(row.what);
    CHECK(hub_members(row.chat) == row.hub);
  }
  const Translation custom = hub_request(R"("tools":[{"type":"custom","custom":{"name":"p"}}])");
  CHECK(std::get<Translated>(custom).context.tools.at("p").kind == "custom");
}

TEST_CASE("tool_choice becomes the hub's", "[dialect]") {
  struct Row {
    const char* chat;
    const char* hub;
  };
  for (const Row& row : {
           Row{R"("tool_choice":"auto")", R"({"type":"auto"})"},
           Row{R"("tool_choice":"required")", R"({"type":"any"})"},
           Row{R"("tool_choice":"none","parallel_tool_calls":false)", R"({"type":"none"})"},
           Row{R"("tool_choice":{"type":"function","function":{"name":"f"}})",
               R"({"type":"tool","name":"f"})"},
           Row{R"("tool_choice":{"type":"custom","custom":{"name":"f"}})",
               R"({"type":"tool","name":"f"})"},
           Row{R"("parallel_tool_calls":false)",
               R"({"type":"auto","disable_parallel_tool_use":true})"},
           Row{R"("parallel_tool_calls":true)", ""},
           Row{R"("tool_choice":"required","parallel_tool_calls":false)",
               R"({"type":"any","disable_parallel_tool_use":true})"},
       }) {
    CAPTURE(row.chat);
    CHECK(member_of(hub_request(R"("tools":[{"type":"function","function":{"name":"f"}}],)" +
                                std::string(row.chat)),
                    "tool_choice") == row.hub);
  }
  const Translation allowed = hub_request(
      R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],)"
      R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})");
  CHECK(member_of(allowed, "tools") ==
        R"([{"name":"g","input_schema":{"type":"object","properties":{}}}])");
  CHECK(member_of(allowed, "tool_choice") == R"({"type":"any"})");
}

TEST_CASE("the context keeps what the answer needs", "[dialect]") {
  TranslateOptions options;
  options.seed = "s";
  options.issuer = "i";
  options.now_s = 7;
  options.model = "sent";
  const Translation translation =
      hub_request(R"("stream":true,"stream_options":{"include_usage":true})", options);
  const AnswerContext& context = std::get<Translated>(translation).context;
  CHECK(context.model == "m");
  CHECK(member_of(translation, "model") == "\"sent\"");
  CHECK(context.seed == "s");
  CHECK(context.issuer == "i");
  CHECK(context.now_s == 7);
  CHECK(context.stream);
  CHECK(context.include_usage);
}

TEST_CASE("a chat body that is no request is refused", "[dialect]") {
  CHECK(body_of(from_chat_request("{", {})).rfind("refused 400 : the body is not JSON", 0) == 0);
  CHECK(body_of(from_chat_request("{}", {})) ==
        "refused 400 messages: messages is required, a list");
}
