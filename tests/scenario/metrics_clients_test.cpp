#include <chrono>
#include <random>
#include <string>

#include "catch.hpp"
#include "scenario/scraped.hpp"
#include "scenario/still_ledger.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using namespace ccrelay::testing::scraped;
using F = RelayFixture;

// GET /metrics: what it tells of clients, and that they don't decide how much it is.

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
