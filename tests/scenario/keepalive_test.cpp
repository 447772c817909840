#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/stream_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

}  // namespace

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

TEST_CASE("a ping comes before an event whose end is missing, never inside it", "[scenario]") {
  const std::string event = Script::events("x")[3];
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = begun();
  one.enqueue(script.chunk(event.substr(0, 30)).hold().chunk(event.substr(30)).hold());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  one.release();
  f.harness.settle();
  f.harness.advance(milliseconds(15'000));
  CHECK(body_of(*client) == begun_bytes() + std::string(ping));
  one.release();
  f.until([&] { return body_of(*client) == begun_bytes() + std::string(ping) + event; });
}

TEST_CASE("no ping is put inside an event that is too long to wait for", "[scenario]") {
  const std::string half = "event: content_block_delta\ndata: {\"ty" + std::string(300'000, 'x');
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = begun();
  one.enqueue(script.chunk(half).hold());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  one.release();
  f.until([&] { return body_of(*client).size() == (begun_bytes() + half).size(); });
  f.harness.advance(milliseconds(15'000));
  f.harness.advance(milliseconds(15'000));
  CHECK(body_of(*client).size() == (begun_bytes() + half).size());
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
