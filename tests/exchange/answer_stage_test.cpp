#include "exchange/answer_stage.hpp"

#include <memory>
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
    }
    return {};
  }
  Result<void> end(std::string& out) override {
    if (half_) return Error{ErrorCode::provider, "half a byte is missing"};
    out += tail;
    return {};
  }
  bool between_messages() const override { return !half_; }
  std::string tail;

 private:
  bool half_ = false;
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
  std::unique_ptr<AnswerDecoder> decoder;
  std::unique_ptr<AnswerStage> stage;

  AnswerStage& begin() {
    const Outcome outcome = head.status < 300 ? Outcome::success : Outcome::rejected;
    stage = std::make_unique<AnswerStage>(
        facts, limits, AnswerStage::What{operation, dialect, head, outcome}, std::move(decoder));
    return *stage;
  }
  AnswerStage& begin_json(int status = 200) {
    head = {status, Headers{{"content-type", "application/json"}}};
    return begin();
  }
};

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
    if (verdict == Verdict::pass) got += stage.take_held();
    got += step.shown;
  }
  Verdict verdict = Verdict::undecided;
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
    CHECK(stage.usage().input == 11);
    CHECK(stage.usage().output == 7);
  }
}

TEST_CASE("nothing of a stream is shown before its first real event", "[exchange]") {
  Scene s;
  AnswerStage& stage = s.begin();
  Fed fed(stage, start + event("ping") + ": a comment\n\n", 5);
  CHECK(fed.verdict == Verdict::undecided);
  CHECK(fed.got.empty());
  const auto step = stage.feed("event: content_block_start\n");
  CHECK(step.verdict == Verdict::pass);
  CHECK(step.shown.empty());
  CHECK(stage.take_held() == start + event("ping") + ": a comment\n\nevent: content_block_start\n");
}

TEST_CASE("an error that begins a stream is a failure with its meaning", "[exchange]") {
  struct Case {
    const char* type;
    Verdict verdict;
    Outcome outcome;
  };
  for (const Case& c : {Case{"overloaded_error", Verdict::failed, Outcome::overloaded},
                        Case{"rate_limit_error", Verdict::failed, Outcome::rate_limited},
                        Case{"api_error", Verdict::failed, Outcome::failed},
                        // So it is everywhere: the client gets it as it came.
                        Case{"invalid_request_error", Verdict::pass, Outcome::rejected}}) {
    INFO(c.type);
    const std::string bytes = start + error_event(c.type);
    Scene s;
    AnswerStage& stage = s.begin();
    const Fed fed(stage, bytes, 3);
    CHECK(fed.verdict == c.verdict);
    if (c.verdict == Verdict::pass) {
      CHECK(fed.got == bytes);
      CHECK(stage.conclude(true, {}).outcome == c.outcome);
      continue;
    }
    CHECK(fed.got.empty());
    const Failure failure = stage.failure({});
    CHECK(failure.outcome == c.outcome);
    CHECK(failure.detail == "in-band " + std::string(c.type) + ": m");
    CHECK(failure.body == bytes);
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
    CHECK(stage.failure("reset").detail == "reset");
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
    const auto step = stage.feed(error);
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

TEST_CASE("pings go between events and errors behind what ends a cut one", "[exchange]") {
  Scene s;
  AnswerStage& stage = s.begin();
  stage.feed(start + block);
  CHECK(stage.is_watched());
  CHECK(stage.may_take_ping());
  CHECK(stage.before_error() == "");
  stage.feed("event: content");
  CHECK_FALSE(stage.may_take_ping());
  CHECK(stage.before_error() == "\n\n");
  stage.feed("_block_delta\n");
  CHECK(stage.before_error() == "\n");
  stage.feed("data: {}\n\n" + stop);
  CHECK_FALSE(stage.may_take_ping());
  CHECK_FALSE(stage.before_error());
}

TEST_CASE("a JSON message goes on at once, and its usage is read at its end", "[exchange]") {
  const std::string json =
      R"({"type":"message","content":[],"usage":{"input_tokens":5,"output_tokens":6}})";
  Scene s;
  AnswerStage& stage = s.begin_json();
  CHECK_FALSE(stage.holds());
  CHECK_FALSE(stage.is_watched());
  CHECK_FALSE(stage.before_error());
  Fed fed(stage, json, 7);
  fed.end(stage, true);
  CHECK(fed.got == json);
  CHECK(stage.usage().input == 0);
  CHECK(stage.conclude(true, {}).outcome == Outcome::success);
  CHECK(stage.usage().input == 5);
  CHECK(stage.usage().output == 6);
}

TEST_CASE("a JSON message that was cut or is too long tells no usage", "[exchange]") {
  const std::string json = R"({"type":"message","usage":{"input_tokens":5,"output_tokens":6}})";
  for (const bool cut : {true, false}) {
    Scene s;
    if (!cut) s.limits.inspect_bytes = json.size() - 1;
    AnswerStage& stage = s.begin_json();
    Fed fed(stage, json, 7);
    CHECK(fed.got == json);
    CHECK(stage.conclude(!cut, "reset").cut == cut);
    CHECK(stage.usage().input == 0);
  }
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
      CHECK(stage.usage().output == 7);
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

TEST_CASE("inside a message of a cloud's nothing can be said to its client", "[exchange]") {
  Scene s;
  s.dialect = Dialect::bedrock;
  s.decoder = std::make_unique<Halving>();
  AnswerStage& stage = s.begin();
  stage.feed(doubled(start + block));
  CHECK(stage.before_error() == "");
  stage.feed("e");
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
