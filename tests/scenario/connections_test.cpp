#include <netinet/in.h>
#include <uv.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

namespace {

Script held_message(const std::string& text) {
  Script script;
  script.hold();
  const Script message = Script::message(text);
  for (const auto& step : message.steps()) script.send(step.bytes);
  return script;
}

// A client that reads nothing of an answer of 24 MiB, which the relay has all of.
std::unique_ptr<RawClient> client_behind(F& f, const std::string& request, const Script& script) {
  f.config.stream.buffer_bytes = 64 << 20;
  f.add_provider("one").enqueue(script);
  f.start();
  auto client = f.connect(64 << 10);
  client->send(request);
  f.until([&] { return !client->received().empty(); });
  client->pause_reading(true);
  f.harness.settle();
  return client;
}

const std::string long_text(24 << 20, 'j');

}  // namespace

TEST_CASE("requests of one connection are answered one after the other", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  for (std::size_t i = 1; i <= 3; ++i) {
    client->send(F::post(F::body(i == 2)));
    const auto all = answers(f, *client, i);
    REQUIRE(all.size() == i);
    CHECK(all.back().status == 200);
  }
  CHECK(provider.requests().size() == 3);
}

TEST_CASE("pipelined requests are answered in order", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::message("first"));
  provider.enqueue(Script::stream("second"));
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health") + F::post(F::body(false)) + F::get("/nowhere") +
               F::post(F::body(true)) + F::get("/health"));
  const auto all = answers(f, *client, 5);
  REQUIRE(all.size() == 5);
  CHECK(all[0].body == R"({"status":"ok"})");
  CHECK(all[1].body.find("first") != std::string::npos);
  CHECK(all[2].status == 404);
  CHECK(all[3].body.find("second") != std::string::npos);
  CHECK(all[4].body == R"({"status":"ok"})");
}

TEST_CASE("pipelined requests beyond what is kept are served all the same", "[scenario]") {
  F f;
  f.config.server.max_header_bytes = 1024;
  f.start();
  const auto client = f.connect();
  std::string many;
  for (int i = 0; i < 300; ++i) many += F::get("/health");
  client->send(many);
  CHECK(answers(f, *client, 300).size() == 300);
}

TEST_CASE("pipelined requests leave turns to others", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  std::string many;
  for (int i = 0; i < 300; ++i) many += F::get("/health");
  client->send(many);
  std::size_t had = 0, most_in_a_turn = 0;
  f.until([&] {
    const std::size_t has = client->answers().size();
    most_in_a_turn = std::max(most_in_a_turn, has - had);
    had = has;
    return has == 300;
  });
  CHECK(most_in_a_turn < 100);
}

TEST_CASE("a request is served however it is cut", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const std::string request = F::post(F::body(false));
  const auto client = f.connect();
  for (const char& byte : request) {
    client->send({&byte, 1});
    f.until([&] { return client->connected() && client->unsent() == 0; });
  }
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 200);
}

TEST_CASE("a client that waits for leave to send its body gets it", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  const std::string request = F::post(F::body(false), "Expect: 100-continue\r\n");
  const std::string body = F::body(false);
  client->send(request.substr(0, request.size() - body.size()));
  f.until([&] { return client->received() == "HTTP/1.1 100 Continue\r\n\r\n"; });
  client->send(body);
  const auto all = answers(f, *client, 2);
  REQUIRE(all.size() == 2);
  CHECK(all[1].status == 200);
  CHECK(provider.requests()[0].body == body);
  CHECK_FALSE(provider.requests()[0].head.headers.contains("expect"));
}

TEST_CASE("a client that waits for leave to send too much is refused at once", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.max_body_bytes = 10;
  f.start();
  const auto client = f.connect();
  client->send(
      "POST /v1/messages HTTP/1.1\r\nHost: relay\r\nExpect: 100-continue\r\n"
      "Content-Length: 11\r\n\r\n");
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 413);
}

TEST_CASE("HTTP/1.0 gets its answer and the end of the connection", "[scenario]") {
  F f;
  f.add_provider("one").enqueue(Script::stream("hello"));
  f.start();
  const auto client = f.connect();
  const std::string body = F::body(true);
  client->send("POST /v1/messages HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
  f.until([&] { return client->gone(); });
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].complete);
  std::string expected;
  for (const auto& event : Script::events("hello")) expected += event;
  CHECK(all[0].body == expected);
}

TEST_CASE("a client that asks to close is closed after its answer", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health", "Connection: close\r\n"));
  f.until([&] { return client->eof(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].headers.get("connection") == "close");
}

TEST_CASE("a client that sends FIN with its request still gets a local answer", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health"));
  client->shutdown_write();
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 200);
}

TEST_CASE("a client that sends FIN while it waits has left", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(true)));
  f.until([&] { return provider.requests().size() == 1; });
  client->shutdown_write();
  const RequestSummary& summary = f.finished();
  CHECK(summary.ending == Ending::client_gone);
  CHECK(summary.status == 499);
  f.until([&] { return provider.cancelled() == 1; });
}

