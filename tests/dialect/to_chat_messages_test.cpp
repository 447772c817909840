#include <string>

#include "catch.hpp"
#include "dialect/chat_request.hpp"
#include "dialect/profile.hpp"
#include "dialect/tags.hpp"
#include "translation.hpp"

using namespace ccrelay::dialect;

namespace {

// The messages for a request that has these, with or without more members.
std::string chat_messages(const std::string& messages, const Profile& profile = {},
                          const std::string& more = {}, bool drop = false) {
  TranslateOptions options;
  options.profile = &profile;
  options.issuer = "0123456789ab";
  options.drop_unsupported = drop;
  const std::string body = R"({"model":"m","max_tokens":5,"messages":)" + messages + more + "}";
  return member_of(to_chat_request(body, options), "messages");
}

std::string tagged(Dialect dialect, const std::string& issuer, const std::string& data) {
  return make_tag({dialect, issuer, data});
}

// An assistant's message with this thinking in front of a call, and its result.
std::string with_thinking(const std::string& text, const std::string& signature) {
  return R"([{"role":"assistant","content":[{"type":"thinking","thinking":")" + text +
         R"(","signature":")" + signature +
         R"("},{"type":"tool_use","id":"t","name":"f","input":{}}]},)"
         R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}])";
}

const char* const call_and_result =
    R"("tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
    R"({"role":"tool","tool_call_id":"t","content":"r"}])";

}  // namespace

TEST_CASE("each block of the hub has its place in chat's messages", "[dialect]") {
  struct Row {
    const char* what;
    const char* hub;
    const char* chat;
  };
  for (const Row&
           row : {
               Row{"user text", R"([{"role":"user","content":"a\u00e9"}])",
                   R"([{"role":"user","content":"aé"}])"},
               Row{"text blocks are joined, empty ones left out",
                   R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":""},{"type":"text","text":"b"}]}])",
                   R"([{"role":"user","content":"a\n\nb"}])"},
               Row{"a message without content is left out",
                   R"([{"role":"user","content":[{"type":"text","text":""}]},{"role":"user","content":"a"}])",
                   R"([{"role":"user","content":"a"}])"},
               Row{"half of a surrogate pair", R"([{"role":"user","content":"\ud83d!"}])",
                   "[{\"role\":\"user\",\"content\":\"\xEF\xBF\xBD!\"}]"},
               Row{"image base64",
                   R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}}]}])",
                   R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]}])"},
               Row{"image by URL",
                   R"([{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://a/b"}}]}])",
                   R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a/b"}}]}])"},
               Row{"document text",
                   R"([{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"doc"}}]}])",
                   R"([{"role":"user","content":"doc"}])"},
               Row{"document content",
                   R"([{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"x"}]}}]}])",
                   R"([{"role":"user","content":"x"}])"},
               Row{"search_result",
                   R"([{"role":"user","content":[{"type":"search_result","title":"t","source":"s","content":[{"type":"text","text":"found"}]}]}])",
                   R"([{"role":"user","content":"found"}])"},
               Row{"system message in place",
                   R"([{"role":"user","content":"a"},{"role":"system","content":[{"type":"text","text":"be"}]},{"role":"user","content":"b"}])",
                   R"([{"role":"user","content":"a"},{"role":"system","content":"be"},{"role":"user","content":"b"}])"},
               Row{"assistant text is put together",
                   R"([{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])",
                   R"([{"role":"assistant","content":"ab"}])"},
               Row{"tool_use, numbers and keys as they were",
                   R"([{"role":"assistant","content":[{"type":"text","text":"go"},{"type":"tool_use","id":"functions.f:0","name":"f","input":{"z":12345678901234567890,"a":1.0,"e":1e2}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"functions.f:0","content":"r"}]}])",
                   R"([{"role":"assistant","content":"go","tool_calls":[{"id":"functions.f:0","type":"function","function":{"name":"f","arguments":"{\"z\":12345678901234567890,\"a\":1.0,\"e\":1e2}"}}]},{"role":"tool","tool_call_id":"functions.f:0","content":"r"}])"},
               Row{"results come first, in the order of the calls; content is null without text",
                   R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}},{"type":"tool_use","id":"2","name":"g","input":{}}]},{"role":"user","content":[{"type":"text","text":"and"},{"type":"tool_result","tool_use_id":"2","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]},{"type":"tool_result","tool_use_id":"1"}]}])",
                   R"([{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"2","type":"function","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":""},{"role":"tool","tool_call_id":"2","content":"b\nc"},{"role":"user","content":"and"}])"},
               Row{"a result that is missing, and a system message in front of one",
                   R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}},{"type":"tool_use","id":"2","name":"f","input":{}}]},{"role":"system","content":"s"},{"role":"user","content":[{"type":"tool_result","tool_use_id":"2","content":"r"}]}])", R"j([{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"2","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"(no result)"},{"role":"tool","tool_call_id":"2","content":"r"},{"role":"system","content":"s"}])j"},
               Row{"the same id in each turn",
                   R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"x"}]},{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"y"}]}])",
                   R"([{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"y"}])"},
               Row{"media of results stand behind all of them",
                   R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}},{"type":"tool_use","id":"2","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"image","source":{"type":"url","url":"https://i"}}]},{"type":"tool_result","tool_use_id":"2","content":"r"},{"type":"text","text":"so"}]}])",
                   R"j([{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"2","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"(see attached image)"},{"role":"tool","tool_call_id":"2","content":"r"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://i"}}]},{"role":"user","content":"so"}])j"},
               Row{"tool_reference",
                   R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"tool_reference","tool_name":"grep"}]}]}])",
                   R"([{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"grep"}])"},
               Row{"a web search of the past", R"([{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"T","url":"U"}]},{"type":"text","text":"So."}]}])",
                   R"([{"role":"assistant","content":"[Web search: q]\n- T: U\n\nSo."}])"},
               Row{"other hosted tools of the past, both halves",
                   R"([{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"code_execution","input":{}},{"type":"code_execution_tool_result","tool_use_id":"s","content":{}},{"type":"text","text":"4"}]}])",
                   R"([{"role":"assistant","content":"4"}])"},
               Row{"thinking of others is left out",
                   R"([{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a"}]}])",
                   R"([{"role":"assistant","content":"a"}])"},
               Row{"a result without a call",
                   R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"x"}]}])",
                   "refused 400 messages.0.content: a tool result has no tool call: x"},
               Row{"a call without a name",
                   R"([{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"","input":{}}]}])",
                   "refused 400 messages.0.content: a tool call needs a name"},
               Row{"an unknown role", R"([{"role":"robot","content":"x"}])",
                   "refused 400 messages.0.role: unknown role"},
               Row{"an unknown block", R"([{"role":"user","content":[{"type":"smell"}]}])",
                   "refused 400 messages: unknown type of content: smell"},
               Row{"a file by id",
                   R"([{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}])",
                   "not carriable messages: a file by id"},
               Row{"a document by URL",
                   R"([{"role":"user","content":[{"type":"document","source":{"type":"url","url":"u"}}]}])",
                   "not carriable messages: a document by URL"},
               Row{"a PDF where the profile has no files",
                   R"([{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="}}]}])",
                   "not carriable messages: documents"},
           }) {
    CAPTURE(row.what);
    CHECK(chat_messages(row.hub) == row.chat);
  }
}

