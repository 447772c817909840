#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/exposition.hpp"
#include "support/raw_client.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// The metrics of a relay with several workers.

namespace {

Config config_for(const FakeProvider& provider, int workers) {
  Config config;
  config.server.listen = "127.0.0.1:0";
  config.server.workers = workers;
  config.metrics.models_max = 3;
  ProviderConfig entry;
  entry.name = "one";
  entry.type = "anthropic";
  entry.base_url = provider.url();
  entry.keys.push_back({Secret("sk-a"), 1, 1});
  config.providers.push_back(entry);
  return config;
}

std::string post(const std::string& model) {
  const std::string body = R"({"model":")" + model + R"(","messages":[]})";
  return "POST /v1/messages HTTP/1.1\r\nHost: r\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

const std::string get_metrics = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

using Clients = std::vector<std::unique_ptr<RawClient>>;

void send_each(LoopHarness& harness, const Relay& relay, Clients& clients, int count,
               const std::string& request) {
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(harness.loop(), relay.port()));
    clients.back()->send(request);
  }
}

bool answered(const RawClient& client, std::size_t count = 1) {
  const auto answers = client.answers();
  return client.gone() || (answers.size() >= count && answers[count - 1].complete);
}

bool all_answered(const Clients& clients) {
  for (const auto& client : clients) {
    if (!answered(*client)) return false;
  }
  return true;
}

Metrics scrape(LoopHarness& harness, const Relay& relay) {
  RawClient client(harness.loop(), relay.port());
  client.send(get_metrics);
  REQUIRE(harness.run_until([&] { return answered(client); }));
  REQUIRE(client.answers().at(0).status == 200);
  return Metrics(client.answers()[0].body);
}

}  // namespace

TEST_CASE("what two workers have counted is told as one sum", "[threads][metrics]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  auto relay = Relay::start(config_for(provider, 2));
  REQUIRE(relay);
  double before = 0;
  for (int round = 1; round <= 5; ++round) {
    Clients clients;
    for (int i = 0; i < 20; ++i) {
      send_each(harness, **relay, clients, 1, post("m" + std::to_string(round * 100 + i)));
    }
    // In the middle of it, too.
    const double now = scrape(harness, **relay).sum("ccrelay_attempts_total");
    CHECK(now >= before);
    before = now;
    REQUIRE(harness.run_until([&] { return all_answered(clients); }));
    clients.clear();
  }
  REQUIRE(harness.run_until([&] { return (*relay)->in_flight() == 0; }));
  const Metrics seen = scrape(harness, **relay);
  CHECK(seen.sum("ccrelay_attempts_total") == 100);
  CHECK(provider.requests().size() == 100);
  CHECK(seen["ccrelay_queue_seconds_count"] == 100);
  CHECK(seen["ccrelay_tokens_total{provider=\"one\",model=\"other\",type=\"input\"}"] > 0);
  CHECK(seen.sum("ccrelay_client_tokens_total") == 100 * (11 + 7 + 3 + 5));
  CHECK(seen.count("ccrelay_cost_usd_total") == 3 + 1);  // models_max, and `other`
}

TEST_CASE("scrapes are answered while the settings change and traffic runs", "[threads][metrics]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  Config config = config_for(provider, 3);
  auto relay = Relay::start(config);
  REQUIRE(relay);
  std::thread reloader([&] {
    for (int i = 0; i < 30; ++i) {
      config.providers[0].models = {"reloaded-" + std::to_string(i), "*"};
      if (!(*relay)->reload(config)) return;
    }
  });
  Clients clients, scrapes;
  for (int i = 0; i < 30; ++i) {
    send_each(harness, **relay, clients, 1, post("m" + std::to_string(i)));
    send_each(harness, **relay, scrapes, 1, get_metrics);
  }
  const bool done =
      harness.run_until([&] { return all_answered(clients) && all_answered(scrapes); });
  reloader.join();
  REQUIRE(done);
  for (const auto& one : scrapes) {
    REQUIRE(one->answers().size() == 1);
    CHECK(one->answers()[0].status == 200);
    Metrics(one->answers()[0].body);
  }
}

TEST_CASE("a worker that has stopped already keeps no scrape waiting, and its sum stays",
          "[threads][metrics]") {
  for (int round = 0; round < 4; ++round) {
    LoopHarness harness;
    FakeProvider provider(harness.loop());
    Config config = config_for(provider, 3);
    config.server.shutdown_idle = milliseconds(60'000);
    auto relay = Relay::start(config);
    REQUIRE(relay);
    Clients clients;
    send_each(harness, **relay, clients, 30, post("m"));
    REQUIRE(harness.run_until([&] { return all_answered(clients); }));
    clients.clear();
    // The one connection that is left, on one of the workers.
    RawClient last(harness.loop(), (*relay)->port());
    last.send(post("m"));
    REQUIRE(harness.run_until([&] { return answered(last); }));
    (*relay)->stop();
    last.send(get_metrics);
    REQUIRE(harness.run_until([&] { return answered(last, 2); }));
    REQUIRE(last.answers().size() == 2);
    CHECK(last.answers()[1].status == 200);
    CHECK(Metrics(last.answers()[1].body).sum("ccrelay_attempts_total") == 31);
  }
}

TEST_CASE("a relay with threads may be destroyed while scrapes are under way",
          "[threads][metrics]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  for (int round = 0; round < 5; ++round) {
    auto relay = Relay::start(config_for(provider, 3));
    REQUIRE(relay);
    Clients clients;
    send_each(harness, **relay, clients, 20, get_metrics);
    REQUIRE(harness.run_until([&] {
      for (const auto& client : clients) {
        if (client->connected() && client->unsent() == 0) return true;
      }
      return false;
    }));
    relay->reset();
    CHECK(harness.run_until([&] {
      for (const auto& client : clients) {
        if (!client->gone()) return false;
      }
      return true;
    }));
  }
}
