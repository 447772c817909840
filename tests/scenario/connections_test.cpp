#include <netinet/in.h>
#include <uv.h>

#include <chrono>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

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
    const bool refused = all[0].status == 400 || all[0].status == 405 || all[0].status == 505;
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

TEST_CASE("an answer that the connection refuses to take counts as lost", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(held(Script::message("hello")));
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