TEST_CASE("a failed call's result says so once", "[dialect]") {
  struct Row {
    const char* text;
    const char* chat;
  };
  for (const Row& row : {Row{"no file", "Error: no file"}, Row{"ERROR 5", "ERROR 5"},
                         Row{"<tool_use_error>x", "<tool_use_error>x"}, Row{"", "Error: "}}) {
    CAPTURE(row.text);
    const std::string hub =
        R"([{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","is_error":true,"content":")" +
        std::string(row.text) + R"("}]}])";
    const std::string messages = chat_messages(hub);
    std::string result;
    for (const Json& message : Json::read(messages).items()) result = message["content"].text();
    CHECK(result == row.chat);
  }
}

TEST_CASE("a profile shapes the messages", "[dialect]") {
  const std::string pdf =
      R"([{"role":"user","content":[{"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="}}]}])";
  Profile profile;
  profile.files = true;
  CHECK(
      chat_messages(pdf, profile) ==
      R"([{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QQ=="}}]}])");
  const std::string image =
      R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"https://i"}}]}])";
  profile = {};
  profile.images = false;
  CHECK(chat_messages(image, profile) == "not carriable messages: images");
  CHECK(chat_messages(image, profile, {}, true) == R"([{"role":"user","content":"a"}])");
  profile = {};
  profile.image_urls = false;
  CHECK(chat_messages(image, profile) == "not carriable messages: an image by URL");
  profile = {};
  profile.system_role = "developer";
  CHECK(
      chat_messages(
          R"([{"role":"user","content":"a"}])", profile,
          R"(,"system":[{"type":"text","text":"x","cache_control":{}},{"type":"text","text":"y"}])") ==
      R"([{"role":"developer","content":"x\n\ny"},{"role":"user","content":"a"}])");
  profile = {};
  profile.one_system_message = true;
  CHECK(
      chat_messages(R"([{"role":"user","content":"a"},{"role":"system","content":"s"}])", profile,
                    R"(,"system":"x")") ==
      R"([{"role":"system","content":"x"},{"role":"user","content":"a"},{"role":"user","content":"<system-reminder>\ns\n</system-reminder>"}])");
  profile = {};
  profile.tool_ids = "alnum9";
  profile.user_after_tool = false;
  const std::string call =
      R"([{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"r"},{"type":"text","text":"a"}]}])";
  const std::string messages = chat_messages(call, profile);
  const Json list = Json::read(messages);
  std::string id, roles;
  for (const Json& message : list.items()) {
    roles += message["role"].text() + " ";
    for (const Json& each : message["tool_calls"].items()) id = each["id"].text();
    if (message["role"].is("tool")) CHECK(message["tool_call_id"].text() == id);
  }
  CHECK(id.size() == 9);
  CHECK(roles == "assistant tool assistant user ");
}

