// Time that passes while the loop waits: whatever ends the wait sees what time it is then.

#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tls_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// The loop waits for half a minute; what the test does next ends that.
void silence(RelayFixture& f, seconds length = seconds(30)) {
  f.harness.settle();
  f.harness.advance_in_wait(length);
}

/// A client that has had an answer and stays.
std::unique_ptr<RawClient> kept_client(RelayFixture& f) {
  auto client = f.connect();
  client->send(RelayFixture::get("/health"));
  f.until([&] { return client->answers().size() == 1 && client->answers()[0].complete; });
  return client;
}

/// The status of the client's answer of that number; 0 when it was cut off before.
int status_of(RelayFixture& f, RawClient& client, std::size_t number) {
  f.until([&] {
    const auto all = client.answers();
    return client.gone() || (all.size() >= number && all[number - 1].complete);
  });
  const auto all = client.answers();
  return all.size() >= number ? all[number - 1].status : 0;
}

int h2_status(RelayFixture& f, H2Client& client, std::uint32_t id) {
  return ended(f, client, id).answer.status;
}

int tls_status(RelayFixture& f, TlsClient& client, std::size_t number) {
  f.until([&] {
    const auto all = client.answers();
    return client.gone() || (all.size() >= number && all[number - 1].complete);
  });
  const auto all = client.answers();
  return all.size() >= number ? all[number - 1].status : 0;
}

/// A relay that gives clients a second for everything but idling.
struct Strict {
  Strict() {
    f.config.timeouts.client_header = milliseconds(1000);
    f.config.timeouts.client_body = milliseconds(1000);
    f.config.server.tls.handshake_timeout = milliseconds(1000);
    f.add_provider("one");
  }
  RelayFixture f;
};

}  // namespace

// ---- Clients

TEST_CASE("a connection that ends a silence has all of its time for the first request",
          "[scenario][silence]") {
  Strict scene;
  scene.f.start();
  silence(scene.f);
  CHECK(scene.f.ask(RelayFixture::get("/health")).status == 200);
}

TEST_CASE("so has one with TLS, for its handshake too", "[scenario][silence]") {
  Strict scene;
  speak_tls(scene.f);
  scene.f.start();
  silence(scene.f);
  const auto client = tls_client(scene.f);
  client->send(RelayFixture::get("/health"));
  CHECK(tls_status(scene.f, *client, 1) == 200);
}

TEST_CASE("so has one with HTTP/2", "[scenario][silence]") {
  Strict scene;
  scene.f.start();
  silence(scene.f);
  const auto client = h2_connect(scene.f);
  const auto id = client->get("/health");
  CHECK(h2_status(scene.f, *client, id) == 200);
}

TEST_CASE("a request that ends a silence has all of its time for the body", "[scenario][silence]") {
  Strict scene;
  scene.f.start();
  const auto client = kept_client(scene.f);
  silence(scene.f);
  const std::string request = RelayFixture::post(RelayFixture::body(false));
  client->send(request.substr(0, request.size() - 5));
  scene.f.harness.settle();
  scene.f.harness.advance(milliseconds(900));
  client->send(request.substr(request.size() - 5));
  CHECK(status_of(scene.f, *client, 2) == 200);
}

TEST_CASE("so has one on a connection with TLS", "[scenario][silence]") {
  Strict scene;
  speak_tls(scene.f);
  scene.f.start();
  const auto client = tls_client(scene.f);
  client->send(RelayFixture::get("/health"));
  REQUIRE(tls_status(scene.f, *client, 1) == 200);
  silence(scene.f);
  const std::string request = RelayFixture::post(RelayFixture::body(false));
  client->send(request.substr(0, request.size() - 5));
  scene.f.harness.settle();
  scene.f.harness.advance(milliseconds(900));
  client->send(request.substr(request.size() - 5));
  CHECK(tls_status(scene.f, *client, 2) == 200);
}

