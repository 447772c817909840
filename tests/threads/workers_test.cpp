#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>
#include <ccrelay/testing/manual_clock.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/raw_client.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

/// Counts under a lock: several workers tell it things at once.
class CountingObserver final : public Observer {
 public:
  void request_finished(const RequestSummary& summary) override {
    const std::lock_guard lock(mutex_);
    ++finished_;
    if (summary.status == 200) ++good_;
  }
  int finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
  }
  int good() const {
    const std::lock_guard lock(mutex_);
    return good_;
  }

 private:
  mutable std::mutex mutex_;
  int finished_ = 0;
  int good_ = 0;
};

Config config_for(const FakeProvider& provider, int workers) {
  Config config;
  config.server.listen = "127.0.0.1:0";
  config.server.workers = workers;
  ProviderConfig entry;
  entry.name = "one";
  entry.type = "anthropic";
  entry.base_url = provider.url();
  entry.keys.push_back({Secret("sk-a"), 1, 1});
  entry.keys.push_back({Secret("sk-b"), 1, 1});
  config.providers.push_back(entry);
  return config;
}

const std::string request = [] {
  const std::string body = R"({"model":"m","stream":true,"messages":[]})";
  return "POST /v1/messages HTTP/1.1\r\nHost: r\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}();

bool answered(const RawClient& client) {
  const auto answers = client.answers();
  return client.gone() || (!answers.empty() && answers.back().complete);
}

using Clients = std::vector<std::unique_ptr<RawClient>>;

std::unique_ptr<RawClient> ask(LoopHarness& harness, const Relay& relay) {
  auto client = std::make_unique<RawClient>(harness.loop(), relay.port());
  client->send(request);
  return client;
}

bool all_answered(const Clients& clients) {
  return std::all_of(clients.begin(), clients.end(),
                     [](const auto& client) { return answered(*client); });
}

std::size_t count_of(const Clients& clients, int status) {
  std::size_t count = 0;
  for (const auto& client : clients) {
    const auto answers = client->answers();
    if (!answers.empty() && answers[0].complete && answers[0].status == status) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("two workers share keys and settings while the settings change under them", "[threads]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  CountingObserver observer;
  RelayOptions options;
  options.observer = &observer;
  const Config config = config_for(provider, 2);
  auto relay = Relay::start(config, options);
  REQUIRE(relay);
  std::thread reloader([&] {
    for (int i = 0; i < 50; ++i) {
      if (!(*relay)->reload(config)) return;
    }
  });
  Clients clients;
  for (int i = 0; i < 60; ++i) clients.push_back(ask(harness, **relay));
  const bool done = harness.run_until([&] { return all_answered(clients); });
  reloader.join();
  CHECK(done);
  for (const auto& client : clients) {
    const auto answers = client->answers();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].status == 200);
  }
  clients.clear();
  CHECK(harness.run_until([&] { return observer.finished() == 60; }));
  CHECK(observer.good() == 60);
  CHECK((*relay)->in_flight() == 0);
  (*relay)->stop();
  (*relay)->wait();
  CHECK((*relay)->stopped());
}

TEST_CASE("a relay with threads may be destroyed while streams run", "[threads]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  provider.respond_with([](const RecordedRequest&) {
    Script script = Script::stream_head();
    script.chunk(Script::events("x")[0]).chunk(Script::events("x")[2]).hold();
    return script;
  });
  CountingObserver observer;
  RelayOptions options;
  options.observer = &observer;
  auto relay = Relay::start(config_for(provider, 2), options);
  REQUIRE(relay);
  Clients clients;
  for (int i = 0; i < 10; ++i) clients.push_back(ask(harness, **relay));
  CHECK(harness.run_until([&] {
    for (const auto& client : clients) {
      if (client->answers().empty()) return false;
    }
    return true;
  }));
  relay->reset();
  CHECK(observer.finished() == 10);
  CHECK(harness.run_until([&] {
    for (const auto& client : clients) {
      if (!client->gone()) return false;
    }
    return true;
  }));
  CHECK(harness.run_until([&] { return provider.cancelled() == 10; }));
}

