#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <sys/resource.h>

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
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(std::make_unique<RawClient>(harness.loop(), (*relay)->port()));
    clients.back()->send(request);
  }
  const bool done = harness.run_until([&] {
    for (const auto& client : clients) {
      if (!answered(*client)) return false;
    }
    return true;
  });
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
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<RawClient>(harness.loop(), (*relay)->port()));
    clients.back()->send(request);
  }
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
