#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;
using F = RelayFixture;

TEST_CASE("a body announced too large is refused before it comes", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_body_bytes = 70'000;
  f.start();
  const auto client = f.connect();
  client->send("POST /v1/messages HTTP/1.1\r\nHost: relay\r\n" + with_id +
               "Content-Length: 70001\r\n\r\n");
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 413);
  CHECK(all[0].body == envelope("request_too_large",
                                "the request's body of 70001 bytes exceeds 70000 "
                                "(server.max_body_bytes)",
                                "req-1"));
  CHECK(provider.requests().empty());
}

TEST_CASE("a body that grows too large is refused when it does", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_body_bytes = 10;
  f.start();
  const auto client = f.connect();
  client->send(chunked_post("a\r\n0123456789\r\n"));
  f.harness.settle();
  CHECK(client->received().empty());
  client->send("1\r\nx\r\n");
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 413);
  CHECK(all[0].body == envelope("request_too_large",
                                "the request's body exceeds 10 bytes (server.max_body_bytes)",
                                "req-1"));
  CHECK(provider.requests().empty());
}

TEST_CASE("a body of just the limit is served", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.max_body_bytes = F::body(false).size();
  f.start();
  CHECK(f.ask(F::post(F::body(false))).status == 200);
}

TEST_CASE("a head that is too large is refused", "[scenario]") {
  F f;
  f.config.server.max_header_bytes = 1024;
  f.start();
  const Answer answer = f.ask(F::get("/health", "X: " + std::string(2000, 'x') + "\r\n"));
  CHECK(answer.status == 431);
  CHECK(answer.body == envelope("invalid_request_error",
                                "the request line and headers exceed 1024 bytes "
                                "(server.max_header_bytes)",
                                std::string(answer.headers.get("x-request-id").value_or(""))));
}

TEST_CASE("a head that comes too slowly is refused", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("GET /health HTTP/1.1\r\n");
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.harness.advance(milliseconds(9'900));
  client->send("Host: relay\r\n");
  f.harness.settle();
  CHECK(client->received().empty());
  f.harness.advance(milliseconds(200));
  f.until([&] { return client->gone(); });
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 408);
  CHECK(all[0].body == envelope("timeout_error",
                                "the request's head did not arrive in time "
                                "(timeouts.client_header_ms)",
                                std::string(all[0].headers.get("x-request-id").value_or(""))));
}

TEST_CASE("a slow head after a HEAD is refused with words", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("HEAD /health HTTP/1.1\r\nHost: relay\r\n\r\nGET /");
  f.until([&] { return client->received().find("\r\n\r\n") != std::string::npos; });
  f.harness.settle();
  f.harness.advance(seconds(11));
  f.until([&] { return client->gone(); });
  CHECK(client->received().find("timeouts.client_header_ms") != std::string::npos);
}

TEST_CASE("a body that stops coming is refused", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  client->send("POST /v1/messages HTTP/1.1\r\nHost: relay\r\n" + with_id +
               "Content-Length: 9\r\n\r\n{");
  f.until([&] { return f.relay->in_flight() == 1; });
  f.harness.settle();
  f.harness.advance(seconds(31));
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 408);
  CHECK(all[0].body == envelope("timeout_error",
                                "the request's body stopped arriving (timeouts.client_body_ms)",
                                "req-1"));
  CHECK(provider.requests().empty());
}

TEST_CASE("a body that keeps moving may take its time", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const auto client = f.connect();
  const std::string request = F::post(F::body(false));
  const std::size_t pieces = 10;
  client->send(request.substr(0, request.size() - pieces));
  f.until([&] { return f.relay->in_flight() == 1; });
  for (std::size_t i = pieces; i > 0; --i) {
    f.harness.settle();
    f.harness.advance(seconds(20));
    client->send(request.substr(request.size() - i, 1));
  }
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 200);
}

TEST_CASE("a connection that says nothing is closed without a word", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.harness.advance(seconds(11));
  f.until([&] { return client->gone(); });
  CHECK(client->received().empty());
}

TEST_CASE("an idle connection is closed after its time", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health"));
  answers(f, *client, 1);
  f.harness.settle();
  f.harness.advance(seconds(119));
  CHECK_FALSE(client->gone());
  f.harness.advance(seconds(2));
  f.until([&] { return client->gone(); });
  CHECK(client->answers().size() == 1);
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("aged":0,"idle":1,)"));
}

TEST_CASE("more requests at once than allowed are told to come back", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  f.config.server.max_concurrent = 1;
  f.start();
  const auto running = f.connect();
  running->send(F::post(F::body(false)));
  f.until([&] { return provider.requests().size() == 1; });
  const Answer answer = f.ask(F::post(F::body(false), with_id));
  CHECK(answer.status == 503);
  CHECK(answer.headers.get("retry-after") == "1");
  CHECK(answer.body == envelope("overloaded_error",
                                "the relay already handles 1 requests (server.max_concurrent); "
                                "try again shortly",
                                "req-1"));
}

