#include "exchange/answer_stage.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

namespace {

using Verdict = AnswerStage::Verdict;

std::string event(const std::string& type, const std::string& more = {}) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + more + "}\n\n";
}
std::string error_event(const std::string& type) {
  return event("error", R"(,"error":{"type":")" + type + R"(","message":"m"})");
}

const std::string start =
    event("message_start", R"(,"message":{"usage":{"input_tokens":11,"output_tokens":1}})");
const std::string block = event("content_block_start");
const std::string delta = event("message_delta", R"(,"usage":{"output_tokens":7})");
const std::string stop = event("message_stop");
const std::string whole_stream = start + event("ping") + block + delta + stop;

/// Doubles every byte on the way back, so that a test sees which side it looks at; breaks on '!'.
class Halving final : public AnswerDecoder {
 public:
  Result<void> feed(std::string_view bytes, std::string& out) override {
    for (const char byte : bytes) {
      if (byte == '!') return Error{ErrorCode::provider, "a bang"};
      if (half_) out += byte;
      half_ = !half_;
      fed_++;
    }
    return {};
  }
  Result<void> end(std::string& out) override {
    if (half_) return Error{ErrorCode::provider, "half a byte is missing"};
    out += tail;
    return {};
  }
  // A message is all that the events of a stream are made of.
  std::uint64_t whole_bytes() const override { return fed_ - (half_ ? 1 : 0); }
  std::string tail;

 private:
  bool half_ = false;
  std::uint64_t fed_ = 0;
};

std::string doubled(const std::string& text) {
  std::string out;
  for (const char byte : text) out.append(2, byte);
  return out;
}

struct Scene {
  wire::AnswerFacts facts;
  StreamConfig limits;
  ResponseHead head{200, Headers{{"content-type", "text/event-stream"}}};
  Operation operation = Operation::messages;
  Dialect dialect = Dialect::anthropic;
  bool wants_stream = false;
  std::unique_ptr<AnswerDecoder> decoder;
  std::unique_ptr<AnswerStage> stage;

  AnswerStage& begin() {
    const Outcome outcome = head.status < 300 ? Outcome::success : Outcome::rejected;
    stage = std::make_unique<AnswerStage>(
        facts, limits,
        AnswerStage::What{operation, dialect, head, outcome, Authority::none, {}, wants_stream},
        std::move(decoder));
    return *stage;
  }
  AnswerStage& begin_json(int status = 200) {
    head = {status, Headers{{"content-type", "application/json"}}};
    return begin();
  }
};

std::optional<std::uint64_t> told(const AnswerStage& stage, TokenClass which) {
  const UsageReport usage = stage.usage();
  return usage.charges.empty() ? std::nullopt : usage.charges.front().tokens[which];
}

/// What the client has got after `bytes` in pieces of `size`, and the last verdict.
struct Fed {
  Fed(AnswerStage& stage, const std::string& bytes, std::size_t size) {
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      const auto step = stage.feed(std::string_view(bytes).substr(at, size));
      take(stage, step);
      if (verdict == Verdict::failed || !broken.empty()) return;
    }
  }
  void end(AnswerStage& stage, bool whole) { take(stage, stage.end(whole)); }
  void take(AnswerStage& stage, const AnswerStage::Step& step) {
    verdict = step.verdict;
    broken = step.broken;
    if (verdict == Verdict::pass && !passes) got += stage.take_held();
    passes = verdict == Verdict::pass;
    got += step.carried;
    got += step.shown;
  }
  Verdict verdict = Verdict::undecided;
  bool passes = false;
  std::string broken;
  std::string got;
};

}  // namespace

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

