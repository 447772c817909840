// Many clients, two workers, three providers that fail, limit, refuse, lie, stall and recover:
// every request that any provider would have answered is answered, every stream is whole or says
// that it is not, no key gets more than its budget, and memory returns to where it was.
//
//   test_soak [SECONDS [SEED]]     CCRELAY_SOAK_SECONDS and CCRELAY_SOAK_SEED do the same
//
// SECONDS is when new requests end, not what is checked. The seed decides what each provider does
// to each request and is printed; how requests overlap in time differs from run to run.

#include <uv.h>
#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "route/strategies.hpp"
#include "soak/client.hpp"
#include "soak/weather.hpp"
#include "support/memory.hpp"

namespace ccrelay::soak {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::uint64_t client_count = 100;
constexpr std::uint64_t first_key_rpm = 300;
// More than what caches and allocators keep for themselves; a leak of a request's worth of bytes in
// a hundred requests is far more.
constexpr std::size_t memory_slack = 4 << 20;

// What stands between `before` and the next quote.
std::string between(const std::string& text, const std::string& before) {
  const auto at = text.find(before);
  if (at == std::string::npos) return {};
  const auto begin = at + before.size();
  return text.substr(begin, text.find('"', begin) - begin);
}

struct Soak {
  explicit Soak(std::uint64_t seed) : weather(seed), rng(seed) {
    for (int p = 0; p < provider_count; ++p) add_provider(p);
    config.server.listen = "127.0.0.1:0";
    config.server.workers = 2;
    // As many as there could be: what is asserted is that somebody is found, not how soon.
    config.routing.max_attempts = 20;
    config.routing.failover_timeout = std::chrono::milliseconds(600'000);
    config.timeouts.first_byte = std::chrono::milliseconds(5'000);
    config.timeouts.stream_idle = std::chrono::milliseconds(5'000);
    config.health.open_duration = std::chrono::milliseconds(500);
    config.health.check_interval = std::chrono::milliseconds(200);
  }

  void add_provider(int p) {
    providers.push_back(std::make_unique<testing::FakeProvider>(harness.loop()));
    providers.back()->record(false);
    ProviderConfig entry;
    entry.name = "provider-" + std::to_string(p);
    entry.type = "anthropic";
    entry.base_url = providers.back()->url();
    for (int k = 0; k < keys_per_provider; ++k) {
      KeyConfig key;
      key.key = Secret(entry.name + "-key-" + std::to_string(k));
      if (k == 0) key.rpm_limit = first_key_rpm;
      entry.keys.push_back(std::move(key));
    }
    providers.back()->respond_with(
        [this, p](const testing::RecordedRequest& request) { return respond(p, request); });
    config.providers.push_back(std::move(entry));
  }

  testing::Script respond(int p, const testing::RecordedRequest& request) {
    const std::string number = between(request.body, R"("number":")");
    // A health check.
    if (number.empty()) return testing::Script::reply(200, "application/json", R"({"data":[]})");
    const std::string key(request.head.headers.get("x-api-key").value_or(""));
    arrivals[key].push_back(Steady::now());
    return weather.script(p, key.ends_with("key-0") ? 0 : 1, std::stoull(number),
                          request.body.find(R"("stream":true)") != std::string::npos);
  }

  // A new configuration on the way: strategies change under running requests.
  void reload() {
    std::vector<std::string_view> strategies;
    for (const auto& strategy : route::strategies()) {
      if (!strategy.maps_models) strategies.push_back(strategy.name);
    }
    config.routing.strategy = strategies[rng.below(strategies.size())];
    config.routing.race = 1 + static_cast<int>(rng.below(2));
    config.routing.affinity = rng.below(3) == 0 ? "none" : "conversation";
    if (auto done = relay->reload(config); !done) fail(done.error().message);
  }

  // Runs requests up to this number, or until the time is over.
  void run(std::uint64_t until, Steady::time_point end) {
    std::vector<std::unique_ptr<Client>> clients;
    for (std::uint64_t i = 0; i < client_count; ++i) {
      clients.push_back(
          std::make_unique<Client>(harness.loop(), relay->port(), i, rng.next(), weather, tally));
    }
    std::uint64_t reloaded_at = tally.next_number;
    const bool ended = harness.run_until(
        [&] {
          if (Steady::now() >= end) until = std::min(until, tally.next_number);
          bool any = false;
          for (auto& client : clients) any = client->go_on(until) || any;
          if (tally.next_number - reloaded_at >= Weather::phase_length / 2) {
            reloaded_at = tally.next_number;
            reload();
          }
          return !any || !tally.first_wrong.empty();
        },
        std::chrono::seconds(3600));
    if (!tally.first_wrong.empty()) return fail(tally.first_wrong);
    if (!ended) return fail("the clients came to no end");
    clients.clear();
    if (!harness.run_until([&] { return relay->in_flight() == 0; }, std::chrono::seconds(180))) {
      fail("requests are left over");
    }
    // Streams that were left must be gone at the provider too.
    harness.settle();
    drain();
  }

  // How many connections to the providers are pooled depends on how many requests happened to run
  // at once, so on how busy the machine is; both ends of each are in this process. No figure of
  // memory means anything before they are gone. A health check may open one again.
  void drain() {
    const auto drained = [this] {
      std::size_t open = 0;
      for (auto& provider : providers) {
        open += provider->connections_open();
        provider->close_connections();
      }
      return open == 0;
    };
    if (!harness.run_until(drained, std::chrono::seconds(180))) fail("connections are left over");
    harness.settle();
  }

  // No key had more requests within a minute than it may: reservation and arrival lie less than a
  // second apart, so a second less than the minute is looked at.
  void check_budgets() {
    for (const auto& [key, times] : arrivals) {
      if (!key.ends_with("key-0")) continue;
      for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
        while (times[last] - times[first] >= std::chrono::seconds(59)) ++first;
        if (last - first + 1 > first_key_rpm) return fail(key + " had more than its budget");
      }
    }
  }

  void fail(const std::string& why) {
    if (failure.empty()) failure = why;
  }

  testing::LoopHarness harness;
  Weather weather;
  base::Rng rng;
  std::vector<std::unique_ptr<testing::FakeProvider>> providers;
  std::map<std::string, std::vector<Steady::time_point>> arrivals;
  Config config;
  std::unique_ptr<Relay> relay;
  Tally tally;
  std::string failure;
};

int run(int seconds, std::uint64_t seed) {
  std::printf("soak: seed %llu, %d s\n", static_cast<unsigned long long>(seed), seconds);
  std::fflush(stdout);
  Soak soak(seed);
  auto relay = Relay::start(soak.config);
  if (!relay) {
    std::printf("soak: FAILED: %s\n", relay.error().message.c_str());
    return 1;
  }
  soak.relay = std::move(*relay);
  const auto end = Steady::now() + std::chrono::seconds(seconds);
  // First so much that caches and pools have what they want.
  soak.run(2'000, end);
  const std::size_t before = testing::memory_in_use();
  if (soak.failure.empty()) soak.run(UINT64_MAX, end);
  const std::size_t after = testing::memory_in_use();
  soak.check_budgets();
  std::size_t recorded = 0;
  for (const auto& [key, times] : soak.arrivals) {
    recorded += times.capacity() * sizeof(Steady::time_point);
  }
  if (after > before + recorded + memory_slack) {
    soak.fail("memory grew from " + std::to_string(before) + " to " + std::to_string(after));
  }
  if (soak.tally.good == 0) soak.fail("nothing was answered");
  const Tally& tally = soak.tally;
  std::printf(
      "soak: %llu requests: %llu answered, %llu told of a break, %llu left; memory in use "
      "%zu KiB, then %zu KiB\n",
      static_cast<unsigned long long>(tally.next_number),
      static_cast<unsigned long long>(tally.good),
      static_cast<unsigned long long>(tally.told_of_break),
      static_cast<unsigned long long>(tally.left), before >> 10, after >> 10);
  soak.relay->stop();
  soak.relay->wait();
  soak.relay.reset();
  if (soak.failure.empty()) return 0;
  std::printf("soak: FAILED: %s\nsoak: test_soak %d %llu runs the same again\n",
              soak.failure.c_str(), seconds, static_cast<unsigned long long>(seed));
  return 1;
}

std::uint64_t number(const char* argument, const char* variable, std::uint64_t otherwise) {
  if (!argument) argument = std::getenv(variable);
  return argument ? std::strtoull(argument, nullptr, 10) : otherwise;
}

}  // namespace
}  // namespace ccrelay::soak

int main(int argc, char** argv) {
  using namespace ccrelay;
  const auto seconds = soak::number(argc > 1 ? argv[1] : nullptr, "CCRELAY_SOAK_SECONDS", 5);
  const auto seed =
      soak::number(argc > 2 ? argv[2] : nullptr, "CCRELAY_SOAK_SEED", base::Rng::system_seed());
  return soak::run(static_cast<int>(seconds), seed);
}