TEST_CASE("bodies beyond what all together may hold are told to come back", "[scenario]") {
  const bool announced = GENERATE(true, false);
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.respond_with([](const RecordedRequest&) { return Script().hold(); });
  f.config.server.max_body_bytes = 100'000;
  f.config.server.max_buffered_body_bytes = 120'000;
  f.start();
  const std::string body = R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":")" +
                           std::string(70'000, 'x') + R"("}]})";
  const auto running = f.connect();
  running->send(F::post(body));
  f.until([&] { return provider.requests().size() == 1; });
  const auto second = f.connect();
  if (announced) {
    second->send(
        "POST /v1/messages HTTP/1.1\r\nHost: relay\r\nX-Request-ID: req-1\r\n"
        "Content-Length: 80000\r\n\r\n");
  } else {
    second->send(chunked_post("13880\r\n" + std::string(80'000, 'x')));
  }
  const auto refused = answers(f, *second, 1);
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].status == 503);
  CHECK(refused[0].headers.get("retry-after") == "1");
  CHECK(refused[0].body ==
        envelope("overloaded_error",
                 "the bodies of requests that wait for an answer fill 120000 bytes "
                 "(server.max_buffered_body_bytes); try again shortly",
                 "req-1"));
  second->close();
  const std::string said = f.ask(F::get("/v1/providers")).body;
  const std::string held = std::to_string(body.size());
  CHECK(has(said, R"("requests":{"in_flight":1,"refused":0,"body_bytes":)" + held +
                      R"(,"bodies_refused":1})"));
  // And the room is given back.
  running->close();
  f.until([&] { return provider.cancelled() == 1; });
  f.harness.settle();
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("body_bytes":0,)"));
}

TEST_CASE("a running stream holds no body any more", "[scenario]") {
  F f;
  f.config.server.max_body_bytes = 1000;
  f.config.server.max_buffered_body_bytes = 1;  // room for one body at any rate
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(stream_held_at(4));
  f.start();
  const auto running = f.connect();
  running->send(F::post(F::body(true)));
  f.until([&] { return has(running->received(), "content_block_delta"); });
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("body_bytes":0,)"));
  CHECK(f.ask(F::post(F::body(false))).status == 200);
}

TEST_CASE("a place is free again when a request has ended", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.max_concurrent = 1;
  f.start();
  for (int i = 0; i < 3; ++i) CHECK(f.ask(F::post(F::body(false))).status == 200);
}

TEST_CASE("who may not come in is told so, not that the relay is full", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  f.config.server.max_concurrent = 1;
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto running = f.connect();
  running->send(F::post(F::body(false), with_key));
  f.until([&] { return provider.requests().size() == 1; });
  CHECK(f.ask(F::post(F::body(false))).status == 401);
  CHECK(f.ask(F::get("/health")).status == 200);
}

TEST_CASE("connections beyond the limit are closed at once", "[scenario]") {
  F f;
  f.config.server.max_connections = 1;
  f.start();
  const auto first = f.connect();
  first->send(F::get("/health"));
  answers(f, *first, 1);
  const auto second = f.connect();
  f.until([&] { return second->gone(); });
  CHECK(second->received().empty());
  first->close();
  f.harness.settle();
  CHECK(f.ask(F::get("/health")).status == 200);
}

TEST_CASE("connections of one address beyond its limit are closed at once", "[scenario]") {
  F f;
  f.config.server.max_connections_per_address = 2;
  f.start();
  const auto first = f.connect();
  const auto second = f.connect();
  for (RawClient* client : {first.get(), second.get()}) {
    client->send(F::get("/health"));
    answers(f, *client, 1);
  }
  const auto third = f.connect();
  f.until([&] { return third->gone(); });
  CHECK(third->received().empty());
  first->close();
  f.harness.settle();
  const std::string said = f.ask(F::get("/v1/providers")).body;
  CHECK(said.find(R"("refused_in_all":0,"refused_per_address":1,)") != std::string::npos);
}

TEST_CASE("what a chunked body carries besides the body is bounded", "[scenario]") {
  const std::string framing = GENERATE("1;" + std::string(2000, 'x') + "\r\n",
                                       "0\r\nX: " + std::string(2000, 'x') + "\r\n\r\n");
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_header_bytes = 1024;
  f.start();
  const auto client = f.connect();
  client->send(chunked_post(framing));
  f.until([&] { return client->gone(); });
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 431);
  CHECK(all[0].headers.get("connection") == "close");
  CHECK(all[0].body == envelope("invalid_request_error",
                                "chunk extensions and trailers exceed 1024 bytes "
                                "(server.max_header_bytes)",
                                "req-1"));
  CHECK(provider.requests().empty());
}