TEST_CASE("a second relay is told that the port is in use, with several workers too", "[threads]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  auto first = Relay::start(config_for(provider, 2));
  REQUIRE(first);
  Config config = config_for(provider, 2);
  config.server.listen = "127.0.0.1:" + std::to_string((*first)->port());
  const auto second = Relay::start(config);
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find("the port is in use") != std::string::npos);
}

namespace {

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    static_cast<void>(entry);
    ++count;
  }
  return count - 1;  // the directory's own
}

/// Lowers the limit of open files; restores it in the end.
class DescriptorLimit final {
 public:
  explicit DescriptorLimit(std::size_t limit) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lowered = before_;
    lowered.rlim_cur = limit;
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("a relay that runs out of descriptors while it starts says so and leaves none open",
          "[threads]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  const Config config = config_for(provider, 2);
  // Once unhindered: what is made once a process (curl, libuv) stays.
  REQUIRE(Relay::start(config));
  const std::size_t before = open_descriptors();
  bool started = false;
  // Fails for want of the first, the second, the third … until there are enough.
  for (std::size_t more = 0; !started && more < 100; ++more) {
    INFO("room for " << more);
    std::string message;
    {
      const DescriptorLimit limit(before + more);
      auto relay = Relay::start(config);
      started = relay.has_value();
      if (!started) message = relay.error().message;
    }
    CHECK(started != (message.find("Too many open files") != std::string::npos ||
                      message.find("too many open files") != std::string::npos));
    CHECK(open_descriptors() == before);
    if (more == 0) CHECK_FALSE(started);
  }
  CHECK(started);
}

TEST_CASE("two relays with threads serve at once in one process", "[threads]") {
  LoopHarness harness;
  FakeProvider one(harness.loop()), two(harness.loop());
  CountingObserver of_one, of_two;
  RelayOptions options_one, options_two;
  options_one.observer = &of_one;
  options_two.observer = &of_two;
  auto first = Relay::start(config_for(one, 2), options_one);
  auto second = Relay::start(config_for(two, 2), options_two);
  REQUIRE(first);
  REQUIRE(second);
  Clients clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(ask(harness, i % 2 == 0 ? **first : **second));
  }
  CHECK(harness.run_until([&] { return all_answered(clients); }));
  CHECK(harness.run_until([&] { return of_one.finished() == 20 && of_two.finished() == 20; }));
  CHECK(of_one.good() == 20);
  CHECK(of_two.good() == 20);
  CHECK(one.requests().size() == 20);
  CHECK(two.requests().size() == 20);
  // The end of one is none of the other's business.
  first->reset();
  clients.clear();
  clients.push_back(ask(harness, **second));
  CHECK(harness.run_until([&] { return all_answered(clients); }));
  CHECK(harness.run_until([&] { return of_two.good() == 21; }));
}

TEST_CASE("a relay with threads serves beside one on the program's loop", "[threads]") {
  LoopHarness harness;
  FakeProvider one(harness.loop()), two(harness.loop());
  CountingObserver of_threads, of_loop;
  RelayOptions with_threads, on_loop;
  with_threads.observer = &of_threads;
  on_loop.observer = &of_loop;
  on_loop.clock = &harness.clock();
  auto threaded = Relay::start(config_for(one, 2), with_threads);
  auto attached = Relay::attach(harness.loop(), config_for(two, 1), on_loop);
  REQUIRE(threaded);
  REQUIRE(attached);
  Clients clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(ask(harness, i % 2 == 0 ? **threaded : **attached));
  }
  CHECK(harness.run_until([&] { return all_answered(clients); }));
  CHECK(harness.run_until([&] { return of_threads.finished() == 20 && of_loop.finished() == 20; }));
  CHECK(of_threads.good() == 20);
  CHECK(of_loop.good() == 20);
  CHECK(one.requests().size() == 20);
  CHECK(two.requests().size() == 20);
  attached->reset();
  clients.clear();
  clients.push_back(ask(harness, **threaded));
  CHECK(harness.run_until([&] { return all_answered(clients); }));
  CHECK(harness.run_until([&] { return of_threads.good() == 21; }));
}

