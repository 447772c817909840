#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

namespace {

// What a provider gets behind the first `before` of its items.
std::string sent_of(Dialect provider, const std::string& messages, std::size_t before) {
  const bool gemini = provider == Dialect::gemini;
  TranslateOptions options;
  options.model = gemini ? "gemini-3-pro" : provider == Dialect::chat ? "gpt-4o" : "gpt-5";
  const Profile profile = Profiles::shipped().of(gemini ? "gemini" : "openai", options.model);
  options.profile = &profile;
  Way way;
  way.provider = provider;
  const auto carried =
      carry_request(way, R"({"model":"m","max_tokens":50,"messages":[)" + messages + "]}", options);
  if (const auto* refused = std::get_if<Refused>(&carried)) return refused->message;
  if (const auto* cannot = std::get_if<NotCarriable>(&carried)) return cannot->what;
  const Json body = Json::read(std::get<Carried>(carried).body);
  const char* const list = gemini                           ? "contents"
                           : provider == Dialect::responses ? "input"
                                                            : "messages";
  std::string out;
  for (const Json& each : body[list].items()) {
    if (before > 0) {
      --before;
      continue;
    }
    if (!out.empty()) out += ',';
    out += gemini ? each["parts"].raw() : each.raw();
  }
  return out;
}

// The same behind two calls that were answered with these blocks.
std::string sent(Dialect provider, const std::string& blocks) {
  return sent_of(
      provider,
      R"({"role":"user","content":"q"},{"role":"assistant","content":[)"
      R"({"type":"tool_use","id":"1","name":"f","input":{}},{"type":"tool_use","id":"2","name":"f","input":{}}]},)"
      R"({"role":"user","content":[)" +
          blocks + "]}",
      provider == Dialect::responses ? 3 : 2);  // the question and the calls
}

std::string result(const std::string& id, const std::string& content, bool failed = false) {
  return R"({"type":"tool_result","tool_use_id":")" + id + R"(","content":)" + content +
         (failed ? R"(,"is_error":true})" : "}");
}

std::string text(const std::string& words) {
  return R"({"type":"text","text":")" + words + "\"}";
}

const std::string picture =
    R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}})";
const std::string other_picture =
    R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"REVG"}})";
const std::string pdf =
    R"({"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"QUJD"}})";

// The same of each provider.
std::string in_chat(const std::string& id, const std::string& words) {
  return R"({"role":"tool","tool_call_id":")" + id + R"(","content":")" + words + "\"}";
}
std::string in_responses(const std::string& id, const std::string& output) {
  return R"({"type":"function_call_output","call_id":")" + id + R"(","output":)" + output + "}";
}
std::string in_gemini(const std::string& id, const std::string& response,
                      const std::string& parts = {}) {
  return R"({"functionResponse":{"id":")" + id + R"(","name":"f","response":)" + response +
         (parts.empty() ? "" : R"(,"parts":[)" + parts + "]") + "}}";
}

const std::string chat_picture =
    R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}})";
const std::string other_chat_picture =
    R"({"type":"image_url","image_url":{"url":"data:image/png;base64,REVG"}})";
const std::string responses_picture =
    R"({"type":"input_image","image_url":"data:image/png;base64,QUJD","detail":"auto"})";
const std::string other_responses_picture =
    R"({"type":"input_image","image_url":"data:image/png;base64,REVG","detail":"auto"})";
const std::string gemini_picture = R"({"inlineData":{"mimeType":"image/png","data":"QUJD"}})";
const std::string other_gemini_picture = R"({"inlineData":{"mimeType":"image/png","data":"REVG"}})";

std::string shown(const std::string& parts) {
  return R"({"role":"user","content":[)" + parts + "]}";
}

}  // namespace

