#include <algorithm>
#include <functional>
#include <string>

#include "catch.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;

// Failures of a provider after the commit point.

namespace {

// Lets a committed stream end in `ending` and returns what the client has when all is over.
struct Broken {
  Answer answer;
  RequestSummary summary;
};

Broken break_after_commit(const std::function<void(Script&)>& ending) {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  Script script = begun();
  ending(script);
  one.enqueue(script);
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  one.release();
  f.finished();
  f.harness.settle();
  return {client->answers().back(), f.observer.requests.back()};
}

void check_told(const Broken& broken, const std::string& before) {
  const std::string& body = broken.answer.body;
  CHECK(body.substr(0, before.size()) == before);
  const std::string told = body.substr(std::min(before.size(), body.size()));
  CHECK(told.find("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\","
                  "\"message\":\"provider \\\"one\\\"") == 0);
  CHECK(has(told, "\"request_id\":\"the-one\"}\n\n"));
  CHECK_FALSE(has(body, "event: message_stop"));
  CHECK(broken.answer.complete);
  CHECK(broken.summary.ending == Ending::broken);
  REQUIRE(broken.summary.attempts.size() == 1);
  CHECK(broken.summary.attempts[0].outcome == Outcome::stream_broken);
}

}  // namespace

TEST_CASE("a reset after the commit is told in an error event", "[scenario]") {
  check_told(break_after_commit([](Script& script) { script.reset(); }), begun_bytes());
}

TEST_CASE("a connection closed after the commit is told in an error event", "[scenario]") {
  check_told(break_after_commit([](Script& script) { script.close(); }), begun_bytes());
}

TEST_CASE("an orderly end without message_stop is told in an error event", "[scenario]") {
  check_told(break_after_commit([](Script& script) { script.last_chunk(); }), begun_bytes());
}

TEST_CASE("a corrupted chunk is told in an error event", "[scenario]") {
  check_told(break_after_commit([](Script& script) { script.send("ZZZ\r\nrubbish"); }),
             begun_bytes());
}

TEST_CASE("a stream that has said message_stop is whole, however its connection goes then",
          "[scenario]") {
  const bool reset = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = Script::stream_head();
  std::string all;
  for (const std::string& event : Script::events("done")) {
    script.chunk(event);
    all += event;
  }
  one.enqueue(reset ? script.hold().reset() : script.hold().close());
  f.start();
  const auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(true)));
  f.until([&] { return client->received().find("message_stop") != std::string::npos; });
  one.release();
  CHECK(f.finished().attempts.back().outcome == Outcome::success);
  f.until([&] { return client->answers().back().complete; });
  CHECK(client->answers().back().body == all);
}

TEST_CASE("of an event that is cut the client gets nothing but the error", "[scenario]") {
  const std::string cut = GENERATE("event: content_block_delta\ndata: {\"type\":\"content_bl",
                                   "event: content_block_delta\n", "e", "data: {}\r");
  check_told(break_after_commit([&](Script& script) { script.chunk(cut).reset(); }), begun_bytes());
}

TEST_CASE("an event too long to wait for is closed before the error event", "[scenario]") {
  const std::string cut =
      "event: content_block_delta\ndata: {\"type\":\"content_bl" + std::string(300'000, 'x');
  check_told(break_after_commit([&](Script& script) { script.chunk(cut).close(); }),
             begun_bytes() + cut + "\n\n");
}

TEST_CASE("a provider silent for timeouts.stream_idle_ms has failed and is told so", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(begun());
  f.config.stream.keepalive = milliseconds(0);
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  f.harness.advance(milliseconds(299'999));
  CHECK(body_of(*client) == begun_bytes());
  f.harness.advance(milliseconds(1));
  check_told({client->answers().back(), f.finished()}, begun_bytes());
  CHECK(has(body_of(*client), "timeouts.stream_idle_ms"));
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("bytes from the provider put the stall off", "[scenario]") {
  const auto events = Script::events("x");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = begun();
  one.enqueue(script.chunk(events[3]).hold());
  f.config.stream.keepalive = milliseconds(0);
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  f.harness.advance(milliseconds(200'000));
  one.release();
  f.until([&] { return body_of(*client) == begun_bytes() + events[3]; });
  f.harness.advance(milliseconds(299'999));
  CHECK(body_of(*client) == begun_bytes() + events[3]);
}

TEST_CASE("an error event after the commit is passed on and counts as a broken stream",
          "[scenario]") {
  const std::string error =
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
      "\"message\":\"full\"}}\n\n";
  const Broken broken =
      break_after_commit([&](Script& script) { script.chunk(error).last_chunk(); });
  CHECK(broken.answer.body == begun_bytes() + error);
  CHECK(broken.answer.complete);
  REQUIRE(broken.summary.attempts.size() == 1);
  CHECK(broken.summary.attempts[0].outcome == Outcome::stream_broken);
}

TEST_CASE("an encoded stream that is cut has no clean end at the client", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(
      Script::stream_head({{"content-encoding", "gzip"}}).chunk("\x1f\x8b").reset());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return client->gone(); });
  const auto answers = client->answers();
  CHECK((answers.empty() || !answers.back().complete));
}
