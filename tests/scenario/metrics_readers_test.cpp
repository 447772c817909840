#include <chrono>
#include <string>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/scraped.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using namespace ccrelay::testing::scraped;
using F = RelayFixture;
using std::chrono::milliseconds;

// GET /metrics: to whom it tells, and that no secret is among it.

TEST_CASE("no secret and no word of a client but a model's name stands in the metrics",
          "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].keys = {{Secret("canary-key-01"), 1, 1}};
  f.config.providers[0].headers = {{"x-extra", Secret("canary-header-02")}};
  f.config.server.auth.api_key = Secret("canary-relay-03");
  f.config.server.auth.bearer_secret = Secret("canary-bearer-04");
  f.config.metrics.bearer_secret = Secret("canary-metrics-05");
  f.start();
  one.respond_with([](const RecordedRequest&) {
    return Script::error(400, "invalid_request_error", "canary-error-06");
  });
  const std::string key = "x-api-key: canary-relay-03\r\n";
  f.ask(F::post(R"({"model":"canary-model-07","metadata":{"user_id":"canary-user-08"}})",
                key + "X-Claude-Code-Session-Id: canary-session-09\r\nUser-Agent: canary-10\r\n"));
  f.ask(F::get("/canary-path-11?canary-query-12=1", key));
  f.ask(F::post(F::body(false), "x-api-key: canary-unknown-13\r\n"));
  const Answer answer = f.ask(F::get("/metrics", "Authorization: Bearer canary-metrics-05\r\n"));
  CHECK(answer.status == 200);
  CHECK_FALSE(has(answer.body, "canary"));
  CHECK_FALSE(has(received(one), "canary-metrics-05"));
}

TEST_CASE("the metrics' own secret opens them alone and reaches no provider",
          "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.config.metrics.bearer_secret = Secret("metrics-secret");
  f.start();
  CHECK(status_of(f, "") == 401);
  CHECK(status_of(f, "Authorization: Bearer wrong\r\n") == 401);
  CHECK(status_of(f, "x-api-key: metrics-secret\r\n") == 401);
  CHECK(status_of(f, "Authorization: Bearer metrics-secret\r\n") == 200);
  CHECK(status_of(f, "Authorization: Bearer relay-key\r\n") == 200);
  CHECK(status_of(f, "x-api-key: relay-key\r\n") == 200);
  CHECK(f.ask(request(false, "Authorization: Bearer metrics-secret\r\n")).status == 401);
  CHECK(one.requests().empty());
  CHECK(f.ask(request(false,
                      "x-api-key: relay-key\r\nAuthorization: Bearer metrics-secret\r\n"
                      "x-other: metrics-secret\r\n"))
            .status == 200);
  CHECK_FALSE(has(received(one), "metrics-secret"));
  const Metrics seen = scrape(f, "x-api-key: relay-key\r\n");
  CHECK(seen[of("auth_failures_total", "reason=\"missing\"")] == 1);
  CHECK(seen[of("auth_failures_total", "reason=\"unknown\"")] == 3);
  // Who is turned away is told of, unlike who is served.
  f.harness.settle();
  CHECK(f.observer.requests.size() == 5);
}

TEST_CASE("who may read the metrics of a relay without credentials", "[scenario][metrics]") {
  F f;
  f.add_provider("one");
  f.start();
  CHECK(status_of(f, "") == 200);
  CHECK(status_of(f, "Origin: https://evil.example\r\n") == 403);
  CHECK(f.ask("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n").status == 403);
}

TEST_CASE("a subscription's login does not open the metrics", "[scenario][metrics]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.allow_subscription = true;
  f.start();
  CHECK(status_of(f, "Authorization: Bearer sk-ant-oat01-x\r\n") == 401);
}

TEST_CASE("the metrics may be given to everybody but pages, or to nobody", "[scenario][metrics]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.config.metrics.allow_without_auth = true;
  f.start();
  CHECK(status_of(f, "") == 200);
  CHECK(f.ask("GET /metrics HTTP/1.1\r\nHost: relay.example.com\r\n\r\n").status == 200);
  CHECK(status_of(f, "Origin: https://evil.example\r\n") == 403);
  CHECK(status_of(f, "Content-Length: 0\r\n", "POST") == 405);
  f.config.metrics.enabled = false;
  REQUIRE(f.relay->reload(f.config));
  CHECK(status_of(f, "x-api-key: relay-key\r\n") == 404);
  CHECK(status_of(f, "Content-Length: 0\r\n", "POST") == 404);
}

TEST_CASE("metrics are told above max_concurrent, while draining, and over HTTP/2",
          "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.server.max_concurrent = 1;
  f.config.server.shutdown_grace = milliseconds(1000);
  one.enqueue(Script().hold());
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  CHECK(f.ask(request(false)).status == 503);
  CHECK(scrape(f)["ccrelay_requests_in_flight"] == 1);
  const auto h2 = h2_connect(f);
  const std::uint32_t id = h2->get("/metrics");
  CHECK(Metrics(ended(f, *h2, id).answer.body)["ccrelay_requests_in_flight"] == 1);
  f.relay->stop();
  f.harness.settle();
  CHECK(scrape(f)["ccrelay_requests_in_flight"] == 1);
}

TEST_CASE("a client that leaves before the metrics come leaves nothing behind",
          "[scenario][metrics]") {
  F f;
  f.add_provider("one");
  f.start();
  for (int i = 0; i < 5; ++i) {
    const auto client = f.connect();
    client->send(F::get("/metrics"));
    f.until([&] { return client->connected() && client->unsent() == 0; });
    client->reset();
    f.harness.settle();
  }
  CHECK(scrape(f)["ccrelay_connections"] == 1);
}

TEST_CASE("a relay may be destroyed in the middle of a scrape", "[scenario][metrics]") {
  F f;
  f.add_provider("one");
  f.start();
  const auto client = f.connect();
  client->send(F::get("/metrics") + F::get("/metrics"));
  f.until([&] { return client->connected() && client->unsent() == 0; });
  f.relay.reset();
  f.harness.settle();
  CHECK(client->gone());
}