TEST_CASE("two workers together never exceed max_concurrent", "[threads]") {
  constexpr std::size_t limit = 5;
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  provider.respond_with([](const RecordedRequest&) { return Script().hold(); });
  CountingObserver observer;
  RelayOptions options;
  options.observer = &observer;
  Config config = config_for(provider, 2);
  config.server.max_concurrent = limit;
  auto relay = Relay::start(config, options);
  REQUIRE(relay);
  Clients clients;
  for (int round = 0; round < 5; ++round) {
    const std::size_t before = provider.requests().size();
    clients.clear();
    CHECK(harness.run_until([&] { return (*relay)->in_flight() == 0; }));
    for (int i = 0; i < 40; ++i) clients.push_back(ask(harness, **relay));
    // Those beyond the limit are told so at once; the provider holds the others.
    const bool settled = harness.run_until([&] {
      return count_of(clients, 503) == clients.size() - limit &&
             provider.requests().size() == before + limit;
    });
    CHECK(settled);
    CHECK((*relay)->in_flight() == limit);
  }
}

TEST_CASE("two workers share a key's budget", "[threads]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  CountingObserver observer;
  RelayOptions options;
  options.observer = &observer;
  options.clock = &harness.clock();  // stands still: one and the same minute
  Config config = config_for(provider, 2);
  config.providers[0].keys.resize(1);
  config.providers[0].keys[0].rpm_limit = 15;
  auto relay = Relay::start(config, options);
  REQUIRE(relay);
  Clients clients;
  for (int i = 0; i < 40; ++i) clients.push_back(ask(harness, **relay));
  CHECK(harness.run_until([&] { return all_answered(clients); }));
  CHECK(harness.run_until([&] { return observer.finished() == 40; }));
  CHECK(observer.good() == 15);
  CHECK(provider.requests().size() == 15);
}

TEST_CASE("connections that end a silence are served by every worker", "[threads]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  ManualClock clock;
  CountingObserver observer;
  RelayOptions options;
  options.observer = &observer;
  options.clock = &clock;
  Config config = config_for(provider, 2);
  config.timeouts.client_header = std::chrono::milliseconds(1000);
  auto relay = Relay::start(config, options);
  REQUIRE(relay);
  // The workers wait in their loops, or will before they look at their sockets.
  for (int round = 1; round <= 3; ++round) {
    clock.advance(std::chrono::seconds(30));
    Clients clients;
    for (int i = 0; i < 40; ++i) clients.push_back(ask(harness, **relay));
    CHECK(harness.run_until([&] { return all_answered(clients); }));
    CHECK(count_of(clients, 200) == clients.size());
    clients.clear();
    CHECK(harness.run_until([&] { return observer.finished() == 40 * round; }));
  }
}

TEST_CASE("a relay of several threads says on one of them that it has stopped, before wait() ends",
          "[threads]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  const bool throws = GENERATE(false, true);
  std::atomic<int> told{0};
  std::thread::id by;
  Relay* relay = nullptr;
  RelayOptions options;
  options.stopped = [&] {
    by = std::this_thread::get_id();
    CHECK(relay->stopped());
    ++told;
    if (throws) throw 42;
  };
  auto started = Relay::start(config_for(provider, 3), options);
  REQUIRE(started);
  relay = started->get();
  relay->stop();
  relay->wait();
  CHECK(told == 1);
  CHECK(by != std::this_thread::get_id());
}