TEST_CASE("so has one on a connection with HTTP/2", "[scenario][silence]") {
  Strict scene;
  scene.f.start();
  const auto client = h2_connect(scene.f);
  REQUIRE(h2_status(scene.f, *client, client->get("/health")) == 200);
  silence(scene.f);
  const std::string body = RelayFixture::body(false);
  const auto id = client->begin(h2::fields("POST", "/v1/messages"));
  scene.f.harness.settle();
  scene.f.harness.advance(milliseconds(900));
  client->send(h2::frame(h2::data, h2::end_stream, id, body));
  CHECK(h2_status(scene.f, *client, id) == 200);
}

TEST_CASE("of two requests in one turn, between which time passes, each has its own",
          "[scenario][silence]") {
  Strict scene;
  scene.f.start();
  const auto before = kept_client(scene.f);
  const auto after = kept_client(scene.f);
  scene.f.harness.settle();
  before->send(RelayFixture::get("/v1/models"));
  scene.f.harness.advance_in_wait(seconds(30));
  after->send(RelayFixture::get("/v1/models"));
  CHECK(status_of(scene.f, *before, 2) == 200);
  CHECK(status_of(scene.f, *after, 2) == 200);
  CHECK(scene.f.finished(4).total == seconds(0));
}

// ---- What is measured

TEST_CASE("a silence before a request is no part of its time", "[scenario][silence]") {
  const bool stream = GENERATE(false, true);
  Strict scene;
  scene.f.start();
  const auto client = kept_client(scene.f);
  silence(scene.f);
  client->send(request(stream));
  CHECK(status_of(scene.f, *client, 2) == 200);
  const RequestSummary& summary = scene.f.finished(2);
  CHECK(summary.queue == seconds(0));
  CHECK(summary.first_byte == seconds(0));
  CHECK(summary.total == seconds(0));
  REQUIRE(summary.attempts.size() == 1);
  CHECK(summary.attempts[0].connect == seconds(0));
  CHECK(summary.attempts[0].first_byte == seconds(0));
  CHECK(summary.attempts[0].total == seconds(0));
}

TEST_CASE("a provider's silence is all in its time to the first byte", "[scenario][silence]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(held(Script::message("late")));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  silence(f);
  one.release();
  CHECK(status_of(f, *client, 1) == 200);
  const RequestSummary& summary = f.finished();
  CHECK(summary.attempts[0].first_byte == seconds(30));
  CHECK(summary.first_byte == seconds(30));
}

TEST_CASE("a slow upload is no part of the time until the first attempt", "[scenario][silence]") {
  RelayFixture f;
  f.add_provider("one");
  f.start();
  const auto client = f.connect();
  const std::string request = RelayFixture::post(RelayFixture::body(false));
  client->send(request.substr(0, request.size() - 5));
  f.harness.settle();
  f.harness.advance(seconds(7));
  client->send(request.substr(request.size() - 5));
  CHECK(status_of(f, *client, 1) == 200);
  CHECK(f.finished().queue == seconds(0));
  CHECK(f.finished().total == seconds(7));
}

TEST_CASE("latency_based does not hold a silence against who answers after it",
          "[scenario][silence]") {
  RelayFixture f;
  f.config.routing.strategy = "latency_based";
  f.config.health.checks = false;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(held(Script::message("slow")));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(seconds(1));
  one.release();
  REQUIRE(status_of(f, *client, 1) == 200);
  client->send(request(false));
  REQUIRE(status_of(f, *client, 2) == 200);
  REQUIRE(tries(f.finished(2)) == "two:success");
  silence(f);
  client->send(request(false));
  REQUIRE(status_of(f, *client, 3) == 200);
  REQUIRE(tries(f.finished(3)) == "two:success");
  // It would be the turn of the other one if this one had taken half a minute.
  client->send(request(false));
  CHECK(status_of(f, *client, 4) == 200);
  CHECK(tries(f.finished(4)) == "two:success");
}

// ---- Deadlines of attempts and streams