TEST_CASE("reasoning goes back to whom it came from, and to nobody else", "[dialect]") {
  const std::string own = "0123456789ab";
  const std::string field = tagged(Dialect::chat, own, R"({"field":"reasoning_content"})");
  const std::string kept =
      tagged(Dialect::chat, own, R"({"field":"reasoning_content","thinking":"as it was"})");
  const std::string details =
      tagged(Dialect::chat, own, R"({"details":[{"type":"reasoning.text","text":"t","index":0}]})");
  const std::string foreign =
      tagged(Dialect::chat, "ffffffffffff", R"({"field":"reasoning_content"})");
  struct Row {
    const char* back;
    bool required;
    std::string signature;
    const char* members;
  };
  for (const Row& row : {
           Row{"reasoning_content", false, field, R"("reasoning_content":"shown",)"},
           Row{"reasoning_content", false, kept, R"("reasoning_content":"as it was",)"},
           Row{"none", false, field, ""},
           Row{"reasoning_content", false, foreign, ""},
           Row{"reasoning_content", false, "EqQB", ""},
           Row{"reasoning_content", true, foreign, R"("reasoning_content":"shown",)"},
           Row{"reasoning_details", false, details,
               R"("reasoning_details":[{"type":"reasoning.text","text":"t","index":0}],)"},
       }) {
    CAPTURE(row.back, row.required, row.signature);
    Profile profile;
    profile.reasoning_back = row.back;
    profile.reasoning_required = row.required;
    CHECK(chat_messages(with_thinking("shown", row.signature), profile) ==
          R"([{"role":"assistant","content":null,)" + std::string(row.members) + call_and_result);
  }
}

TEST_CASE("where it is required reasoning is there even when there is none", "[dialect]") {
  Profile profile;
  profile.reasoning_back = "reasoning_content";
  profile.reasoning_required = true;
  const std::string hub =
      R"([{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]},)"
      R"({"role":"assistant","content":"done"}])";
  std::string wanted = R"([{"role":"assistant","content":null,"reasoning_content":"",)" +
                       std::string(call_and_result);
  wanted.pop_back();
  CHECK(chat_messages(hub, profile) == wanted + R"(,{"role":"assistant","content":"done"}])");
}

TEST_CASE("reasoning that the client lost is put back by the call's id", "[dialect]") {
  struct Remembers final : Recall {
    std::string reasoning_of(std::string_view id) const override {
      return id == "t" ? make_tag({Dialect::chat, "0123456789ab",
                                   R"({"field":"reasoning","thinking":"remembered"})"})
                       : "";
    }
  } recall;
  Profile profile;
  profile.reasoning_back = "reasoning";
  TranslateOptions options;
  options.profile = &profile;
  options.issuer = "0123456789ab";
  options.recall = &recall;
  const std::string body =
      R"({"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}]})";
  CHECK(member_of(to_chat_request(body, options), "messages") ==
        R"([{"role":"assistant","content":null,"reasoning":"remembered",)" +
            std::string(call_and_result));
}

TEST_CASE("a thought signature goes back on its call", "[dialect]") {
  const std::string tag = tagged(Dialect::chat, "0123456789ab",
                                 R"({"extra_content":{"google":{"thought_signature":"s"}}})");
  CHECK(
      chat_messages(with_thinking("", tag)) ==
      R"([{"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function",)"
      R"("function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]},)"
      R"({"role":"tool","tool_call_id":"t","content":"r"}])");
}

TEST_CASE("a call whose thought signature is lost gets the word for that", "[dialect]") {
  Profile profile;
  profile.google_signatures = true;
  const auto has_word = [&profile] {
    const std::string sent = chat_messages(with_thinking("", ""), profile);
    return sent.find(R"("extra_content":{"google":{"thought_signature":)"
                     R"("skip_thought_signature_validator"}})") != std::string::npos;
  };
  CHECK_FALSE(has_word());
  profile.reasoning_required = true;
  CHECK(has_word());
  // Reasoning has no other member there.
  CHECK(chat_messages(with_thinking("", ""), profile).find("reasoning") == std::string::npos);
}
