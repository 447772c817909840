#include <chrono>
#include <string>

#include "catch.hpp"
#include "scenario/scraped.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using namespace ccrelay::testing::scraped;
using F = RelayFixture;
using std::chrono::milliseconds;
using std::chrono::seconds;

// GET /metrics: that it tells what has happened.

TEST_CASE("the metrics are what both ends have seen", "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  for (ProviderConfig& provider : f.config.providers) provider.models = {"claude-test"};
  f.start();
  std::uint64_t bytes_out = 0, bytes_in = 0;
  const auto ask = [&](const std::string& request) {
    const Answer answer = f.ask(request);
    bytes_out += answer.body.size();
    return answer.status;
  };
  CHECK(ask(request(false)) == 200);
  CHECK(ask(request(true)) == 200);
  one.enqueue(Script::error(500, "api_error", "down"));
  CHECK(ask(request(false)) == 200);
  one.enqueue(Script::error(400, "invalid_request_error", "no"));
  CHECK(ask(request(false)) == 400);
  CHECK(ask(F::get("/health")) == 200);
  CHECK(ask(F::get("/nowhere")) == 404);
  CHECK(ask(F::get("/v1/providers")) == 200);
  bytes_in = 3 * F::body(false).size() + F::body(true).size();
  f.finished(7);

  const Metrics seen = scrape(f);
  CHECK(seen[requests("messages", "200")] == 3);
  CHECK(seen[requests("messages", "400")] == 1);
  CHECK(seen[requests("health", "200")] == 1);
  CHECK(seen[requests("other", "404")] == 1);
  CHECK(seen[requests("providers", "200")] == 1);
  CHECK(seen.sum("ccrelay_requests_total") == 7);
  CHECK(seen[attempts("one", "success")] == 2);
  CHECK(seen[attempts("one", "failed")] == 1);
  CHECK(seen[attempts("one", "rejected")] == 1);
  CHECK(seen[attempts("two", "success")] == 1);
  CHECK(seen[attempts("two", "failed")] == 0);
  CHECK(seen.sum("ccrelay_attempts_total") ==
        static_cast<double>(one.requests().size() + two.requests().size()));
  CHECK(seen[of("failovers_total", "provider=\"one\"")] == 1);
  CHECK(seen[of("failovers_total", "provider=\"two\"")] == 0);
  CHECK(seen[tokens("one", "input")] == 2 * 11);
  CHECK(seen[tokens("one", "output")] == 2 * 7);
  CHECK(seen[tokens("one", "cache_write_5m")] == 2 * 3);
  CHECK(seen[tokens("one", "cache_write_1h")] == 0);
  CHECK(seen[tokens("one", "cache_read")] == 2 * 5);
  CHECK(seen[tokens("two", "output")] == 7);
  CHECK(seen[of("client_tokens_total", "client=\"anonymous\",type=\"input\"")] == 3 * 11);
  CHECK(seen.sum("ccrelay_requests_without_price_total") == 3);
  CHECK(seen.sum("ccrelay_requests_without_usage_total") == 0);
  CHECK(seen[of("request_endings_total", "ending=\"complete\"")] == 4);
  CHECK(seen[of("client_bytes_total", "direction=\"in\"")] == static_cast<double>(bytes_in));
  CHECK(seen[of("client_bytes_total", "direction=\"out\"")] == static_cast<double>(bytes_out));
  CHECK(seen[of("request_duration_seconds_count", "endpoint=\"messages\"")] == 4);
  CHECK(seen["ccrelay_queue_seconds_count"] == 4);
  CHECK(seen.sum("ccrelay_attempt_connect_seconds_count") ==
        static_cast<double>(one.connections_accepted() + two.connections_accepted()));
  CHECK(seen["ccrelay_requests_in_flight"] == 0);
  CHECK(seen[of("attempts_in_flight", "provider=\"one\"")] == 0);
  CHECK(seen[of("breaker_state", "provider=\"one\",state=\"closed\"")] == 1);
  CHECK(seen.sum("ccrelay_key_state") == 2);
  CHECK(seen.sum("ccrelay_auth_failures_total") == 0);
}

TEST_CASE("a scrape is counted, but nobody is told of it", "[scenario][metrics]") {
  F f;
  f.add_provider("one");
  f.start();
  scrape(f);
  f.harness.settle();
  CHECK(scrape(f)[requests("metrics", "200")] == 1);
  const auto client = f.connect();
  client->send("HEAD /metrics HTTP/1.1\r\nHost: relay\r\n\r\n");
  f.until([&] { return !client->answers().empty(); });
  f.harness.settle();
  CHECK(client->answers()[0].status == 200);
  CHECK(client->received().ends_with("\r\n\r\n"));
  CHECK(f.observer.requests.empty());
  CHECK(scrape(f)[requests("metrics", "200")] == 3);
}