TEST_CASE("only whole events go on, wherever the provider cuts them", "[exchange]") {
  for (const std::string end_of_line : {"\n", "\r\n", "\r"}) {
    std::string stream;
    std::vector<std::size_t> ends;
    for (const char* type :
         {"message_start", "content_block_start", "ping", "content_block_delta", "message_stop"}) {
      stream += "event: " + std::string(type) + end_of_line + "data: {\"type\":\"" + type + "\"}" +
                end_of_line + end_of_line;
      ends.push_back(stream.size());
    }
    const std::string begun = stream.substr(0, ends[1]);
    for (std::size_t cut = begun.size(); cut + 1 < stream.size(); ++cut) {
      INFO("cut at " << cut);
      Scene s;
      AnswerStage& stage = s.begin();
      Fed fed(stage, begun, 1000);
      CHECK(fed.got == begun);
      for (std::size_t at = begun.size(); at < cut; at += 5) {
        fed.take(stage, stage.feed(std::string_view(stream).substr(
                            at, std::min<std::size_t>(5, cut - at))));
      }
      std::size_t whole = 0;
      for (const std::size_t end : ends) whole = end <= cut ? end : whole;
      // The second half of a CRLF may be missing yet.
      const bool at_cr = end_of_line == "\r\n" && cut + 1 < stream.size() + 1 &&
                         std::find(ends.begin(), ends.end(), cut + 1) != ends.end();
      CHECK(fed.got == stream.substr(0, at_cr ? cut : whole));
      CHECK(stage.may_take_ping());
      CHECK(stage.before_error() == "");
      fed.end(stage, false);
      CHECK(fed.got == stream.substr(0, at_cr ? cut : whole));
      CHECK(stage.conclude(false, "reset").cut);
    }
  }
}

TEST_CASE("an event too long to wait for goes on as it comes", "[exchange]") {
  Scene s;
  s.limits.buffer_bytes = 40;
  AnswerStage& stage = s.begin();
  Fed fed(stage, start.substr(0, 30), 1000);
  s.limits.buffer_bytes = 40;
  fed = Fed(stage, start.substr(30) + block, 1000);
  const std::string before = fed.got;
  CHECK(before == start + block);
  fed.got.clear();
  fed.take(stage, stage.feed("event: content_block_delta\n"));
  CHECK(fed.got.empty());
  fed.take(stage, stage.feed("data: {\"type\":\"conte"));
  CHECK(fed.got == "event: content_block_delta\ndata: {\"type\":\"conte");
  CHECK_FALSE(stage.may_take_ping());
  CHECK(stage.before_error() == "\n\n");
  fed.take(stage, stage.feed("nt_block_delta\"}\n"));
  CHECK(stage.before_error() == "\n");
  fed.got.clear();
  fed.take(stage, stage.feed("\nevent: ping\n"));
  CHECK(fed.got == "\n");
  CHECK(stage.may_take_ping());
  CHECK(stage.before_error() == "");
  fed.take(stage, stage.feed("data: {}\n\n" + stop));
  CHECK(fed.got == "\nevent: ping\ndata: {}\n\n" + stop);
  CHECK_FALSE(stage.may_take_ping());
  CHECK_FALSE(stage.before_error());
}

TEST_CASE("a comment between events waits for nothing", "[exchange]") {
  Scene s;
  AnswerStage& stage = s.begin();
  Fed fed(stage, start + block, 1000);
  const auto step = stage.feed(": keep-alive\n");
  CHECK(step.carried + std::string(step.shown) == ": keep-alive\n");
  CHECK(stage.may_take_ping());
}

TEST_CASE("events that come whole are not copied", "[exchange]") {
  Scene s;
  AnswerStage& stage = s.begin();
  Fed fed(stage, start + block, 1000);
  const auto step = stage.feed(delta);
  CHECK(step.carried.empty());
  CHECK(step.shown.data() == delta.data());
  // Of a cut one only the beginning is.
  CHECK(stage.feed(stop.substr(0, 9)).shown.empty());
  const std::string rest = stop.substr(9);
  const auto last = stage.feed(rest);
  CHECK(last.carried == stop.substr(0, 9));
  CHECK(last.shown.data() == rest.data());
}

