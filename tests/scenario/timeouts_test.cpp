#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string route(const RequestSummary& summary) {
  std::string out;
  for (const AttemptSummary& attempt : summary.attempts) {
    if (!out.empty()) out += ' ';
    out.append(attempt.provider).append(":").append(to_string(attempt.outcome));
  }
  return out;
}

// A port that answers no SYN: its queue of connections nobody accepts is full (listen(2), backlog).
class FullPort {
 public:
  FullPort() {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    REQUIRE(::bind(listener_, generic, length) == 0);
    REQUIRE(::listen(listener_, 0) == 0);
    REQUIRE(::getsockname(listener_, generic, &length) == 0);
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(filler, generic, length);
    }
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~FullPort() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }
  FullPort(const FullPort&) = delete;
  FullPort& operator=(const FullPort&) = delete;

  const std::string& url() const { return url_; }

 private:
  int listener_;
  int fillers_[4];
  std::string url_;
};

std::unique_ptr<RawClient> send(RelayFixture& f, bool stream) {
  auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(stream)));
  return client;
}

}  // namespace

TEST_CASE("a connection that does not come about within connect_ms goes to the next provider",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  const FullPort silent;
  RelayFixture f;
  f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.config.providers[0].base_url = silent.url();
  f.start();
  const auto client = send(f, stream);
  f.until([&] { return f.relay->in_flight() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(9'999));
  CHECK(two.requests().empty());
  f.harness.advance(milliseconds(1));
  CHECK(route(f.finished()) == "one:timed_out two:success");
}

TEST_CASE("a provider's own connect_ms goes before the common one", "[scenario]") {
  const FullPort silent;
  RelayFixture f;
  f.add_provider("one");
  f.config.providers[0].base_url = silent.url();
  f.config.providers[0].connect_timeout = milliseconds(50);
  f.start();
  const auto client = send(f, false);
  f.until([&] { return f.relay->in_flight() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(50));
  CHECK(f.finished().status == 504);
}

TEST_CASE("an answer that comes whole may take longer than first_byte_ms", "[scenario]") {
  // Its head comes when all of it has been thought out.
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(
      Script().hold().send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                           "content-length: 31\r\n\r\n{\"type\":\"message\",\"content\":[]}"));
  f.add_provider("two");
  f.start();
  const auto client = send(f, false);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(milliseconds(599'000));
  one.release();
  CHECK(route(f.finished()) == "one:success");
}

TEST_CASE("no head of a stream within first_byte_ms goes to the next provider", "[scenario]") {
  const bool stream = true;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());
  FakeProvider& two = f.add_provider("two");
  f.start();
  const auto client = send(f, stream);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(milliseconds(119'999));
  CHECK(two.requests().empty());
  f.harness.advance(milliseconds(1));
  CHECK(route(f.finished()) == "one:timed_out two:success");
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("a lone provider without a head in time becomes a 504 timeout_error", "[scenario]") {
  const bool stream = true;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());
  f.start();
  const auto client = send(f, stream);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(milliseconds(120'000));
  f.finished();
  f.harness.settle();
  const Answer answer = client->answers().back();
  CHECK(answer.status == 504);
  CHECK(has(answer.body, "\"type\":\"timeout_error\""));
  CHECK(has(answer.body, "timeouts.first_byte_ms"));
}

TEST_CASE("a provider's own first_byte_ms goes before the common one", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());
  f.add_provider("two");
  f.config.providers[0].first_byte_timeout = milliseconds(70);
  f.start();
  const auto client = send(f, true);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(milliseconds(70));
  CHECK(route(f.finished()) == "one:timed_out two:success");
}

TEST_CASE("a first_byte_ms of 0 sets no limit", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script()
                  .hold()
                  .head(200, {{"content-type", "application/json"}, {"content-length", "31"}})
                  .send(R"({"type":"message","content":[]})"));
  f.config.timeouts.first_byte = milliseconds(0);
  f.config.server.timeout = hours(24);
  f.start();
  const auto client = send(f, false);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(hours(23));
  CHECK(client->received().empty());
  one.release();
  CHECK(route(f.finished()) == "one:success");
}

TEST_CASE("a provider's own stream_idle_ms goes before the common one", "[scenario]") {
  const auto events = Script::events("x");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::stream_head().chunk(events[0]).chunk(events[2]).hold());
  f.config.providers[0].stream_idle_timeout = milliseconds(90);
  f.start();
  const auto client = send(f, true);
  f.until([&] { return has(client->received(), "content_block_start"); });
  f.harness.advance(milliseconds(90));
  CHECK(f.finished().ending == Ending::broken);
}

TEST_CASE("server.timeout_ms ends the wait for a first byte with 504", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());
  f.config.server.timeout = milliseconds(30'000);
  f.start();
  const auto client = send(f, stream);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(milliseconds(29'999));
  CHECK(client->received().empty());
  f.harness.advance(milliseconds(1));
  f.finished();
  f.harness.settle();
  const Answer answer = client->answers().back();
  CHECK(answer.status == 504);
  CHECK(has(answer.body, "\"type\":\"timeout_error\""));
  CHECK(has(answer.body, "server.timeout_ms"));
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("server.timeout_ms also ends the pause between two tries", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(529, "overloaded_error", "full"));
  f.config.server.timeout = milliseconds(100);
  f.start();
  const auto client = send(f, false);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(100));
  CHECK(f.finished().status == 504);
  CHECK(route(f.finished()) == "one:overloaded");
}

TEST_CASE("a stream in its hold is cut off by server.timeout_ms", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::stream_head().hold());
  f.config.server.timeout = milliseconds(500);  // before stream.hold_ms commits it
  f.start();
  const auto client = send(f, true);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(500));
  CHECK(f.finished().status == 504);
}

TEST_CASE("a healthy stream is not cut by server.timeout_ms", "[scenario]") {
  const auto events = Script::events("a b c d");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  Script script = Script::stream_head().chunk(events[0]).chunk(events[2]);
  for (std::size_t i = 3; i < events.size(); ++i) script.hold().chunk(events[i]);
  one.enqueue(script.last_chunk());
  f.config.server.timeout = milliseconds(30'000);
  f.config.stream.keepalive = milliseconds(0);
  f.start();
  const auto client = send(f, true);
  f.until([&] { return has(client->received(), "content_block_start"); });
  for (std::size_t i = 3; i < events.size(); ++i) {
    f.harness.advance(milliseconds(20'000));
    one.release();
    f.harness.settle();
  }
  CHECK(f.finished().ending == Ending::complete);
  CHECK(f.finished().status == 200);
  CHECK(has(client->received(), "message_stop"));
}

TEST_CASE("an error whose body does not come within error_body_ms goes to the next provider",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script()
                  .head(500, {{"content-type", "application/json"}, {"content-length", "100"}})
                  .send("{\"half\":")
                  .hold());
  FakeProvider& two = f.add_provider("two");
  f.start();
  const auto client = send(f, stream);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(4'999));
  CHECK(two.requests().empty());
  f.harness.advance(milliseconds(1));
  CHECK(route(f.finished()) == "one:failed two:success");
}

TEST_CASE("a 429 whose body does not come still cools the key as it asked", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script()
                  .head(429, {{"content-type", "application/json"},
                              {"retry-after", "60"},
                              {"content-length", "100"}})
                  .hold());
  f.add_provider("two");
  f.start();
  const auto first = send(f, false);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(5'000));
  CHECK(route(f.finished()) == "one:rate_limited two:success");
  f.harness.advance(milliseconds(50'000));
  const auto second = send(f, false);
  CHECK(route(f.finished(2)) == "two:success");
}
