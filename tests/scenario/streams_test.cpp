#include <poll.h>
#include <uv.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;

namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += part;
  return out;
}

// Whether something has come that the loop has not read yet.
bool has_come(LoopHarness& harness) {
  pollfd backend{uv_backend_fd(&harness.loop()), POLLIN, 0};
  return poll(&backend, 1, 0) > 0;
}

}  // namespace

TEST_CASE("a stream cut into three bytes at a time arrives whole, UTF-8 and all", "[scenario]") {
  const std::string stream =
      joined(Script::events("za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 "
                            "\xf0\x9f\x90\xa2 \xe6\x97\xa5\xe6\x9c\xac"));
  RelayFixture f;
  Script script = Script::stream_head();
  for (std::size_t i = 0; i < stream.size(); i += 3) script.chunk(stream.substr(i, 3));
  f.add_provider("one").enqueue(script.last_chunk());
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(answer.body == stream);
  CHECK(f.finished().ending == Ending::complete);
  CHECK(usage_of(f.finished()).tokens[TokenClass::output] == 7u);
}

TEST_CASE("an event goes to its client while others are still read, not behind them all",
          "[scenario]") {
  RelayFixture f;
  Script script = begun();
  script.chunk(Script::events("x")[3]).hold();
  FakeProvider& one = f.add_provider("one");
  one.enqueue(finish(script));
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  f.harness.settle();
  REQUIRE_FALSE(has_come(f.harness));
  one.release();
  // A turn ends before the loop looks for the next events, so these are read and no turn has ended.
  uv_run(&f.harness.loop(), UV_RUN_NOWAIT);
  CHECK(body_of(*client) == begun_bytes());
  CHECK(has_come(f.harness));
  f.until([&] { return body_of(*client) == begun_bytes() + Script::events("x")[3]; });
  one.release();
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("an event of two megabytes on one line goes through", "[scenario]") {
  const auto events = Script::events("x");
  const std::string big =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
      "\"delta\":{\"text\":\"" +
      std::string(2 << 20, 'y') + "\"}}\n\n";
  const std::string stream = events[0] + big + events[5] + events[6];
  REQUIRE(has(events[6], "message_stop"));
  RelayFixture f;
  f.add_provider("one").enqueue(Script::stream_head()
                                    .chunk(events[0])
                                    .chunk(big)
                                    .chunk(events[5])
                                    .chunk(events[6])
                                    .last_chunk());
  f.start();
  const auto client = open_stream(f);
  f.finished();
  f.until([&] { return client->received().size() > stream.size(); });
  f.harness.settle();
  // Compared as a truth: a failure shall not print megabytes.
  CHECK((body_of(*client) == stream));
  CHECK(f.finished().ending == Ending::complete);
  CHECK(usage_of(f.finished()).tokens[TokenClass::output] == 7u);
}

TEST_CASE("a stream that ends with its connection is passed on whole", "[scenario]") {
  const std::string stream = joined(Script::events("to the end"));
  RelayFixture f;
  f.add_provider("one").enqueue(
      Script()
          .head(200, {{"content-type", "text/event-stream"}, {"connection", "close"}})
          .send(stream)
          .close());
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(answer.complete);
  CHECK(answer.body == stream);
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("a stream that is encoded unasked goes through untouched and uninspected", "[scenario]") {
  const std::string bytes = "\x1f\x8b\x08\x01 event: error\ndata: {}\n\n\xff\xfe";
  RelayFixture f;
  f.add_provider("one").enqueue(
      Script::stream_head({{"content-encoding", "gzip"}}).chunk(bytes).last_chunk());
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(answer.body == bytes);
  CHECK(answer.headers.get("content-encoding") == "gzip");
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("the provider is asked not to encode", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  f.ask(RelayFixture::post(RelayFixture::body(true), "Accept-Encoding: gzip, br\r\n"));
  CHECK(one.requests()[0].head.headers.get("accept-encoding") == "identity");
}

TEST_CASE("a JSON answer to a request for a stream is passed on as it is", "[scenario]") {
  RelayFixture f;
  const std::string body = "{ \"type\":\"message\",\"usage\":{\"input_tokens\":1} }";
  f.add_provider("one").enqueue(Script::reply(200, "application/json", body));
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(answer.status == 200);
  CHECK(answer.body == body);
  CHECK(answer.headers.get("content-type") == "application/json");
  CHECK(usage_of(f.finished()).tokens[TokenClass::input] == 1u);
}

TEST_CASE("message_start and ping are held until the next event", "[scenario]") {
  const auto events = Script::events("x");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = Script::stream_head().chunk(events[0]).chunk(events[1]).hold().chunk(events[2]);
  one.enqueue(finish(script));
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  CHECK(client->received().empty());
  one.release();
  f.finished();
  f.harness.settle();
  CHECK(body_of(*client) == joined(events));
}

TEST_CASE("a held stream goes out when stream.hold_ms are over", "[scenario]") {
  const auto events = Script::events("x");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::stream_head().chunk(events[0]).chunk(events[1]).hold());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(999));
  CHECK(client->received().empty());
  f.harness.advance(milliseconds(1));
  CHECK(body_of(*client) == events[0] + events[1]);
}

TEST_CASE("the hold is counted from the first byte and not from later ones", "[scenario]") {
  const auto events = Script::events("x");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::stream_head().chunk(events[0]).hold().chunk(events[1]).hold());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(900));
  one.release();
  f.harness.settle();
  f.harness.advance(milliseconds(100));
  CHECK(body_of(*client) == events[0] + events[1]);
}
