#include "exchange/answer_stage.hpp"

#include <string>

#include "answer_scene.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using namespace ccrelay::exchange::scenes;

TEST_CASE("a stream is held until it answers, and goes on byte for byte however it is cut",
          "[exchange]") {
  for (std::size_t size = 1; size <= whole_stream.size(); ++size) {
    Scene s;
    AnswerStage& stage = s.begin();
    CHECK(stage.holds());
    CHECK(stage.may_be_shown_early());
    CHECK(stage.feed("").verdict == Verdict::undecided);
    Fed fed(stage, whole_stream, size);
    fed.end(stage, true);
    REQUIRE(fed.got == whole_stream);
    CHECK_FALSE(stage.holds());
    const auto end = stage.conclude(true, {});
    CHECK(end.outcome == Outcome::success);
    CHECK_FALSE(end.cut);
    CHECK(told(stage, TokenClass::input) == 11u);
    CHECK(told(stage, TokenClass::output) == 7u);
  }
}

TEST_CASE("nothing of a stream is shown before its first real event", "[exchange]") {
  Scene s;
  AnswerStage& stage = s.begin();
  Fed fed(stage, start + event("ping") + ": a comment\n\n", 5);
  CHECK(fed.verdict == Verdict::undecided);
  CHECK(fed.got.empty());
  CHECK(stage.feed("event: content_block_start\n").verdict == Verdict::undecided);
  const auto step = stage.feed("data: {}\n\nevent: cut");
  CHECK(step.verdict == Verdict::pass);
  CHECK(step.carried.empty());
  CHECK(step.shown.empty());
  CHECK(stage.take_held() ==
        start + event("ping") + ": a comment\n\nevent: content_block_start\ndata: {}\n\n");
}

TEST_CASE("an error that begins a stream is a failure, and what a client would get of it",
          "[exchange]") {
  for (const std::string& before :
       {std::string(), start, start + event("ping") + ": comment\n\n"}) {
    for (const std::string& error :
         {error_event("overloaded_error"),
          // Without a blank, with other line ends, without a name.
          std::string("event:error\r\ndata:{\"type\":\"error\",\"error\":{\"type\":"
                      "\"overloaded_error\",\"message\":\"m\"}}\r\n\r\n"),
          std::string("data: {\"error\":{\"message\":\"m\",\"type\":\"overloaded_error\"}}\n\n"),
          std::string("data: {\"type\":\"error\",\"error\":{\"message\":\"m\",\"type\":"
                      "\"overloaded_error\"}}\n\n"),
          std::string("event: message\ndata: {\"error\":{\"type\":\"overloaded_error\","
                      "\"message\":\"m\"}}\n\n"),
          std::string("event: content_block_delta\ndata: {\"error\":{\"type\":"
                      "\"overloaded_error\",\"message\":\"m\"}}\n\n")}) {
      for (const std::size_t size : {1u, 2u, 3u, 7u, 1000u}) {
        INFO(before << error << " in pieces of " << size);
        Scene s;
        AnswerStage& stage = s.begin();
        const Fed fed(stage, before + error + "data: [DONE]\n\n", size);
        REQUIRE(fed.verdict == Verdict::failed);
        CHECK(fed.got.empty());
        REQUIRE(stage.error());
        CHECK(stage.error()->type == "overloaded_error");
        CHECK(stage.error_json().find("overloaded_error") != std::string::npos);
        const Failure failure = stage.failure({});
        CHECK(failure.detail == "in-band overloaded_error: m");
        const bool seen =
            error.substr(0, 11) == "event: erro" || error.substr(0, 10) == "event:erro";
        const std::string told =
            seen ? error
                 : "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                   "\"overloaded_error\",\"message\":\"m\"}}\n\n";
        // A CR ends an event; the LF behind it may not be there yet.
        const std::string least = (before + told).substr(0, (before + told).size() - 1);
        CHECK(failure.body.substr(0, least.size()) == least);
      }
    }
  }
}