TEST_CASE("bytes that are no HTTP get one answer and the end", "[scenario]") {
  F f;
  f.start();
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x01", 5), std::string("PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n"),
        std::string("hello\r\n\r\n")}) {
    const auto client = f.connect();
    client->send(bytes);
    f.until([&] { return client->gone(); });
    INFO(bytes);
    const auto all = client->answers();
    REQUIRE(all.size() == 1);
    const bool refused = all[0].status == 400 || all[0].status == 501 || all[0].status == 505;
    CHECK(refused);
    CHECK(all[0].headers.get("connection") == "close");
  }
}

TEST_CASE("an answer given early and a broken rest of the request end cleanly", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send(chunked_post("zz\r\n"));
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 401);
}

TEST_CASE("a client that sends FIN within a head has left", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("GET /health HTTP/1.1\r\nHo");
  client->shutdown_write();
  f.until([&] { return client->gone(); });
  CHECK(client->eof());
  CHECK(client->received().empty());
  CHECK(f.observer.requests.empty());
}

TEST_CASE("a client that sends FIN within a body has left", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  const std::string request = F::post(F::body(false));
  client->send(request.substr(0, request.size() - 1));
  client->shutdown_write();
  const RequestSummary& summary = f.finished();
  CHECK(summary.ending == Ending::client_gone);
  CHECK(summary.status == 499);
  f.until([&] { return client->gone(); });
  CHECK(client->received().empty());
  CHECK(provider.requests().empty());
  CHECK(f.relay->in_flight() == 0);
}

TEST_CASE("a client that sends FIN when its answer is all there still gets the rest of it",
          "[scenario]") {
  F f;
  const auto client =
      client_behind(f, F::post(F::body(false)), Script::reply(200, "text/plain", long_text));
  client->shutdown_write();
  f.harness.settle();
  CHECK(f.observer.requests.empty());
  client->pause_reading(false);
  f.until([&] { return client->gone(); });
  CHECK(client->eof());
  REQUIRE(client->answers().size() == 1);
  CHECK((client->answers()[0].body == long_text));
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("what a client asked before its FIN is answered behind a slow answer", "[scenario]") {
  const std::size_t more = GENERATE(1, 300);
  F f;
  f.config.server.max_header_bytes = 1024;
  std::string requests = F::post(F::body(false));
  for (std::size_t i = 0; i < more; ++i) requests += F::get("/health");
  const auto client = client_behind(f, requests, Script::reply(200, "text/plain", long_text));
  client->shutdown_write();
  f.harness.settle();
  client->pause_reading(false);
  f.until([&] { return client->gone(); });
  CHECK(client->eof());
  const auto all = client->answers();
  REQUIRE(all.size() == 1 + more);
  CHECK(all.back().body == R"({"status":"ok"})");
}

TEST_CASE("a request to a provider behind a slow answer and before a FIN is not sent",
          "[scenario]") {
  F f;
  const std::string request = F::post(F::body(false));
  const auto client =
      client_behind(f, request + request, Script::reply(200, "text/plain", long_text));
  client->shutdown_write();
  f.harness.settle();
  client->pause_reading(false);
  f.until([&] { return client->gone(); });
  CHECK(client->answers().size() == 1);
  CHECK(f.finished(2).ending == Ending::client_gone);
  f.harness.settle();
  CHECK(f.providers[0]->requests().size() == 1);
}

TEST_CASE("an HTTP/1.0 answer that is cut while it waits does not look complete", "[scenario]") {
  F f;
  f.config.server.shutdown_timeout = std::chrono::milliseconds(5000);
  const std::string body = F::body(false);
  // Until the connection closes: only how it closes tells the client what it has.
  const auto client =
      client_behind(f,
                    "POST /v1/messages HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
                        "\r\n\r\n" + body,
                    Script().head(200, {{"content-type", "text/plain"}}).send(long_text).close());
  f.relay->stop();
  f.harness.settle();
  f.harness.advance(std::chrono::milliseconds(5100));
  f.until([&] { return f.relay->stopped(); });
  CHECK(f.finished().ending == Ending::shutdown);
  client->pause_reading(false);
  f.until([&] { return client->gone(); });
  CHECK(client->received().size() < long_text.size());
  // libuv takes RST behind unread bytes for FIN when it reads; a write tells them apart.
  client->send("x");
  f.until([&] { return client->was_reset() || client->unsent() == 0; });
  CHECK(client->was_reset());
}

TEST_CASE("an answer that the connection refuses to take counts as lost", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(held_message("hello"));
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(false)));
  f.until([&] { return provider.requests().size() == 1; });
  // The relay's end of the connection is shut down behind its back; libuv then refuses writes.
  struct Search {
    std::uint16_t port;
    uv_stream_t* found;
  } search{f.relay->port(), nullptr};
  uv_walk(
      &f.harness.loop(),
      [](uv_handle_t* handle, void* data) {
        auto* wanted = static_cast<Search*>(data);
        if (uv_handle_get_type(handle) != UV_TCP) return;
        sockaddr_in address{};
        sockaddr_in peer{};
        int length = sizeof address;
        const auto* tcp = reinterpret_cast<uv_tcp_t*>(handle);
        uv_tcp_getsockname(tcp, reinterpret_cast<sockaddr*>(&address), &length);
        length = sizeof peer;
        const bool connected =
            uv_tcp_getpeername(tcp, reinterpret_cast<sockaddr*>(&peer), &length) == 0;
        if (connected && ntohs(address.sin_port) == wanted->port) {
          wanted->found = reinterpret_cast<uv_stream_t*>(handle);
        }
      },
      &search);
  REQUIRE(search.found != nullptr);
  uv_shutdown_t shutdown;
  REQUIRE(uv_shutdown(&shutdown, search.found, [](uv_shutdown_t*, int) {}) == 0);
  f.harness.settle();
  provider.release();
  CHECK(f.finished().ending == Ending::client_gone);
}

