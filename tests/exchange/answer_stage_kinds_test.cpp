#include <string>

#include "answer_scene.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using namespace ccrelay::exchange::scenes;

TEST_CASE("a stream is one by its first bytes, whatever its head says", "[exchange]") {
  for (const char* type : {"", "application/json", "application/octet-stream", "text/plain"}) {
    for (const std::string before : {"", "\n\n", "\xEF\xBB\xBF", ": hello\n\n", "retry: 5\n\n"}) {
      for (const std::size_t size : {1u, 4u, 1000u}) {
        INFO(type << " " << before);
        Scene s;
        s.head = {200, Headers{}};
        if (*type) s.head.headers.add("content-type", type);
        AnswerStage& stage = s.begin();
        Fed fed(stage, before + whole_stream, size);
        CHECK(stage.is_watched());
        fed.end(stage, false);
        CHECK(fed.got == before + whole_stream);
        CHECK(told(stage, TokenClass::output) == 7u);
      }
    }
  }
}

TEST_CASE("a JSON message is held to its end, whatever its head says", "[exchange]") {
  const std::string json =
      R"({"type":"message","content":[],"usage":{"input_tokens":5,"output_tokens":6}})";
  for (const char* type : {"application/json", "", "text/event-stream", "text/html"}) {
    INFO(type);
    Scene s;
    s.head = {200, Headers{{"content-type", type}}};
    AnswerStage& stage = s.begin();
    CHECK(stage.holds());
    Fed fed(stage, " \n" + json, 7);
    CHECK(fed.verdict == Verdict::undecided);
    CHECK_FALSE(stage.may_be_shown_early());
    CHECK_FALSE(stage.is_watched());
    CHECK_FALSE(stage.before_error());
    fed.end(stage, true);
    CHECK(fed.got == " \n" + json);
    CHECK(stage.conclude(true, {}).outcome == Outcome::success);
    CHECK(told(stage, TokenClass::input) == 5u);
    CHECK(told(stage, TokenClass::output) == 6u);
  }
}

TEST_CASE("a JSON message that is cut has failed unseen", "[exchange]") {
  const std::string json = R"({"type":"message","usage":{"input_tokens":5,"output_tokens":6}})";
  for (std::size_t cut = 0; cut <= json.size(); ++cut) {
    Scene s;
    AnswerStage& stage = s.begin_json();
    Fed fed(stage, json.substr(0, cut), 7);
    fed.end(stage, false);
    REQUIRE(fed.verdict == Verdict::failed);
    CHECK(fed.got.empty());
    CHECK(stage.failure("reset").detail == "reset");
    CHECK_FALSE(told(stage, TokenClass::input));
    CHECK_FALSE(stage.is_told());
  }
}

TEST_CASE("a JSON message too long to be held goes on as it comes, and tells its usage",
          "[exchange]") {
  const std::string json = R"({"type":"message","usage":{"input_tokens":5,"output_tokens":6}})";
  for (const bool cut : {true, false}) {
    Scene s;
    s.limits.inspect_bytes = json.size() - 1;
    AnswerStage& stage = s.begin_json();
    Fed fed(stage, json, 7);
    fed.end(stage, !cut);
    CHECK(fed.got == json);
    CHECK(stage.conclude(!cut, "reset").cut == cut);
    CHECK(told(stage, TokenClass::input) == 5u);
    CHECK(told(stage, TokenClass::output) == 6u);
  }
}

