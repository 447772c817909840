#include <memory>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t piece_bytes = 1 << 20;
constexpr std::size_t pieces = 32;
// Far above what kernel buffers (at most some megabytes) and stream.buffer_bytes hold together, and
// far below the whole.
constexpr std::size_t bounded_bytes = 12 * piece_bytes;

// Piece `i` of the long answer: one event, different from its neighbours.
std::string piece(std::size_t i) {
  return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":\"" +
         std::string(piece_bytes, static_cast<char>('a' + i % 26)) + "\"}\n\n";
}

// A stream of 32 MiB.
Script long_stream() {
  const auto events = Script::events("x");
  Script script = Script::stream_head().chunk(events[0]);
  for (std::size_t i = 0; i < pieces; ++i) script.chunk(piece(i));
  return script.chunk(events.back()).last_chunk();
}

std::string long_body() {
  const auto events = Script::events("x");
  std::string out = events[0];
  for (std::size_t i = 0; i < pieces; ++i) out += piece(i);
  return out + events.back();
}

// A JSON answer of 32 MiB.
std::string long_json() {
  return "{\"text\":\"" + std::string(pieces * piece_bytes, 'j') + "\"}";
}

// A client that has asked and then stops reading, with little room in its kernel.
std::unique_ptr<RawClient> stuck_client(RelayFixture& f, bool stream) {
  auto client = f.connect(64 << 10);
  client->send(RelayFixture::post(RelayFixture::body(stream)));
  f.until([&] { return !client->received().empty(); });
  client->pause_reading(true);
  f.harness.settle();
  return client;
}

void enqueue_long(FakeProvider& provider, bool stream) {
  provider.enqueue(stream ? long_stream() : Script::reply(200, "application/json", long_json()));
}

}  // namespace

TEST_CASE("reading from the provider pauses while the client takes nothing", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  enqueue_long(one, stream);
  f.start();
  const auto client = stuck_client(f, stream);
  client->close();
  // Had the relay taken everything, the script would have been over and nothing left to cancel.
  CHECK(f.finished().bytes_out < bounded_bytes);
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("a stream that was paused for a slow client arrives whole", "[scenario]") {
  RelayFixture f;
  enqueue_long(f.add_provider("one"), true);
  f.start();
  const auto client = stuck_client(f, true);
  client->pause_reading(false);
  f.finished();
  const std::string expected = long_body();
  f.until([&] { return client->received().ends_with("0\r\n\r\n"); });
  // Compared as a truth: a failure shall not print megabytes.
  CHECK((client->answers().back().body == expected));
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("a JSON answer that was paused for a slow client arrives whole", "[scenario]") {
  RelayFixture f;
  enqueue_long(f.add_provider("one"), false);
  f.start();
  const auto client = stuck_client(f, false);
  client->pause_reading(false);
  const std::string expected = long_json();
  f.until([&] { return client->received().size() > expected.size(); });
  f.harness.settle();
  CHECK((client->answers().back().body == expected));
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("a client that pauses again and again gets everything", "[scenario]") {
  RelayFixture f;
  enqueue_long(f.add_provider("one"), true);
  f.start();
  const auto client = f.connect(64 << 10);
  client->send(RelayFixture::post(RelayFixture::body(true)));
  for (std::size_t mark = 1; mark <= 8; ++mark) {
    f.until([&] { return client->received().size() >= mark * 3 * piece_bytes; });
    client->pause_reading(true);
    f.harness.settle();
    client->pause_reading(false);
  }
  f.until([&] { return client->received().ends_with("0\r\n\r\n"); });
  CHECK((client->answers().back().body == long_body()));
}

TEST_CASE("a paused provider is not taken for a stalled one", "[scenario]") {
  RelayFixture f;
  enqueue_long(f.add_provider("one"), true);
  f.config.timeouts.stream_idle = milliseconds(1'000);
  f.start();
  const auto client = stuck_client(f, true);
  f.harness.advance(milliseconds(30'000));
  client->pause_reading(false);
  f.until([&] { return client->received().ends_with("0\r\n\r\n"); });
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("a client that takes nothing for client_write_ms is dropped", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  enqueue_long(one, stream);
  f.start();
  const auto client = stuck_client(f, stream);
  f.harness.advance(milliseconds(59'000));
  CHECK(f.observer.requests.empty());
  // What the kernel took late may have put the end off once.
  f.harness.advance(milliseconds(60'000));
  f.harness.advance(milliseconds(60'000));
  CHECK(f.finished().ending == Ending::client_stalled);
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("a client that takes a little now and then is not dropped", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  enqueue_long(one, true);
  f.start();
  const auto client = stuck_client(f, true);
  for (int i = 0; i < 4; ++i) {
    const std::size_t had = client->received().size();
    client->pause_reading(false);
    f.until([&] { return client->received().size() > had + 4 * piece_bytes; });
    client->pause_reading(true);
    f.harness.settle();
    f.harness.advance(milliseconds(50'000));
  }
  CHECK(f.observer.requests.empty());
  CHECK(one.cancelled() == 0);
}

TEST_CASE("an answer whose head alone fills the buffer goes on when the head is out",
          "[scenario]") {
  RelayFixture f;
  f.config.stream.buffer_bytes = 16'384;
  FakeProvider& one = f.add_provider("one");
  const std::string body = R"({"type":"message","content":[]})";
  // Head and body in one write, so that the body is there while the head still waits.
  one.enqueue(
      Script::reply(200, "application/json", body, {{"anthropic-long", std::string(17'000, 'h')}}));
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(false)));
  CHECK(answer.complete);
  CHECK(answer.body == body);
}

TEST_CASE("a client that takes 100 MB slowly gets every byte, and the relay keeps few of them",
          "[scenario]") {
  constexpr std::size_t bytes = 100'000'000;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  const std::string text = "{\"text\":\"" + std::string(bytes, 'j') + "\"}";
  const bool leaves = GENERATE(true, false);
  one.enqueue(Script::reply(200, "application/json", text));
  f.start();
  const auto client = stuck_client(f, false);
  // At every stop the relay may be ahead of the client by what is bounded, and by no more.
  for (std::size_t mark = 1; mark <= 4; ++mark) {
    client->pause_reading(false);
    f.until([&] { return client->received().size() >= mark * bytes / 5; });
    client->pause_reading(true);
    f.harness.settle();
  }
  if (leaves) {
    const std::size_t taken = client->received().size();
    client->close();
    CHECK(f.finished().bytes_out < taken + bounded_bytes);
    f.until([&] { return one.cancelled() == 1; });
    return;
  }
  client->pause_reading(false);
  f.until([&] { return client->received().size() > text.size(); });
  CHECK(f.finished().ending == Ending::complete);
  f.harness.settle();
  CHECK((client->answers().back().body == text));
}