TEST_CASE("what came of calls is told to every provider, in their order and all of it",
          "[dialect]") {
  const std::string second = result("2", "\"two\"");
  const auto chat = [](const std::string& first, const std::string& behind = {}) {
    return in_chat("1", first) + "," + in_chat("2", "two") + (behind.empty() ? "" : "," + behind);
  };
  const auto responses = [](const std::string& first) {
    return in_responses("1", first) + "," + in_responses("2", R"("two")");
  };
  const auto gemini = [](const std::string& first, const std::string& parts = {}) {
    return "[" + in_gemini("1", first, parts) + "," + in_gemini("2", R"({"output":"two"})") + "]";
  };
  struct Row {
    const char* what;
    std::string blocks;
    std::string chat;
    std::string responses;
    std::string gemini;
  };
  for (
      const Row& row : {
          Row{"pictures of both, told in the other order, and words behind",
              result("2", "[" + text("two") + "," + other_picture + "]") + "," +
                  result("1", "[" + text("one") + "," + picture + "]") + "," + text("so"),
              chat("one", shown(chat_picture + "," + other_chat_picture) +
                              R"(,{"role":"user","content":"so"})"),
              in_responses("1",
                           R"([{"type":"input_text","text":"one"},)" + responses_picture + "]") +
                  "," +
                  in_responses("2", R"([{"type":"input_text","text":"two"},)" +
                                        other_responses_picture + "]") +
                  R"(,{"type":"message","role":"user","content":[{"type":"input_text","text":"so"}]})",
              "[" + in_gemini("1", R"({"output":"one"})", gemini_picture) + "," +
                  in_gemini("2", R"({"output":"two"})", other_gemini_picture) +
                  R"(,{"text":"so"}])"},
          Row{"a failure with a picture",
              result("1", "[" + text("bad") + "," + picture + "]", true) + "," + second,
              chat("Error: bad", shown(chat_picture)),
              responses(R"([{"type":"input_text","text":"Error: bad"},)" + responses_picture + "]"),
              gemini(R"({"error":"bad"})", gemini_picture)},
          Row{"one that says so itself, behind a picture",
              result("1", "[" + picture + "," + text("ERROR 5") + "]", true) + "," + second,
              chat("ERROR 5", shown(chat_picture)),
              responses("[" + responses_picture + R"(,{"type":"input_text","text":"ERROR 5"}])"),
              gemini(R"({"error":"ERROR 5"})", gemini_picture)},
          Row{"one that shows a picture alone",
              result("1", "[" + picture + "]", true) + "," + second,
              chat("Error: (see attached image)", shown(chat_picture)),
              responses(R"([{"type":"input_text","text":"Error: "},)" + responses_picture + "]"),
              gemini(R"({"error":""})", gemini_picture)},
          Row{"a document", result("1", "[" + pdf + "]") + "," + second,
              chat(
                  "(see attached image)",
                  shown(
                      R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}})")),
              responses(
                  R"([{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}])"),
              gemini(R"({"output":""})",
                     R"({"inlineData":{"mimeType":"application/pdf","data":"QUJD"}})")},
          Row{"words in other blocks",
              result(
                  "1",
                  R"([{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"A"}]},)"
                  R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"B"}},)"
                  R"({"type":"tool_reference","tool_name":"g"}])") +
                  "," + second,
              chat(R"(A\nB\ng)"), responses(R"("A\nB\ng")"), gemini(R"({"output":"A\nB\ng"})")},
          Row{"nothing, in a list and in an empty text",
              result("1", "[]") + "," + result("2", "[" + text("") + "]"),
              in_chat("1", "") + "," + in_chat("2", ""),
              in_responses("1", "\"\"") + "," + in_responses("2", "\"\""),
              "[" + in_gemini("1", R"({"output":""})") + "," + in_gemini("2", R"({"output":""})") +
                  "]"},
          Row{"the same call's twice: the first counts",
              result("1", "\"one\"") + "," + second + "," + result("1", "\"again\""), chat("one"),
              responses("\"one\""), gemini(R"({"output":"one"})")},
      }) {
    CAPTURE(row.what);
    CHECK(sent(Dialect::chat, row.blocks) == row.chat);
    CHECK(sent(Dialect::responses, row.blocks) == row.responses);
    CHECK(sent(Dialect::gemini, row.blocks) == row.gemini);
  }
}