TEST_CASE("a 200 that is no answer has failed, and says how", "[exchange]") {
  struct Case {
    Operation operation;
    const char* type;
    const char* body;
    const char* detail;
  };
  constexpr auto messages = Operation::messages;
  constexpr auto counting = Operation::count_tokens;
  for (const Case& c :
       {Case{messages, "application/json", "",
             "answered 200 with an empty body where JSON or an event stream was expected; check "
             "base_url"},
        Case{messages, "application/json", "{}", "answered 200 with JSON that is no message"},
        Case{messages, "application/json", "[]", "answered 200 with JSON that is no message"},
        Case{messages, "application/json", "{\"input_tokens\":5}",
             "answered 200 with JSON that is no message"},
        Case{messages, "application/json", "{\"choices\":[]}",
             "answered 200 with JSON that is no message"},
        Case{messages, "application/json", "{\"type\":\"message\"",
             "answered 200 with JSON that is no message"},
        Case{messages, "text/plain", "OK",
             "answered 200 with text where JSON or an event stream was expected; check base_url"},
        Case{messages, "", "<!DOCTYPE html><p>log in</p>",
             "answered 200 with an HTML page where JSON or an event stream was expected; check "
             "base_url"},
        Case{messages, "text/event-stream", "",
             "answered 200 with an empty body where JSON or an event stream was expected; check "
             "base_url"},
        Case{counting, "application/json", "{\"type\":\"message\",\"content\":[]}",
             "answered 200 with JSON that is no count of tokens"},
        Case{counting, "application/json", "{\"tokens\":5}",
             "answered 200 with JSON that is no count of tokens"},
        Case{counting, "text/event-stream", "data: {}\n\n",
             "answered 200 with an event stream where a count of tokens was expected"}}) {
    for (const std::size_t size : {1u, 1000u}) {
      INFO(c.body);
      Scene s;
      s.operation = c.operation;
      s.head = {200, Headers{{"content-type", c.type}}};
      AnswerStage& stage = s.begin();
      Fed fed(stage, c.body, size);
      if (fed.verdict == Verdict::undecided) fed.end(stage, true);
      CHECK(fed.verdict == Verdict::failed);
      CHECK(fed.got.empty());
      CHECK_FALSE(stage.error());
      CHECK(stage.failure({}).detail == c.detail);
    }
  }
}

TEST_CASE("JSON that is an error has failed with it", "[exchange]") {
  struct Case {
    const char* body;
    const char* type;
    const char* code;
  };
  for (const Case& c :
       {Case{R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})",
             "overloaded_error", ""},
        Case{R"({"error":{"type":"overloaded_error","message":"m"}})", "overloaded_error", ""},
        Case{R"({"error":{"code":402,"message":"m"}})", "402", "402"},
        Case{R"({"error":"m"})", "error", ""},
        Case{R"({"code":500,"msg":"m","success":false})", "500", "500"},
        Case{R"({"base_resp":{"status_code":1008,"status_msg":"m"}})", "1008", "1008"}}) {
    INFO(c.body);
    Scene s;
    AnswerStage& stage = s.begin_json();
    Fed fed(stage, c.body, 6);
    fed.end(stage, true);
    CHECK(fed.verdict == Verdict::failed);
    REQUIRE(stage.error());
    CHECK(stage.error()->type == c.type);
    CHECK(stage.error()->code == c.code);
    CHECK(stage.error()->message == "m");
    CHECK(stage.error_json() == c.body);
    CHECK(stage.failure({}).body == c.body);
  }
}

TEST_CASE("a message with a vendor's all-is-well in it is a message", "[exchange]") {
  Scene s;
  AnswerStage& stage = s.begin_json();
  Fed fed(stage, R"({"type":"message","content":[],"base_resp":{"status_code":0},"error":null})",
          9);
  fed.end(stage, true);
  CHECK(fed.verdict == Verdict::pass);
}

TEST_CASE("what is passed through and what has no good status is none of its business",
          "[exchange]") {
  Scene s;
  s.operation = Operation::other;
  AnswerStage& stage = s.begin_json();
  CHECK_FALSE(stage.holds());
  CHECK(stage.feed("anything").shown == "anything");
  CHECK(stage.end(true).verdict == Verdict::pass);
}

TEST_CASE("an answer that can't be read goes through unwatched", "[exchange]") {
  Scene s;
  s.head.headers.add("content-encoding", "gzip");
  AnswerStage& stage = s.begin();
  CHECK_FALSE(stage.holds());
  CHECK_FALSE(stage.is_watched());
  CHECK(stage.feed(start).shown == start);
  CHECK(stage.conclude(true, {}).outcome == Outcome::success);
  CHECK(stage.conclude(false, "reset").cut);
}
