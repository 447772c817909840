#include <string>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A provider that takes the connection and says nothing.

namespace {

struct Hedged : RelayFixture {
  Hedged() {
    config.routing.hedge = milliseconds(3000);
    config.routing.affinity = "none";
    one = &add_provider("one");
    two = &add_provider("two");
  }
  /// A client whose request the first provider has, which says nothing.
  std::unique_ptr<RawClient> wait_for_silence(bool stream = true) {
    start();
    auto client = connect();
    client->send(request(stream));
    until([&] { return one->requests().size() == 1; });
    harness.settle();
    return client;
  }
  FakeProvider* one;
  FakeProvider* two;
};

std::string last_tries(RelayFixture& f) {
  f.harness.settle();
  return tries(f.observer.requests.back());
}

std::string count_request() {
  return RelayFixture::post(RelayFixture::body(false), {}, "/v1/messages/count_tokens");
}

}  // namespace

TEST_CASE("after routing.hedge_ms of silence another provider is asked and wins",
          "[scenario][hedge]") {
  Hedged f;
  f.one->enqueue(Script().hold());
  const auto client = f.wait_for_silence();
  f.harness.advance(milliseconds(2999));
  CHECK(f.two->requests().empty());
  f.harness.advance(milliseconds(1));
  CHECK(tries(f.finished()) == "one:cancelled two:success");
  f.until([&] { return f.one->cancelled() == 1; });
  CHECK(has(body_of(*client), "message_stop"));
  CHECK(f.observer.requests[0].attempts[0].detail == "another attempt answered first");
  CHECK(f.one->requests().size() == 1);
  CHECK(f.two->requests().size() == 1);
}

TEST_CASE("the silent one wins if it speaks first", "[scenario][hedge]") {
  Hedged f;
  f.one->enqueue(held(Script::stream("late")));
  f.two->enqueue(Script().hold());
  const auto client = f.wait_for_silence();
  f.harness.advance(milliseconds(3000));
  f.until([&] { return f.two->requests().size() == 1; });
  f.one->release();
  CHECK(tries(f.finished()) == "two:cancelled one:success");
  f.until([&] { return f.two->cancelled() == 1; });
  CHECK(has(body_of(*client), "late"));
}

TEST_CASE("of two that answer at once one wins and the other is cancelled", "[scenario][hedge]") {
  Hedged f;
  f.one->enqueue(held(Script::stream("from one")));
  f.two->enqueue(held(Script::stream("from two")));
  const auto client = f.wait_for_silence();
  f.harness.advance(milliseconds(3000));
  f.until([&] { return f.two->requests().size() == 1; });
  f.harness.settle();
  f.one->release();
  f.two->release();
  const RequestSummary& summary = f.finished();
  REQUIRE(summary.attempts.size() == 2);
  CHECK(summary.attempts[0].outcome == Outcome::cancelled);
  CHECK(summary.attempts[1].outcome == Outcome::success);
  f.harness.settle();
  const std::string body = body_of(*client);
  CHECK(has(body, "one\"") != has(body, "two\""));
  CHECK(f.relay->in_flight() == 0);
}

TEST_CASE("a hedge that fails leaves the silent one its time", "[scenario][hedge]") {
  Hedged f;
  FakeProvider& three = f.add_provider("three");
  f.one->enqueue(held(Script::stream("late")));
  f.two->enqueue(Script::error(500, "api_error", "down"));
  three.enqueue(Script::error(500, "api_error", "down too"));
  const auto client = f.wait_for_silence();
  f.harness.advance(milliseconds(3000));
  // The next takes the place of the one that failed.
  f.until([&] { return three.requests().size() == 1; });
  f.harness.settle();
  CHECK(client->received().empty());
  f.one->release();
  CHECK(tries(f.finished()) == "two:failed three:failed one:success");
}