TEST_CASE("an attempt that ends a silence has all of its time", "[scenario][silence]") {
  RelayFixture f;
  f.add_provider("one");
  f.config.providers[0].connect_timeout = milliseconds(1000);
  f.config.providers[0].first_byte_timeout = milliseconds(1000);
  f.start();
  const auto client = kept_client(f);
  silence(f);
  client->send(request(true));
  CHECK(status_of(f, *client, 2) == 200);
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("server.timeout_ms begins when the request is complete", "[scenario][silence]") {
  RelayFixture f;
  f.config.server.timeout = seconds(20);
  f.add_provider("one");
  f.start();
  const auto client = kept_client(f);
  silence(f);
  client->send(request(false));
  CHECK(status_of(f, *client, 2) == 200);
}

TEST_CASE("a stream may be silent for all of stream_idle_ms after what ends a silence",
          "[scenario][silence]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].stream_idle_timeout = seconds(20);
  f.config.stream.keepalive = milliseconds(0);
  const auto events = Script::events("x");
  Script script = begun();
  script.chunk(events[3]).hold();
  one.enqueue(finish(script));
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  silence(f, seconds(15));
  one.release();
  f.until([&] { return body_of(*client) == begun_bytes() + events[3]; });
  f.harness.advance(seconds(10));
  one.release();
  CHECK(status_of(f, *client, 1) == 200);
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("no ping is sent right after what ended a silence", "[scenario][silence]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.config.stream.keepalive = seconds(15);
  Script script = begun();
  one.enqueue(finish(script));
  f.start();
  const auto client = kept_client(f);
  silence(f);
  client->send(request(true));
  f.until([&] { return body_of(*client) == begun_bytes(); });
  f.harness.advance(seconds(14));
  CHECK(body_of(*client) == begun_bytes());
  one.release();
  CHECK(status_of(f, *client, 2) == 200);
  CHECK(f.finished(2).pings == 0);
}

TEST_CASE("a connection to a provider is pooled for all of upstream_idle_ms after a long answer",
          "[scenario][silence]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.config.timeouts.upstream_idle = seconds(20);
  one.enqueue(held(Script::message("late")));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  silence(f);
  one.release();
  CHECK(status_of(f, *client, 1) == 200);
  f.harness.advance(seconds(19));
  client->send(request(false));
  CHECK(status_of(f, *client, 2) == 200);
  CHECK(one.connections_accepted() == 1);
}

// ---- What is known of keys and providers

TEST_CASE("a cool-down that is over by the end of a silence is over", "[scenario][silence]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "20"}}));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  REQUIRE(status_of(f, *client, 1) == 200);
  REQUIRE(tries(f.finished(1)) == "one:rate_limited two:success");
  silence(f);
  client->send(request(false));
  CHECK(status_of(f, *client, 2) == 200);
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("a cool-down that begins at the end of a silence lasts as long as was said",
          "[scenario][silence]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(held(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "20"}})));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  silence(f);
  one.release();
  REQUIRE(status_of(f, *client, 1) == 200);
  f.harness.advance(seconds(19));
  client->send(request(false));
  CHECK(status_of(f, *client, 2) == 200);
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(seconds(1));
  client->send(request(false));
  CHECK(status_of(f, *client, 3) == 200);
  CHECK(tries(f.finished(3)) == "one:success");
}

TEST_CASE("a minute that is over by the end of a silence gives a key its budget back",
          "[scenario][silence]") {
  RelayFixture f;
  f.add_provider("one");
  f.config.providers[0].keys[0].rpm_limit = 1;
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  REQUIRE(status_of(f, *client, 1) == 200);
  silence(f, seconds(61));
  client->send(request(false));
  CHECK(status_of(f, *client, 2) == 200);
}

TEST_CASE("a breaker whose time is over by the end of a silence lets one in",
          "[scenario][silence]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  f.config.health.failure_threshold = 1;
  f.config.health.open_duration = seconds(20);
  f.config.health.checks = false;
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  REQUIRE(status_of(f, *client, 1) == 200);
  REQUIRE(tries(f.finished(1)) == "one:failed two:success");
  silence(f);
  client->send(request(false));
  CHECK(status_of(f, *client, 2) == 200);
  CHECK(tries(f.finished(2)) == "one:success");
}