TEST_CASE("a result that comes late stands behind its call, for every provider", "[dialect]") {
  const auto call = [](const std::string& id) {
    return R"({"role":"assistant","content":[{"type":"tool_use","id":")" + id +
           R"(","name":"f","input":{}}]})";
  };
  const auto user = [](const std::string& blocks) {
    return R"({"role":"user","content":[)" + blocks + "]}";
  };
  const std::string said = R"({"role":"assistant","content":"still at it"})";
  const std::string system = R"({"role":"system","content":"hear"})";
  struct Row {
    const char* what;
    std::string messages;
    std::vector<std::string> results;  // as responses has them, in their order
  };
  const std::string none = R"x("(no result)")x";
  for (const Row& row : {
           Row{"behind the next message of the assistant's",
               user(text("q")) + "," + call("1") + "," + user(text("how far?")) + "," + said + "," +
                   user(result("1", "\"one\"")),
               {in_responses("1", "\"one\"")}},
           Row{"behind two of them in a row",
               user(text("q")) + "," + call("1") + "," + said + "," + user(result("1", "\"one\"")),
               {in_responses("1", "\"one\"")}},
           Row{"behind the system's",
               user(text("q")) + "," + call("1") + "," + system + "," +
                   user(result("1", "\"one\"")),
               {in_responses("1", "\"one\"")}},
           Row{"behind the next call's",
               user(text("q")) + "," + call("1") + "," + call("2") + "," +
                   user(result("2", "\"two\"") + "," + result("1", "\"one\"")),
               {in_responses("1", "\"one\""), in_responses("2", "\"two\"")}},
           Row{"of an id that was called twice, and answered once",
               user(text("q")) + "," + call("1") + "," + user(result("1", "\"one\"")) + "," +
                   call("1"),
               {in_responses("1", "\"one\""), in_responses("1", none)}},
           Row{"of an id that was called twice",
               user(text("q")) + "," + call("1") + "," + user(result("1", "\"one\"")) + "," +
                   call("1") + "," + user(result("1", "\"again\"")),
               {in_responses("1", "\"one\""), in_responses("1", "\"again\"")}},
       }) {
    CAPTURE(row.what);
    // Each behind its call; the other dialects tell the same ones.
    const std::string input = sent_of(Dialect::responses, row.messages, 0);
    CAPTURE(input);
    std::vector<std::string> results;
    std::string called;
    const std::string list = "[" + input + "]";
    for (const Json& item : Json(list).items()) {
      if (item["type"].is("function_call")) called = item["call_id"].text();
      if (!item["type"].is("function_call_output")) continue;
      CHECK(item["call_id"].is(called));
      results.emplace_back(item.raw());
    }
    CHECK(results == row.results);
    const std::string chat = "[" + sent_of(Dialect::chat, row.messages, 0) + "]";
    std::vector<std::string> of_chat;
    for (const Json& message : Json(chat).items()) {
      if (message["role"].is("tool"))
        of_chat.push_back(
            in_responses(message["tool_call_id"].text(), std::string(message["content"].raw())));
    }
    CHECK(of_chat == row.results);
  }
}

TEST_CASE("a call without an id gets one, and so does its result", "[dialect]") {
  const std::string messages =
      R"({"role":"user","content":"q"},{"role":"assistant","content":[)"
      R"({"type":"tool_use","id":"","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"","content":"one"}]})";
  const std::string id = id_for(IdForm::responses, "");
  CHECK(sent_of(Dialect::responses, messages, 1) == R"({"type":"function_call","call_id":")" + id +
                                                        R"(","name":"f","arguments":"{}"},)" +
                                                        in_responses(id, "\"one\""));
  CHECK(sent_of(Dialect::chat, messages, 2) == in_chat(id, "one"));
  CHECK(sent_of(Dialect::gemini, messages, 2) == "[" + in_gemini(id, R"({"output":"one"})") + "]");
}
