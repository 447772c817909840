#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/seen.hpp"
#include "scenario/still_ledger.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"
#include "support/exposition.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::milliseconds;
using std::chrono::seconds;

// GET /metrics: that it tells what has happened, to whom, and no more than that.

namespace {

Metrics scrape(F& f, const std::string& headers = {}) {
  const Answer answer = f.ask(F::get("/metrics", headers));
  REQUIRE(answer.status == 200);
  CHECK(answer.headers.get("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  return Metrics(answer.body);
}

std::string of(const std::string& name, const std::string& labels) {
  return "ccrelay_" + name + '{' + labels + '}';
}

std::string requests(const std::string& endpoint, const std::string& code,
                     const std::string& client = "anonymous") {
  return of("requests_total",
            "endpoint=\"" + endpoint + "\",client=\"" + client + "\",code=\"" + code + '"');
}

std::string attempts(const std::string& provider, const std::string& outcome,
                     const std::string& model = "claude-test") {
  return of("attempts_total",
            "provider=\"" + provider + "\",model=\"" + model + "\",outcome=\"" + outcome + '"');
}

std::string tokens(const std::string& provider, const std::string& type) {
  return of("tokens_total",
            "provider=\"" + provider + "\",model=\"claude-test\",type=\"" + type + '"');
}

int status_of(F& f, const std::string& headers, const std::string& method = "GET") {
  return f.ask(method + " /metrics HTTP/1.1\r\nHost: relay\r\n" + headers + "\r\n").status;
}

}  // namespace

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

TEST_CASE("no client makes more series than there may be", "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.metrics.models_max = 10;
  f.start();
  std::mt19937 random(4711);
  const auto word = [&](std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('a' + random() % 26);
    return text;
  };
  constexpr int rounds = 1000;
  const auto client = f.connect();
  for (int i = 0; i < rounds; ++i) {
    const std::string session = "X-Claude-Code-Session-Id: " + word(20) +
                                "\r\nX-Request-ID: " + word(20) + "\r\nx-api-key: " + word(20) +
                                "\r\n";
    const std::string body = R"({"model":")" + word(30) +
                             R"(","max_tokens":8,"messages":[],"metadata":{"user_id":")" +
                             word(20) + "\"}}";
    client->send(i % 4 == 3 ? F::get("/v1/" + word(10) + '/' + word(10), session)
                            : F::post(body, session));
    f.until([&] { return f.observer.requests.size() == static_cast<std::size_t>(i) + 1; });
  }
  scrape(f);  // has a series of its own by the next one
  f.harness.settle();
  const Metrics after = scrape(f);
  CHECK(after.sum("ccrelay_requests_total") == rounds + 1);
  CHECK(after.sum("ccrelay_attempts_total") == static_cast<double>(one.requests().size()));
  std::set<std::string> models;
  for (const auto& [series, value] : after.all()) {
    const auto at = series.find("model=\"");
    if (at != std::string::npos) models.insert(series.substr(at, series.find('"', at + 7) - at));
  }
  CHECK(models.size() == 11);  // and `other`
  // A model's name, and no more than one, is all that a client has put there.
  const std::size_t before = after.all().size();
  CHECK(before < 1500);
  for (int i = 0; i < 20; ++i) f.ask(F::post(R"({"model":")" + word(30) + R"("})"));
  CHECK(scrape(f).all().size() == before);
}

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

namespace {

ClientConfig client_called(const std::string& name) {
  ClientConfig client;
  client.name = name;
  client.keys = {Secret("key-of-" + name + "-0123456789")};
  return client;
}

std::string key_of(const std::string& name) {
  return "x-api-key: key-of-" + name + "-0123456789\r\n";
}

std::string refused(const std::string& client, const std::string& reason) {
  return of("client_refused_total", "client=\"" + client + "\",reason=\"" + reason + '"');
}

}  // namespace

TEST_CASE("clients are told by name, and what they were refused by reason", "[scenario][metrics]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  f.config.server.auth.api_key = Secret("relay-key");
  f.config.providers[0].models = {"claude-test"};
  ClientConfig ana = client_called("ana");
  ana.rpm_limit = 1;
  ClientConfig bo = client_called("bo");
  bo.models = {"something-else"};
  ClientConfig cy = client_called("cy");
  cy.enabled = false;
  ClientConfig di = client_called("di");
  di.expires = std::chrono::sys_seconds(std::chrono::seconds(1));
  f.config.server.auth.clients = {ana, bo, cy, di};
  f.start();
  const std::string own = "x-api-key: relay-key\r\n";
  CHECK(scrape(f, own)[refused("ana", "rpm")] == 0);
  CHECK(f.ask(request(false, key_of("ana"))).status == 200);
  CHECK(f.ask(request(false, key_of("ana"))).status == 429);
  CHECK(f.ask(request(false, key_of("bo"))).status == 403);
  CHECK(f.ask(request(false, key_of("cy"))).status == 401);
  CHECK(f.ask(request(false, key_of("di"))).status == 401);
  CHECK(one.requests().size() == 1);
  CHECK(status_of(f, key_of("ana")) == 403);
  CHECK(status_of(f, key_of("cy")) == 401);
  f.harness.settle();
  const Metrics seen = scrape(f, own);
  CHECK(seen[refused("ana", "rpm")] == 1);
  CHECK(seen[refused("bo", "model")] == 1);
  CHECK(seen[refused("cy", "disabled")] == 2);
  CHECK(seen[refused("di", "expired")] == 1);
  CHECK(seen.sum("ccrelay_client_refused_total") == 5);
  CHECK(seen[requests("messages", "200", "ana")] == 1);
  CHECK(seen[requests("messages", "429", "ana")] == 1);
  CHECK(seen[requests("messages", "403", "bo")] == 1);
  CHECK(seen[requests("messages", "401", "unknown")] == 2);
  CHECK(seen[requests("metrics", "403", "ana")] == 1);
  CHECK(seen[of("client_tokens_total", "client=\"ana\",type=\"input\"")] == 11);
  CHECK(seen[of("client_tokens_total", "client=\"bo\",type=\"input\"")] == 0);
  CHECK(seen.sum("ccrelay_auth_failures_total") == 0);
}

TEST_CASE("budgets and the ledger are told where there are any", "[scenario][metrics]") {
  StillLedger ledger;
  ledger.day = 1'250'000'000;
  ledger.month = 20'000'000'001;
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  ClientConfig ana = client_called("ana");
  ana.budget_day_nano_usd = 2'000'000'000;
  ana.budget_month_nano_usd = 50'000'000'000;
  f.config.server.auth.clients = {ana, client_called("bo")};
  f.options.ledger = &ledger;
  f.start();
  const Metrics seen = scrape(f, "x-api-key: relay-key\r\n");
  const std::string day = "client=\"ana\",period=\"day\"";
  const std::string month = "client=\"ana\",period=\"month\"";
  CHECK(seen[of("client_budget_usd", day)] == 2);
  CHECK(seen[of("client_budget_usd", month)] == 50);
  CHECK(seen[of("client_budget_spent_usd", day)] == 1.25);
  CHECK(seen[of("client_budget_spent_usd", month)] == 20.000000001);
  CHECK(seen.count("ccrelay_client_budget_usd") == 2);
  CHECK(seen["ccrelay_ledger_up"] == 1);
  CHECK(seen["ccrelay_ledger_queue_requests"] == 3);
  CHECK(seen["ccrelay_ledger_size_bytes"] == 4096);
  CHECK(seen["ccrelay_ledger_last_commit_timestamp_seconds"] == 1.5);
  CHECK(seen["ccrelay_ledger_requests_total"] == 7);
  CHECK(seen["ccrelay_ledger_dropped_total"] == 2);
  CHECK(seen["ccrelay_ledger_commit_seconds_bucket{le=\"0.0005\"}"] == 4);
  CHECK(seen["ccrelay_ledger_commit_seconds_count"] == 5);
  CHECK(seen["ccrelay_ledger_commit_seconds_sum"] == 12.25);
}
