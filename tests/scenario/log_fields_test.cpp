#include <chrono>
#include <string>

#include "catch.hpp"
#include "observe/figures.hpp"
#include "scenario/seen.hpp"
#include "scenario/tls_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using F = RelayFixture;

TEST_CASE("a request's line bears the time of its end, and beside it when it began",
          "[scenario][log]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(held(Script::message("hi")));
  f.start();
  const WallTime begin = f.harness.clock().wall();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(milliseconds(1500));
  one.release();
  const RequestSummary& seen = f.finished();
  CHECK(seen.began == begin);
  CHECK(seen.time - seen.began >= milliseconds(1500));
}

TEST_CASE("lines are in the order of their times, whatever took longest", "[scenario][log]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(held(Script::message("slow")));
  f.start();
  const auto slow = f.connect();
  slow->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(milliseconds(10));
  CHECK(f.ask(request(false)).status == 200);
  f.harness.advance(milliseconds(10));
  one.release();
  f.finished(2);
  CHECK(f.observer.requests[0].time < f.observer.requests[1].time);
  CHECK(f.observer.requests[0].began > f.observer.requests[1].began);
}

TEST_CASE("what asks how the relay is makes lines at debug alone", "[scenario][log]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const std::string key = "x-api-key: relay-key\r\n";
  for (const std::string path :
       {"/", "/api/hello", "/health", "/ready", "/v1/models", "/v1/providers"}) {
    CHECK(f.ask(F::get(path, key)).status == 200);
  }
  f.finished(6);
  for (const RequestSummary& seen : f.observer.requests) {
    CAPTURE(seen.path);
    CHECK(observe::level_of(seen) == Level::debug);
  }
  // Whoever is kept out, or lost, is of interest.
  f.ask(F::get("/v1/providers"));
  CHECK(observe::level_of(f.finished(7)) == Level::warn);
  f.ask(F::get("/v1/models/none", key));
  CHECK(observe::level_of(f.finished(8)) == Level::warn);
  f.ask(F::get("/nothing"));
  CHECK(observe::level_of(f.finished(9)) == Level::warn);
  f.ask(request(false, key));
  CHECK(observe::level_of(f.finished(10)) == Level::info);
}

TEST_CASE("the log says for whom a trusted proxy asks; the provider is not told",
          "[scenario][log]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  const bool trusted = GENERATE(false, true);
  if (trusted) f.config.server.trusted_proxies = {"127.0.0.0/8", "::1"};
  f.start();
  f.ask(request(false, "X-Forwarded-For: 203.0.113.9\r\n"));
  CHECK(f.finished().forwarded_for == (trusted ? "203.0.113.9" : ""));
  CHECK(has(log_lines(f.observer), R"("forwarded_for":"203.0.113.9")") == trusted);
  CHECK_FALSE(has(received(one), "203.0.113.9"));
}

TEST_CASE("who proxies are is read again with the configuration", "[scenario][log]") {
  F f;
  f.add_provider("one");
  f.start();
  f.config.server.trusted_proxies = {"127.0.0.1"};
  REQUIRE(f.relay->reload(f.config));
  f.ask(request(false, "Forwarded: for=203.0.113.9\r\n"));
  CHECK(f.finished().forwarded_for == "203.0.113.9");
}

TEST_CASE("the log names the user that the request names", "[scenario][log]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  const std::string body = R"({"model":"m","max_tokens":1,"metadata":{"user_id":"user-7"},)"
                           R"("messages":[{"role":"user","content":"hi"}]})";
  f.ask(F::post(body, "User-Agent: claude-cli/2.0\r\n"));
  CHECK(f.finished().user == "user-7");
  CHECK(f.finished().user_agent == "claude-cli/2.0");
  CHECK(one.requests().at(0).body == body);
}

TEST_CASE("what clients invent is cut in everything that is told of it", "[scenario][log]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  const std::string much(20'000, 'x');
  const auto check = [&](std::size_t count) {
    const RequestSummary& r = f.finished(count);
    for (const std::string& text : {r.request_id, r.method, r.path, r.session, r.user, r.user_agent,
                                    r.forwarded_for, r.model_asked}) {
      CHECK(text.size() <= 256);
    }
    CHECK(r.error.size() <= 1024);
    for (const AttemptSummary& attempt : r.attempts) CHECK(attempt.model.size() <= 256);
  };
  f.config.server.trusted_proxies = {"127.0.0.1"};
  REQUIRE(f.relay->reload(f.config));
  f.ask(request(false, "X-Claude-Code-Session-Id: " + much + "\r\nX-Request-Id: " + much + "\r\n"));
  check(1);
  f.ask(request(false, "User-Agent: " + much + "\r\nX-Forwarded-For: " + much + "\r\n"));
  check(2);
  f.ask(F::post(R"({"model":"m","max_tokens":1,"metadata":{"user_id":")" + much +
                R"("},"messages":[{"role":"user","content":"hi"}]})"));
  check(3);
  const Answer lost = f.ask(F::get("/" + much));
  CHECK(lost.status == 404);
  CHECK(lost.body.size() < 1024);
  check(4);
  CHECK(f.ask(F::get("/v1/models/" + much)).body.size() < 1024);
  check(5);
  CHECK(f.ask(F::get("/./" + much)).body.size() < 1024);
  check(6);
  CHECK(f.ask("PUT /v1/messages?" + much + " HTTP/1.1\r\nHost: relay\r\n\r\n").status == 405);
  check(7);
  // A good request is whole at the provider all the same.
  CHECK(one.requests().at(0).head.headers.get("x-claude-code-session-id") == much);
  CHECK(one.requests().at(2).body.find(much) != std::string::npos);
}

TEST_CASE("TLS at a port that speaks plain HTTP is said to be TLS", "[scenario][log]") {
  F f;
  f.add_provider("one");
  f.start();
  // The beginning of a ClientHello (RFC 8446 section 4.1.2).
  const Answer answer = f.ask(std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 11));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "this is a TLS handshake, and plain HTTP is spoken here"));
  const RequestSummary& seen = f.finished();
  CHECK(seen.status == 400);
  CHECK(has(seen.error, "this is a TLS handshake, and plain HTTP is spoken here"));
  CHECK(observe::level_of(seen) == Level::warn);
}

TEST_CASE("plain HTTP at a port that speaks TLS is said to be plain HTTP", "[scenario][log]") {
  F f;
  f.add_provider("one");
  speak_tls(f);
  f.start();
  const Answer answer = f.ask(F::get("/health"));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "use https://"));
  const RequestSummary& seen = f.finished();
  CHECK(seen.status == 400);
  CHECK(has(seen.client, "127.0.0.1:"));
  CHECK(has(seen.error, "plain HTTP came to a port that speaks TLS"));
}
