#include <uv.h>

#include <string>

#include "catch.hpp"
#include "scenario/tls_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::milliseconds;

namespace {

// What a client sends first, and then behind the relay's answer to it.
std::string first_flight(F& f) {
  const auto client = tls_client(f);
  client->hold_output();
  client->secured();
  return client->take_output();
}

}  // namespace

TEST_CASE("a handshake may be cut at every byte", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.start();
  const std::string hello = first_flight(f);
  REQUIRE(hello.size() > 100);
  for (std::size_t cut = 0; cut <= hello.size(); ++cut) {
    const auto client = f.connect();
    client->send(hello.substr(0, cut));
    f.until([&] { return client->connected() && client->unsent() == 0; });
    uv_run(&f.harness.loop(), UV_RUN_NOWAIT);
    if (cut % 2 == 0) {
      client->reset();
    } else {
      client->close();
    }
  }
  f.harness.settle();
  CHECK(has(counters(f), R"("connections":{"open":1,)"));
}

TEST_CASE("the client's last words of a handshake may be cut at every byte", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.start();
  std::size_t size = 1;
  for (std::size_t cut = 0; cut < size; ++cut) {
    const auto client = tls_client(f);
    client->secured();
    client->hold_output();
    f.until([&] { return client->secured() || client->gone(); });
    client->send(F::get("/health"));
    const std::string last = client->take_output();
    size = last.size();
    client->raw().send(last.substr(0, cut));
    uv_run(&f.harness.loop(), UV_RUN_NOWAIT);
    client->close();
  }
  REQUIRE(size > 60);
  f.harness.settle();
  CHECK(has(counters(f), R"("connections":{"open":1,)"));
}

TEST_CASE("a handshake byte by byte is a handshake", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  client->hold_output();
  client->send(F::get("/health"));
  f.until([&] {
    const std::string output = client->take_output();
    for (const char& byte : output) {
      client->raw().send({&byte, 1});
      uv_run(&f.harness.loop(), UV_RUN_NOWAIT);
    }
    return !client->answers().empty() && client->answers()[0].complete;
  });
  CHECK(client->answers()[0].status == 200);
}

TEST_CASE("a handshake that takes too long is ended", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.config.server.tls.handshake_timeout = milliseconds(3000);
  f.start();
  const std::string hello = first_flight(f);
  const auto silent = f.connect();
  const auto slow = f.connect();
  slow->send(hello.substr(0, 40));
  f.until([&] { return silent->connected() && slow->connected(); });
  f.harness.settle();
  f.harness.advance(milliseconds(2000));
  slow->send(hello.substr(40, 1));  // which gives it no more time
  f.harness.advance(milliseconds(900));
  CHECK_FALSE(silent->gone());
  CHECK_FALSE(slow->gone());
  f.harness.advance(milliseconds(200));
  f.until([&] { return silent->gone() && slow->gone(); });
  CHECK(silent->received().empty());
  CHECK(has(counters(f), R"("timeouts":2)"));
}

TEST_CASE("behind the handshake the head has its own time", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.config.server.tls.handshake_timeout = milliseconds(3000);
  f.start();
  const auto client = tls_client(f);
  f.until([&] { return client->secured(); });
  client->send("GET /health HTTP/1.1\r\n");
  f.harness.settle();
  f.harness.advance(milliseconds(4000));
  CHECK_FALSE(client->gone());
  f.harness.advance(milliseconds(7000));
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 408);
}

TEST_CASE("garbage in place of a handshake, or within it, ends the connection", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.start();
  std::string hello = first_flight(f);
  const std::string garbage[] = {
      std::string("\x16\x03\x01\xff\xff", 5) + std::string(300, '\xff'), std::string(1000, '\0'),
      hello.substr(0, 5) + std::string(hello.size() - 5, '\x41'),
      std::string("\x15\x03\x01\x00\x02\x02\x28", 7),  // an alert
  };
  for (const std::string& bytes : garbage) {
    const auto client = f.connect();
    client->send(bytes);
    f.until([&] { return client->gone(); });
  }
  CHECK(has(counters(f), R"("failures":4,)"));
}

TEST_CASE("garbage behind the handshake ends the connection and its request", "[scenario][tls]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  client->send(F::post(F::body(true)));
  f.until([&] { return client->secured() && provider.requests().size() == 1; });
  client->raw().send(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
  CHECK(f.finished().ending == Ending::client_gone);
  f.until([&] { return client->gone() && provider.cancelled() == 1; });
}

TEST_CASE("a TLS client may go at any event of its stream", "[scenario][tls]") {
  const auto events = Script::events("hello");
  for (std::size_t at = 2; at < events.size(); ++at) {
    F f;
    Script script = Script::stream_head();
    for (std::size_t i = 0; i < events.size(); ++i) {
      script.chunk(events[i]);
      if (i == at) script.hold();
    }
    FakeProvider& provider = f.add_provider("one");
    provider.enqueue(script.last_chunk());
    speak_tls(f);
    f.start();
    const auto client = tls_client(f);
    client->send(F::post(F::body(true)));
    f.until([&] { return has(client->received(), events[at]); });
    if (at % 2 == 0) {
      client->raw().reset();
    } else {
      client->close();
    }
    CHECK(f.finished().ending == Ending::client_gone);
    f.until([&] { return provider.cancelled() == 1; });
    CHECK(f.relay->in_flight() == 0);
  }
}

TEST_CASE("a cut answer does not look complete to a TLS client", "[scenario][tls]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::stream_head().chunk(Script::events("x")[0]).hold());
  speak_tls(f);
  f.config.stream.hold = milliseconds(0);
  f.start();
  const auto client = tls_client(f);
  client->send(F::post(F::body(true)));
  f.until([&] { return has(client->received(), "message_start"); });
  f.relay.reset();
  f.until([&] { return client->gone(); });
  CHECK_FALSE(client->ended());
}

TEST_CASE("the relay may stop in the middle of a handshake", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.start();
  const std::string hello = first_flight(f);
  const auto client = f.connect();
  client->send(hello.substr(0, 50));
  f.until([&] { return client->connected() && client->unsent() == 0; });
  f.harness.settle();
  f.relay->stop();
  f.harness.settle();
  f.harness.advance(f.config.server.tls.handshake_timeout);
  f.until([&] { return f.relay->stopped() && client->gone(); });
}

TEST_CASE("a TLS client that takes nothing for client_write_ms is cut, whatever is written",
          "[scenario][tls]") {
  F f;
  f.config.stream.buffer_bytes = 64 << 20;
  const auto events = Script::events("x");
  Script script = Script::stream_head().chunk(events[0]).chunk(events[1]);
  script.chunk("event: content_block_delta\ndata: \"" + std::string(24 << 20, 'j') + "\"\n\n");
  FakeProvider& one = f.add_provider("one");
  one.enqueue(script.hold());
  speak_tls(f);
  f.start();
  TlsClient::Options options;
  options.receive_buffer = 64 << 10;
  const auto client = tls_client(f, options);
  client->send(F::post(F::body(true)));
  f.until([&] { return client->received().size() > 100'000; });
  client->raw().pause_reading(true);
  f.harness.settle();
  // stream.keepalive_ms makes a `ping` every 15 seconds.
  for (int i = 0; i < 16 && f.observer.requests.empty(); ++i) {
    f.harness.advance(std::chrono::seconds(8));
  }
  CHECK(f.finished().ending == Ending::client_stalled);
  CHECK(has(counters(f), R"("slow_readers":1)"));
}