TEST_CASE("a silent one that is refused or limited later leaves it to the other",
          "[scenario][hedge]") {
  const int status = GENERATE(401, 429, 500);
  Hedged f;
  f.one->enqueue(held(Script::error(status, "some_error", "no")));
  f.two->enqueue(held(Script::stream("fine")));
  const auto client = f.wait_for_silence();
  f.harness.advance(milliseconds(3000));
  f.until([&] { return f.two->requests().size() == 1; });
  f.one->release();
  f.harness.settle();
  CHECK(client->received().empty());
  f.two->release();
  CHECK(has(tries(f.finished()), "two:success"));
  CHECK(f.finished().attempts.size() == 2);
}

TEST_CASE("a client that leaves ends both", "[scenario][hedge]") {
  Hedged f;
  f.one->enqueue(Script().hold());
  f.two->enqueue(Script().hold());
  const auto client = f.wait_for_silence();
  f.harness.advance(milliseconds(3000));
  f.until([&] { return f.two->requests().size() == 1; });
  client->close();
  f.until([&] { return f.one->cancelled() + f.two->cancelled() == 2; });
  CHECK(f.finished().status == 499);
  CHECK(f.finished().attempts.size() == 2);
}

TEST_CASE("a head ends the silence, though the stream is still held", "[scenario][hedge]") {
  Hedged f;
  f.config.stream.hold = seconds(60);
  f.one->enqueue(Script::stream_head().hold());
  const auto client = f.wait_for_silence();
  f.harness.advance(seconds(10));
  f.harness.settle();
  CHECK(f.two->requests().empty());
}