TEST_CASE("other words for an error in a stream", "[exchange]") {
  struct Case {
    const char* data;
    const char* type;
    const char* message;
  };
  for (const Case& c :
       {Case{R"({"error":"plain text"})", "api_error", "plain text"},
        Case{R"({"code":1113,"msg":"no balance"})", "api_error", "no balance"},
        Case{R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}})",
             "RESOURCE_EXHAUSTED", "slow"},
        Case{R"([{"error":{"code":503,"message":"later"}}])", "api_error", "later"}}) {
    INFO(c.data);
    Scene s;
    AnswerStage& stage = s.begin();
    const Fed fed(stage, "event: error\ndata: " + std::string(c.data) + "\n\n", 4);
    CHECK(fed.verdict == Verdict::failed);
    REQUIRE(stage.error());
    CHECK(stage.error()->type == c.type);
    CHECK(stage.error()->message == c.message);
  }
  Scene s;
  AnswerStage& stage = s.begin();
  const Fed fed(stage, "event: error\ndata: something broke\n\n", 5);
  CHECK(fed.verdict == Verdict::failed);
  CHECK(stage.error()->message == "something broke");
  CHECK(stage.error_json() ==
        R"({"type":"error","error":{"type":"api_error","message":"something broke"}})");
}

TEST_CASE("an error after the commit that no client looks for is told in their form",
          "[exchange]") {
  const std::string begun = start + block;
  const std::string foreign = R"(data: {"error":{"message":"m","type":"overloaded_error"}})";
  const std::string told =
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
      "\"message\":\"m\"}}\n\n";
  for (std::size_t size = 1; size < 400; ++size) {
    INFO("in pieces of " << size);
    Scene s;
    AnswerStage& stage = s.begin();
    Fed fed(stage, begun + foreign + "\n\ndata: [DONE]\n\n", size);
    fed.end(stage, true);
    REQUIRE(fed.got == begun + told);
    const auto end = stage.conclude(true, {});
    CHECK(end.outcome == Outcome::stream_broken);
    CHECK_FALSE(end.cut);
  }
}

TEST_CASE("a stream that ends before it answers has failed", "[exchange]") {
  for (const bool whole : {true, false}) {
    Scene s;
    AnswerStage& stage = s.begin();
    Fed fed(stage, start, 9);
    fed.end(stage, whole);
    CHECK(fed.verdict == Verdict::failed);
    CHECK(fed.got.empty());
    CHECK(stage.failure("reset").detail ==
          (whole ? "the stream ended before its first event" : "reset"));
  }
}

TEST_CASE("a stream is held no longer than what a client may have to wait for", "[exchange]") {
  SECTION("by size") {
    Scene s;
    s.limits.buffer_bytes = start.size();
    AnswerStage& stage = s.begin();
    CHECK(stage.feed(start).verdict == Verdict::undecided);
    CHECK(stage.feed(":").verdict == Verdict::pass);
    CHECK(stage.take_held() == start + ":");
  }
  SECTION("by time") {
    Scene s;
    AnswerStage& stage = s.begin();
    stage.feed(start);
    stage.stop_holding();
    CHECK(stage.take_held() == start);
    const std::string error = error_event("overloaded_error");
    const AnswerStage::Step step = stage.feed(error);
    CHECK(step.verdict == Verdict::pass);
    CHECK(step.shown == error);
    CHECK(stage.conclude(true, {}).outcome == Outcome::stream_broken);
  }
}

TEST_CASE("how a stream ended after it was passed on", "[exchange]") {
  struct Case {
    const char* what;
    std::string bytes;
    bool whole;
    Outcome outcome;
    std::string detail;
    bool cut;
  };
  const std::string begun = start + block;
  for (const Case& c :
       {Case{"whole", begun + stop, true, Outcome::success, "", false},
        Case{"reset behind its last event", begun + stop, false, Outcome::success, "", false},
        Case{"cut", begun, false, Outcome::stream_broken, "reset", true},
        Case{"clean and too early", begun, true, Outcome::stream_broken,
             "the stream ended without message_stop", true},
        Case{"an error inside", begun + error_event("api_error"), true, Outcome::stream_broken,
             "in-band api_error: m", false},
        Case{"the request's fault", begun + error_event("request_too_large"), false,
             Outcome::rejected, "in-band request_too_large: m", false}}) {
    INFO(c.what);
    Scene s;
    AnswerStage& stage = s.begin();
    Fed fed(stage, c.bytes, 4);
    fed.end(stage, c.whole);
    CHECK(fed.got == c.bytes);
    const auto end = stage.conclude(c.whole, "reset");
    CHECK(end.outcome == c.outcome);
    CHECK(end.detail == c.detail);
    CHECK(end.cut == c.cut);
  }
}
