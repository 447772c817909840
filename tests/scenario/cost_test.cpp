#include <chrono>
#include <string>

#include "catch.hpp"
#include "price/rows.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::minutes;

// Strategy cost_based: where a conversation goes while its prompt is in somebody's cache. All
// figures by hand: tokens times thousandths of a USD per million are nano-USD.

namespace {

/// 10 000 tokens by their bytes, 9000 of which are to be cached; an answer of at most 8.
std::string turn(const std::string& more_headers = {}) {
  const std::string head =
      R"({"model":"claude-test","max_tokens":8,"messages":[{"role":"user","content":[)"
      R"({"type":"text","cache_control":{"type":"ephemeral"},"text":")";
  const std::string tail = R"("}]}]})";
  return F::post(head + std::string(39'996 - head.size() - tail.size(), 'x') + tail,
                 "X-Claude-Code-Session-Id: s\r\n" + more_headers);
}

Script answer(int read, int written) {
  return Script::reply(
      200, "application/json",
      R"({"type":"message","role":"assistant","content":[{"type":"text","text":"so"}],)"
      R"("stop_reason":"end_turn","usage":{"input_tokens":1000,"output_tokens":8,)"
      R"("cache_read_input_tokens":)" +
          std::to_string(read) + R"(,"cache_creation_input_tokens":)" + std::to_string(written) +
          R"(,"cache_creation":{"ephemeral_5m_input_tokens":)" + std::to_string(written) +
          R"(,"ephemeral_1h_input_tokens":0}}})");
}

/// Two providers, the cheaper of which fails the first request of the conversation.
struct Stage : F {
  explicit Stage(TokenRates of_cheap) {
    config.routing.strategy = "cost_based";
    config.routing.debug = true;
    dear = &add_provider("dear");
    cheap = &add_provider("cheap");
    config.prices = {row("dear", "claude-*", rates(2000, 10'000, 2500, 4000, 200)),
                     row("cheap", "claude-*", of_cheap)};
    cheap->enqueue(Script::error(500, "api_error", "down"));
    dear->enqueue(answer(0, 9000));
    start();
    const Answer first = ask(turn());
    CHECK(first.status == 200);
    CHECK(first.headers.get("x-cc-relay-expected-usd") == "0.020080000");
    CHECK(tries(finished(1)) == "cheap:failed dear:success");
  }
  /// "affinity expected tries" of the next turn.
  std::string next(std::size_t count) {
    const Answer got = ask(turn());
    CHECK(got.status == 200);
    return std::string(got.headers.get("x-cc-relay-affinity").value_or("-")) + ' ' +
           std::string(got.headers.get("x-cc-relay-expected-usd").value_or("-")) + ' ' +
           tries(finished(count));
  }

  FakeProvider* dear;
  FakeProvider* cheap;
};

}  // namespace

TEST_CASE("a conversation stays at its warm cache although another's list price is lower",
          "[scenario][cost]") {
  Stage s(rates(1000, 5000, 1250, 2000, 100));
  s.dear->enqueue(answer(9000, 0));
  // 9000 read, 1000 new, 8 out; elsewhere 12 290 000 with the 9000 to be written.
  CHECK(s.next(2) == "home 0.003880000 dear:success");
  CHECK(s.dear->requests().size() == 2);
  CHECK(s.cheap->requests().size() == 1);
  bool traced = false;
  for (const Note& note : s.observer.notes) {
    traced = traced ||
             note.message == "expected cost in USD: dear (home) 0.003880000, cheap 0.012290000";
  }
  CHECK(traced);

  SECTION("until the cache is cold, and then it stays at the one that was written") {
    s.harness.advance(minutes(5));
    s.cheap->enqueue(answer(0, 9000));
    CHECK(s.next(3) == "away 0.012290000 cheap:success");
    s.cheap->enqueue(answer(9000, 0));
    CHECK(s.next(4) == "away 0.001940000 cheap:success");
    CHECK(s.dear->requests().size() == 2);
    CHECK(s.cheap->requests().size() == 3);
  }
  SECTION("but another agent of its session, who has nothing cached, goes to the cheapest") {
    s.cheap->enqueue(answer(0, 9000));
    CHECK(s.ask(turn("X-Claude-Code-Agent-Id: a1\r\n")).headers.get("x-cc-relay-expected-usd") ==
          "0.010040000");
    CHECK(tries(s.finished(3)) == "cheap:success");
    s.dear->enqueue(answer(9000, 0));
    CHECK(s.next(4) == "home 0.003880000 dear:success");
  }
}

TEST_CASE("a conversation leaves its warm cache when the difference outweighs it",
          "[scenario][cost]") {
  Stage s(rates(20, 100, 25, 40, 2));
  s.cheap->enqueue(answer(0, 9000));
  // 9000 written, 1000 new, 8 out; at home 3 880 000.
  CHECK(s.next(2) == "away 0.000245800 cheap:success");
  CHECK(s.dear->requests().size() == 1);
  CHECK(s.cheap->requests().size() == 2);
}

TEST_CASE("of strategies that weigh no costs none is told", "[scenario][cost]") {
  F f;
  f.config.routing.debug = true;
  f.add_provider("one");
  f.start();
  CHECK_FALSE(f.ask(request(false)).headers.contains("x-cc-relay-expected-usd"));
}

TEST_CASE("counting tokens goes where the message would go, and costs nothing to be told",
          "[scenario][cost]") {
  F f;
  f.config.routing.strategy = "cost_based";
  f.config.routing.debug = true;
  FakeProvider& dear = f.add_provider("dear");
  FakeProvider& cheap = f.add_provider("cheap");
  f.config.prices = {row("dear", "*", rates(2000, 2000, 0, 0, 0)),
                     row("cheap", "*", rates(1000, 1000, 0, 0, 0))};
  cheap.enqueue(Script::reply(200, "application/json", R"({"input_tokens":5})"));
  f.start();
  const Answer count = f.ask(F::post(F::body(false), {}, "/v1/messages/count_tokens"));
  CHECK(count.body == R"({"input_tokens":5})");
  CHECK_FALSE(count.headers.contains("x-cc-relay-expected-usd"));
  CHECK(cheap.requests().size() == 1);
  CHECK(dear.requests().empty());
}
