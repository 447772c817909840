#include "exchange/stream_tap.hpp"

#include <ccrelay/testing/fake_provider.hpp>

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

namespace {

struct Tapped {
  explicit Tapped(std::size_t inspect_bytes = 64 * 1024) : tap(reader, inspect_bytes, usage) {}
  wire::AnswerFacts reader;
  Tokens tokens() const {
    const UsageReport report = usage.report();
    return report.charges.empty() ? Tokens() : report.charges.front().tokens;
  }
  wire::UsageReader usage;
  StreamTap tap;
};

std::string event(const std::string& type, const std::string& more = {}) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + more + "}\n\n";
}

const std::string overloaded =
    event("error", R"(,"error":{"type":"overloaded_error","message":"m"})");

}  // namespace

TEST_CASE("message_start and ping are no answer yet", "[relay]") {
  Tapped t;
  t.tap.feed(event("message_start") + event("ping") + ": comment\n\n");
  CHECK_FALSE(t.tap.answering());
  CHECK_FALSE(t.tap.finished());
}

TEST_CASE("any other event is an answer when it is whole", "[relay]") {
  Tapped t;
  t.tap.feed("event: content_block_start\ndata: {}\n");
  CHECK_FALSE(t.tap.answering());
  t.tap.feed("\n");
  CHECK(t.tap.answering());
}

TEST_CASE("an error event before the answer has failed the stream", "[relay]") {
  Tapped t;
  t.tap.feed(event("message_start") + overloaded);
  CHECK(t.tap.failed());
  CHECK(t.tap.finished());
  CHECK_FALSE(t.tap.answering());
  CHECK(t.tap.error().type == "overloaded_error");
  CHECK(t.tap.error().message == "m");
}

TEST_CASE("a stream without event lines is read by its data", "[relay]") {
  Tapped t;
  t.tap.feed("data: {\"type\":\"message_start\"}\n\n");
  CHECK_FALSE(t.tap.answering());
  t.tap.feed("data: {\"type\":\"content_block_start\"}\n\n");
  CHECK(t.tap.answering());
  t.tap.feed("data: {\"type\":\"message_stop\"}\n\n");
  CHECK(t.tap.finished());
}

TEST_CASE("an error without an event line has failed the stream", "[relay]") {
  Tapped t;
  t.tap.feed("data: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}\n\n");
  CHECK(t.tap.failed());
  CHECK_FALSE(t.tap.answering());
}

TEST_CASE("data of no known shape counts as an answer", "[relay]") {
  Tapped t;
  t.tap.feed("data: [DONE]\n\n");
  CHECK(t.tap.answering());
}

TEST_CASE("a stream is finished by message_stop alone", "[relay]") {
  Tapped t;
  t.tap.feed(event("message_start") + event("content_block_start") + event("message_delta"));
  CHECK_FALSE(t.tap.finished());
  t.tap.feed("event: message_stop\ndata: {\"type\":\"message_stop\"}\n");
  CHECK_FALSE(t.tap.finished());
  t.tap.feed("\n");
  CHECK(t.tap.finished());
}

TEST_CASE("usage is the same wherever the stream is cut", "[relay]") {
  std::string stream;
  for (const std::string& one : ccrelay::testing::Script::events("hello world")) stream += one;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    Tapped t;
    t.tap.feed(std::string_view(stream).substr(0, cut));
    t.tap.feed(std::string_view(stream).substr(cut));
    INFO("cut at " << cut);
    CHECK(t.tokens() == Tokens{{11, 7, 3, 0, 5}});
    CHECK(t.tap.finished());
  }
}

TEST_CASE("an event too large to read does not stop the stream", "[relay]") {
  Tapped t(100);
  t.tap.feed(event("content_block_delta", ",\"x\":\"" + std::string(500, 'x') + "\""));
  t.tap.feed(event("message_delta", R"(,"usage":{"output_tokens":9})"));
  t.tap.feed(event("message_stop"));
  CHECK(t.tap.finished());
  CHECK(t.tokens()[TokenClass::output] == 9u);
}

TEST_CASE("an event too large to read is still asked for usage and model", "[relay]") {
  const std::string long_text = std::string(700, 'x') + R"(\"usage\":{\"output_tokens\":1})";
  const std::string start =
      "event: message_start\ndata: {\"type\":\"message_start\",\ndata: \"message\":{\"text\":\"" +
      long_text + R"(","model":"claude-\u0078","usage":{"input_tokens":70,"output_tokens":1}}})" +
      "\n\n";
  const std::string stream =
      start + event("content_block_delta", ",\"x\":\"" + long_text + "\"") +
      event("message_delta", ",\"x\":\"" + long_text + R"(","usage":{"output_tokens":9})") +
      event("message_stop");
  for (const std::size_t size : {std::size_t{1}, std::size_t{99}, stream.size()}) {
    Tapped t(100);
    for (std::size_t at = 0; at < stream.size(); at += size) {
      t.tap.feed(std::string_view(stream).substr(at, size));
    }
    CHECK(t.tap.finished());
    CHECK(t.tokens()[TokenClass::input] == 70u);
    CHECK(t.tokens()[TokenClass::output] == 9u);
    CHECK(t.usage.model() == "claude-x");
    CHECK(t.tap.content_estimate() == (long_text.size() + 37 - 90) / 4);
  }
}

TEST_CASE("what ends a cut event leaves the next one standing by itself", "[relay]") {
  const std::string whole = event("ping");
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    Tapped t;
    const std::string head = event("content_block_start") + whole.substr(0, cut);
    t.tap.feed(head);
    const std::string ended = head + std::string(t.tap.separator());
    INFO("cut at " << cut);
    CHECK(ended.substr(ended.size() - 2) == "\n\n");
  }
}

TEST_CASE("between events nothing has to be ended", "[relay]") {
  Tapped t;
  CHECK(t.tap.separator().empty());
  t.tap.feed(event("ping"));
  CHECK(t.tap.separator().empty());
}