TEST_CASE("the leaving of a client that pipelined more than is kept is noticed", "[scenario]") {
  enum class Way { fin, close, reset };
  const Way way = GENERATE(Way::fin, Way::close, Way::reset);
  F f;
  f.config.server.max_header_bytes = 1024;
  FakeProvider& provider = f.add_provider("one");
  const auto events = Script::events("hello");
  provider.enqueue(Script::stream_head().chunk(events[0]).chunk(events[2]).chunk(events[3]).hold());
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(true)));
  f.until([&] { return client->received().find(events[3]) != std::string::npos; });
  // More than one read takes in, so that something is left unread when reading stops.
  client->send(std::string(100'000, 'x'));
  f.until([&] { return client->unsent() == 0; });
  f.harness.settle();
  CHECK(f.observer.requests.empty());
  if (way == Way::fin) client->shutdown_write();
  if (way == Way::close) client->close();
  if (way == Way::reset) client->reset();
  CHECK(f.finished().ending == Ending::client_gone);
  f.until([&] { return provider.cancelled() == 1; });
}

TEST_CASE("a client that pipelined more than is kept and stays is served on", "[scenario]") {
  F f;
  f.config.server.max_header_bytes = 1024;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(held_message("first"));
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(false)));
  f.until([&] { return provider.requests().size() == 1; });
  std::string many;
  // More than one read takes in, so that something is left unread when reading stops.
  for (int i = 0; i < 200; ++i) many += F::get("/health", "X: " + std::string(900, 'x') + "\r\n");
  client->send(many);
  f.until([&] { return client->unsent() == 0; });
  f.harness.settle();
  provider.release();
  CHECK(answers(f, *client, 201).size() == 201);
}

TEST_CASE("conflicting framing gets 400 and the end, and nothing behind it is served",
          "[scenario]") {
  const std::string framing =
      GENERATE(std::string("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
               std::string("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
               std::string("Content-Length: 4\r\nContent-Length: 5\r\n"),
               std::string("Content-Length: 4\r\nContent-Length: 4\r\n"));
  INFO(framing);
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  client->send("POST /v1/messages HTTP/1.1\r\nHost: relay\r\n" + framing + "\r\n0\r\n\r\n" +
               F::post(F::body(false)));
  f.until([&] { return client->gone(); });
  f.harness.settle();
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 400);
  CHECK(all[0].headers.get("connection") == "close");
  CHECK(provider.requests().empty());
  CHECK(f.finished().status == 400);
  CHECK(f.observer.requests.size() == 1);
}

TEST_CASE("a client that sends on after an early answer is read, then cut", "[scenario]") {
  const int status = GENERATE(413, 401);
  F f;
  f.add_provider("one");
  f.config.timeouts.client_linger = std::chrono::milliseconds(2000);
  f.config.server.max_body_bytes = 1'000'000;
  if (status == 401) f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send("POST /v1/messages HTTP/1.1\r\nHost: relay\r\nContent-Length: 90000000\r\n\r\n" +
               std::string(300'000, 'u'));
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == status);
  CHECK(client->answers()[0].complete);
  // The rest is taken and thrown away, so that no RST overtakes the answer.
  for (int i = 0; i < 3; ++i) {
    client->send(std::string(300'000, 'u'));
    f.until([&] { return client->unsent() == 0; });
    f.harness.settle();
    f.harness.advance(std::chrono::milliseconds(600));
  }
  CHECK_FALSE(client->was_reset());
  // Not for ever, though the client never rests.
  f.harness.advance(std::chrono::milliseconds(300));
  f.until([&] {
    client->send("u");
    return client->was_reset();
  });
  CHECK(f.observer.requests.size() == 1);
}