TEST_CASE("series of the configuration are there from the start", "[scenario][metrics]") {
  F f;
  f.add_provider("one");
  f.config.providers[0].models = {"exact", "pattern-*"};
  f.config.providers[0].model_mapping = {{"asked", "sent"}};
  f.start();
  const Metrics fresh = scrape(f);
  CHECK(fresh[requests("messages", "200")] == 0);
  for (const char* model : {"exact", "sent"}) {
    CHECK(fresh[attempts("one", "success", model)] == 0);
    CHECK(fresh[attempts("one", "timed_out", model)] == 0);
  }
  CHECK_FALSE(fresh.has(attempts("one", "success", "pattern-*")));
  CHECK(fresh[of("stream_stalls_total", "provider=\"one\"")] == 0);
  CHECK(fresh[of("breaker_opened_total", "provider=\"one\"")] == 0);
  CHECK(fresh[of("request_endings_total", "ending=\"client_gone\"")] == 0);
  CHECK(fresh.sum("ccrelay_tokens_total") == 0);
  CHECK(fresh["ccrelay_build_info{version=\"" + std::string(version()) + "\"}"] == 1);
  CHECK(fresh["ccrelay_connections"] == 1);
}

TEST_CASE("what is under way is told while it is", "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  Script script = begun();
  one.enqueue(finish(script));
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  const Metrics during = scrape(f);
  CHECK(during["ccrelay_requests_in_flight"] == 1);
  CHECK(during[of("attempts_in_flight", "provider=\"one\"")] == 1);
  CHECK(during.sum("ccrelay_key_in_flight") == 1);
  CHECK(during["ccrelay_connections"] == 2);
  f.harness.advance(seconds(16));
  CHECK(scrape(f)["ccrelay_stream_pings_total"] == 1);
  one.release();
  f.finished();
  f.harness.settle();
  const Metrics after = scrape(f);
  CHECK(after["ccrelay_requests_in_flight"] == 0);
  CHECK(after[of("attempts_in_flight", "provider=\"one\"")] == 0);
  CHECK(after[of("request_duration_seconds_sum", "endpoint=\"messages\"")] == 16);
  CHECK(after[of("request_duration_seconds_bucket", "endpoint=\"messages\",le=\"10\"")] == 0);
  CHECK(after[of("request_duration_seconds_bucket", "endpoint=\"messages\",le=\"20\"")] == 1);
}

TEST_CASE("stalls, breakers and who left are told", "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  f.config.stream.keepalive = milliseconds(0);
  one.enqueue(begun());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  f.harness.advance(seconds(301));
  f.finished(1);
  const Metrics stalled = scrape(f);
  CHECK(stalled[of("stream_stalls_total", "provider=\"one\"")] == 1);
  CHECK(stalled[of("breaker_opened_total", "provider=\"one\"")] == 1);
  CHECK(stalled[of("breaker_state", "provider=\"one\",state=\"open\"")] == 1);
  CHECK(stalled[of("breaker_state", "provider=\"one\",state=\"closed\"")] == 0);
  CHECK(stalled[of("request_endings_total", "ending=\"broken\"")] == 1);
  f.harness.advance(seconds(31));
  CHECK(scrape(f)[of("breaker_state", "provider=\"one\",state=\"half_open\"")] == 1);
  one.enqueue(Script().hold());
  const auto gone = f.connect();
  gone->send(request(true));
  f.until([&] { return one.requests().size() == 2; });
  gone->close();
  f.finished(2);
  const Metrics left = scrape(f);
  CHECK(left[requests("messages", "499")] == 1);
  CHECK(left[of("request_endings_total", "ending=\"client_gone\"")] == 1);
  CHECK(left[attempts("one", "cancelled")] == 1);
}

TEST_CASE("a repeat at the same provider is no failover", "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(529, "overloaded_error", "busy"));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(seconds(1));
  f.finished();
  CHECK(tries(f.finished()) == "one:overloaded one:success");
  CHECK(scrape(f).sum("ccrelay_failovers_total") == 0);
}

TEST_CASE("keys are told by state and by how much of their limits is used", "[scenario][metrics]") {
  F f;
  f.add_provider("one").enqueue(
      Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "60"}}));
  f.config.providers[0].keys[0].rpm_limit = 4;
  f.start();
  const auto key = [&](const Metrics& metrics, const std::string& state) {
    double sum = 0;
    for (const auto& [series, value] : metrics.all()) {
      if (has(series, "ccrelay_key_state{") && has(series, "state=\"" + state + '"')) sum += value;
    }
    return sum;
  };
  CHECK(key(scrape(f), "ok") == 1);
  CHECK(f.ask(request(false)).status == 429);
  const Metrics limited = scrape(f);
  CHECK(key(limited, "ok") == 0);
  CHECK(key(limited, "cooling") == 1);
  CHECK(limited.sum("ccrelay_key_limit_used_ratio") == 0.25);
}

TEST_CASE("how late the loop is, is looked at while somebody asks", "[scenario][metrics]") {
  F f;
  f.add_provider("one");
  f.start();
  f.harness.advance(seconds(10));
  CHECK(scrape(f)["ccrelay_loop_lag_seconds_count"] == 0);
  f.harness.advance(milliseconds(100));
  f.harness.advance(milliseconds(150));
  const Metrics seen = scrape(f);
  CHECK(seen["ccrelay_loop_lag_seconds_bucket{le=\"0.001\"}"] == 1);
  CHECK(seen["ccrelay_loop_lag_seconds_bucket{le=\"0.05\"}"] == 2);
  CHECK(seen["ccrelay_loop_lag_seconds_sum"] == 0.05);
  f.harness.advance(std::chrono::minutes(6));
  f.harness.advance(seconds(1));
  CHECK(scrape(f)["ccrelay_loop_lag_seconds_count"] == 3);
}
