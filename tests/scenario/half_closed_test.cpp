#include <chrono>
#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// Clients that send FIN, and answers that are still on their way when a connection ends.

namespace {

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

const std::string long_text = R"({"type":"message","content":[{"type":"text","text":")" +
                              std::string(24 << 20, 'j') + "\"}]}";

}  // namespace

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
      client_behind(f, F::post(F::body(false)), Script::reply(200, "application/json", long_text));
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
  const auto client = client_behind(f, requests, Script::reply(200, "application/json", long_text));
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
      client_behind(f, request + request, Script::reply(200, "application/json", long_text));
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
  const auto client = client_behind(
      f,
      "POST /v1/messages HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
          body,
      Script().head(200, {{"content-type", "application/json"}}).send(long_text).close());
  f.relay->stop();
  f.harness.settle();
  f.harness.advance(std::chrono::milliseconds(5100));
  f.harness.advance(f.config.timeouts.client_linger);
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