TEST_CASE("two at once is all, unless a race allows more", "[scenario][hedge]") {
  const bool race = GENERATE(false, true);
  Hedged f;
  FakeProvider& three = f.add_provider("three");
  if (race) f.config.routing.race = 3;
  f.one->enqueue(Script().hold());
  f.two->enqueue(Script().hold());
  three.enqueue(Script().hold());
  const auto client = f.wait_for_silence();
  f.harness.advance(milliseconds(3000));
  f.until([&] { return f.two->requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(3000));
  f.harness.settle();
  CHECK(three.requests().size() == (race ? 1 : 0));
}

TEST_CASE("without somebody else, and without the setting, a silence is waited out",
          "[scenario][hedge]") {
  const bool off = GENERATE(false, true);
  RelayFixture f;
  f.config.routing.hedge = milliseconds(off ? 0 : 3000);
  FakeProvider& one = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  FakeProvider* two = off ? &f.add_provider("two") : nullptr;
  one.enqueue(held(Script::stream("late")));
  f.start();
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(seconds(60));
  one.release();
  CHECK(tries(f.finished()) == "one:success");
  CHECK(one.requests().size() == 1);
  if (two) CHECK(two->requests().empty());
}

TEST_CASE("a message that is no stream may think as long as it likes", "[scenario][hedge]") {
  Hedged f;
  f.one->enqueue(held(Script::message("thought out")));
  const auto client = f.wait_for_silence(false);
  f.harness.advance(seconds(60));
  f.one->release();
  CHECK(tries(f.finished()) == "one:success");
  CHECK(f.two->requests().empty());
}

TEST_CASE("counting tokens is hedged", "[scenario][hedge]") {
  Hedged f;
  f.one->enqueue(Script().hold());
  f.two->enqueue(Script::reply(200, "application/json", "{\"input_tokens\":42}"));
  f.start();
  const auto client = f.connect();
  client->send(count_request());
  f.until([&] { return f.one->requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(3000));
  CHECK(tries(f.finished()) == "one:cancelled two:success");
}

TEST_CASE("a client with HTTP/2 is answered by the hedge", "[scenario][hedge]") {
  Hedged f;
  f.one->enqueue(Script().hold());
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->post(RelayFixture::body(true));
  f.until([&] { return f.one->requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(3000));
  CHECK(has(ended(f, *client, id).answer.body, "message_stop"));
  f.until([&] { return f.one->cancelled() == 1; });
}

TEST_CASE("a provider that was silent for timeouts.first_byte_ms is asked last for a while",
          "[scenario][hedge]") {
  Hedged f;
  f.config.routing.hedge = milliseconds(0);
  f.config.timeouts.first_byte = seconds(10);
  f.one->enqueue(Script().hold());
  const auto client = f.wait_for_silence();
  f.harness.advance(seconds(10));
  CHECK(tries(f.finished()) == "one:timed_out two:success");
  const std::string status = f.ask(RelayFixture::get("/v1/providers")).body;
  CHECK(has(status, R"("silence":{"times":1,"asked_last":true,"asked_last_for_ms":30000})"));
  CHECK(has(status, R"("status":"degraded")"));
  CHECK(has(status,
            "its last request failed: no answer within 10000 ms (timeouts.first_byte_ms); "
            "asked last for 30 s more, since it was silent"));
  f.ask(request(true));
  CHECK(last_tries(f) == "two:success");
  f.harness.advance(seconds(30));
  // One finds out; others don't wait for it.
  f.one->enqueue(held(Script::stream("well again")));
  const auto probe = f.connect();
  probe->send(request(true));
  f.until([&] { return f.one->requests().size() == 2; });
  f.ask(request(true));
  CHECK(last_tries(f) == "two:success");
  f.one->release();
  f.until([&] { return !probe->answers().empty() && probe->answers().back().complete; });
  CHECK(last_tries(f) == "one:success");
  f.ask(request(true));
  CHECK(last_tries(f) == "one:success");
  CHECK_FALSE(has(f.ask(RelayFixture::get("/v1/providers")).body, "\"silence\""));
}

TEST_CASE("a conversation does not wait for a home that was silent", "[scenario][hedge]") {
  RelayFixture f;
  f.config.timeouts.first_byte = seconds(10);
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.start();
  f.ask(request_of("c", true));
  REQUIRE(tries(f.finished()) == "one:success");
  one.enqueue(Script().hold());
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] { return one.requests().size() == 2; });
  f.harness.settle();
  f.harness.advance(seconds(10));
  f.finished(2);
  f.ask(request_of("c", true));
  CHECK(tries(f.finished(3)) == "two:success");
  CHECK(two.requests().size() == 2);
}

TEST_CASE("a lone provider is asked however silent it was", "[scenario][hedge]") {
  RelayFixture f;
  f.config.timeouts.first_byte = seconds(10);
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());
  f.start();
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(seconds(10));
  CHECK(f.finished().status == 504);
  CHECK(f.ask(request(true)).status == 200);
}

TEST_CASE("whoever loses three hedges in a row is asked last", "[scenario][hedge]") {
  Hedged f;
  f.start();
  for (std::size_t i = 1; i <= 3; ++i) {
    f.one->enqueue(Script().hold());
    const auto client = f.connect();
    client->send(request(true));
    f.until([&] { return f.one->requests().size() == i; });
    f.harness.settle();
    f.harness.advance(milliseconds(3000));
    CHECK(tries(f.finished(i)) == "one:cancelled two:success");
  }
  f.ask(request(true));
  CHECK(tries(f.finished(4)) == "two:success");
}

TEST_CASE("the first head makes all well, long before the stream's end", "[scenario][hedge]") {
  Hedged f;
  f.config.routing.hedge = milliseconds(0);
  f.config.timeouts.first_byte = seconds(10);
  f.one->enqueue(Script().hold());
  const auto client = f.wait_for_silence();
  f.harness.advance(seconds(10));
  f.finished();
  f.harness.advance(seconds(30));
  f.one->enqueue(begun());
  const auto probe = open_stream(f);
  f.until([&] { return body_of(*probe) == begun_bytes(); });
  f.ask(request(true));
  CHECK(tries(f.finished(2)) == "one:success");
}