TEST_CASE("a last event without its blank line is whole all the same", "[exchange]") {
  for (const std::string missing : {"\n", "\n\n"}) {
    for (const std::size_t size : {3u, 1000u}) {
      Scene s;
      AnswerStage& stage = s.begin();
      Fed fed(stage, whole_stream.substr(0, whole_stream.size() - missing.size()), size);
      fed.end(stage, true);
      CHECK(fed.got == whole_stream);
      CHECK(stage.conclude(true, {}).outcome == Outcome::success);
    }
  }
}

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

TEST_CASE("a decoded stream is shown in the client's form and watched in Anthropic's",
          "[exchange]") {
  for (const Dialect dialect : {Dialect::anthropic, Dialect::bedrock}) {
    for (const std::size_t size : {1u, 2u, 3u, 50u, 5000u}) {
      Scene s;
      s.dialect = dialect;
      s.decoder = std::make_unique<Halving>();
      if (dialect == Dialect::bedrock) {
        s.head.headers.set("content-type", "application/vnd.amazon.eventstream");
      }
      AnswerStage& stage = s.begin();
      Fed fed(stage, doubled(whole_stream), size);
      fed.end(stage, true);
      CHECK(fed.got == (dialect == Dialect::bedrock ? doubled(whole_stream) : whole_stream));
      CHECK(stage.conclude(true, {}).outcome == Outcome::success);
      CHECK(told(stage, TokenClass::output) == 7u);
    }
  }
}

TEST_CASE("an answer that stops making sense is broken where it does", "[exchange]") {
  Scene s;
  s.decoder = std::make_unique<Halving>();
  AnswerStage& stage = s.begin();
  const Fed fed(stage, doubled(start + block) + "!", 1000);
  CHECK(fed.verdict == Verdict::pass);
  CHECK(fed.got == start + block);
  CHECK(fed.broken == "a bang");
}

TEST_CASE("an answer whose last bytes are half a message is not whole", "[exchange]") {
  Scene s;
  s.decoder = std::make_unique<Halving>();
  AnswerStage& stage = s.begin();
  stage.feed(doubled(start + block) + "e");
  CHECK(stage.end(true).broken == "half a byte is missing");
}

TEST_CASE("only whole messages of a cloud's go to its client", "[exchange]") {
  Scene s;
  s.dialect = Dialect::bedrock;
  s.decoder = std::make_unique<Halving>();
  AnswerStage& stage = s.begin();
  stage.feed(doubled(start + block));
  CHECK(stage.before_error() == "");
  // What has come of the next one waits for its end.
  stage.feed("e");
  CHECK(stage.before_error() == "");
}

TEST_CASE("inside a message of a cloud's that is too long to wait for nothing can be said",
          "[exchange]") {
  Scene s;
  s.dialect = Dialect::bedrock;
  s.decoder = std::make_unique<Halving>();
  s.limits.buffer_bytes = 0;
  AnswerStage& stage = s.begin();
  CHECK(stage.feed(doubled(start + block)).verdict == Verdict::pass);
  CHECK(stage.take_held() == doubled(start + block));
  CHECK(stage.feed("e").shown == "e");
  CHECK_FALSE(stage.before_error());
}

TEST_CASE("a decoded answer that makes sense only whole is held to its end, however long it takes",
          "[exchange]") {
  const std::string json = R"({"input_tokens":7})";
  Scene s;
  s.limits.inspect_bytes = 0;  // a limit on what is read for usage, and on nothing else
  s.operation = Operation::count_tokens;
  auto decoder = std::make_unique<Halving>();
  decoder->tail = "}";
  s.decoder = std::move(decoder);
  AnswerStage& stage = s.begin_json();
  CHECK(stage.holds());
  CHECK_FALSE(stage.may_be_shown_early());
  Fed fed(stage, doubled(json.substr(0, json.size() - 1)), 2);
  CHECK(fed.verdict == Verdict::undecided);
  fed.end(stage, true);
  CHECK(fed.verdict == Verdict::pass);
  CHECK(fed.got == json);
}
