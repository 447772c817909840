#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += part;
  return out;
}

// What the client has of the answer's body so far.
std::string body_of(const RawClient& client) {
  const auto answers = client.answers();
  return answers.empty() ? std::string() : answers.back().body;
}

std::unique_ptr<RawClient> open_stream(RelayFixture& f) {
  auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(true), "X-Request-ID: the-one\r\n"));
  return client;
}

// A stream that is committed and then waits for release(): message_start and content_block_start.
Script begun() {
  const auto events = Script::events("x");
  return Script::stream_head().chunk(events[0]).chunk(events[2]).hold();
}

std::string begun_bytes() {
  const auto events = Script::events("x");
  return events[0] + events[2];
}

// The rest of a begun() stream.
Script& finish(Script& script) {
  const auto events = Script::events("x");
  for (std::size_t i = 3; i < events.size(); ++i) script.chunk(events[i]);
  return script.last_chunk();
}

}  // namespace

// ---- bytes

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
  CHECK(f.finished().usage.output == 7);
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
  CHECK(f.finished().usage.output == 7);
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
  CHECK(f.finished().usage.input == 1);
}

// ---- peek

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

// ---- failure after the commit

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

TEST_CASE("an event cut inside a line is closed before the error event", "[scenario]") {
  const std::string cut = "event: content_block_delta\ndata: {\"type\":\"content_bl";
  check_told(break_after_commit([&](Script& script) { script.chunk(cut).reset(); }),
             begun_bytes() + cut + "\n\n");
}

TEST_CASE("an event cut between its lines is closed before the error event", "[scenario]") {
  const std::string cut = "event: content_block_delta\n";
  check_told(break_after_commit([&](Script& script) { script.chunk(cut).reset(); }),
             begun_bytes() + cut + "\n");
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

TEST_CASE("an answer that is no stream and is cut has no clean end at the client", "[scenario]") {
  const bool orderly = GENERATE(false, true);
  RelayFixture f;
  Script script = Script()
                      .head(200, {{"content-type", "application/json"}, {"content-length", "1000"}})
                      .send("{\"half\":");
  f.add_provider("one").enqueue(orderly ? script.close() : script.reset());
  f.start();
  const auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(false)));
  f.until([&] { return client->gone(); });
  const auto answers = client->answers();
  CHECK((answers.empty() || !answers.back().complete));
  CHECK(f.finished().ending == Ending::broken);
}

TEST_CASE("a chunked answer that is no stream and is cut has no clean end at the client",
          "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(
      Script()
          .head(200, {{"content-type", "application/json"}, {"transfer-encoding", "chunked"}})
          .chunk("{\"half\":")
          .close());
  f.start();
  const auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(false)));
  f.until([&] { return client->gone(); });
  const auto answers = client->answers();
  CHECK((answers.empty() || !answers.back().complete));
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

// ---- keep-alive

TEST_CASE("a ping is made after stream.keepalive_ms of silence", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = begun();
  one.enqueue(finish(script));
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  f.harness.advance(milliseconds(14'999));
  CHECK(body_of(*client) == begun_bytes());
  f.harness.advance(milliseconds(1));
  CHECK(body_of(*client) == begun_bytes() + std::string(ping));
  one.release();
  CHECK(f.finished().pings == 1);
}

TEST_CASE("pings go on as long as the silence does", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(begun());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  for (int i = 0; i < 3; ++i) f.harness.advance(milliseconds(15'000));
  CHECK(body_of(*client) ==
        begun_bytes() + std::string(ping) + std::string(ping) + std::string(ping));
}

TEST_CASE("bytes from the provider put the ping off", "[scenario]") {
  const auto events = Script::events("x");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = begun();
  one.enqueue(script.chunk(events[3]).hold());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  f.harness.advance(milliseconds(10'000));
  one.release();
  f.until([&] { return body_of(*client) == begun_bytes() + events[3]; });
  f.harness.advance(milliseconds(14'999));
  CHECK(body_of(*client) == begun_bytes() + events[3]);
  f.harness.advance(milliseconds(1));
  CHECK(body_of(*client) == begun_bytes() + events[3] + std::string(ping));
}

TEST_CASE("no ping is put inside an event", "[scenario]") {
  const std::string half = "event: content_block_delta\ndata: {\"ty";
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = begun();
  one.enqueue(script.chunk(half).hold());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  one.release();
  f.until([&] { return body_of(*client) == begun_bytes() + half; });
  f.harness.advance(milliseconds(15'000));
  f.harness.advance(milliseconds(15'000));
  CHECK(body_of(*client) == begun_bytes() + half);
}

TEST_CASE("stream.keepalive_ms of 0 makes no pings", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(begun());
  f.config.stream.keepalive = milliseconds(0);
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  f.harness.advance(milliseconds(200'000));
  CHECK(body_of(*client) == begun_bytes());
}

TEST_CASE("a client that waits for a JSON answer gets no pings", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());
  f.start();
  const auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(false)));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(milliseconds(60'000));
  CHECK(client->received().empty());
}
