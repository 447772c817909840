#include <ccrelay/manage.hpp>
#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "support/raw_client.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// The Manager of a relay with several workers, used from another thread.

namespace {

Config config_for(const FakeProvider& provider) {
  Config config;
  config.server.listen = "127.0.0.1:0";
  config.server.workers = 2;
  for (const std::string name : {"one", "two"}) {
    ProviderConfig entry;
    entry.name = name;
    entry.type = "anthropic";
    entry.base_url = provider.url();
    entry.keys.push_back({Secret("sk-" + name), 1, 1});
    config.providers.push_back(entry);
  }
  return config;
}

const std::string message =
    "POST /v1/messages HTTP/1.1\r\nHost: r\r\nContent-Length: 27\r\n\r\n"
    R"({"model":"m","messages":[]})";

// What a call comes to once every worker has found the time to answer: on a busy machine one may
// take longer than the second for which the Manager waits. What it says then is that one may ask
// again.
template <class Call>
auto asked(const Call& call) {
  for (int i = 0; i < 100; ++i) {
    auto reply = call();
    if (reply || reply.refusal().code != management::Code::deadline_exceeded) return reply;
  }
  return call();
}

using Clients = std::vector<std::unique_ptr<RawClient>>;

Clients send(LoopHarness& harness, const Relay& relay, int count) {
  Clients clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(harness.loop(), relay.port()));
    clients.back()->send(message);
  }
  return clients;
}

bool all_answered(const Clients& clients) {
  for (const auto& client : clients) {
    const auto answers = client->answers();
    if (!client->gone() && (answers.empty() || !answers[0].complete)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("looks and orders come from another thread while two workers are loaded",
          "[threads][manage]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  auto relay = Relay::start(config_for(provider));
  REQUIRE(relay);
  management::Manager& manager = (*relay)->manager();
  std::atomic<bool> over{false};
  std::atomic<int> rounds{0};
  std::string first_mishap;
  std::thread operator_thread([&] {
    const management::Order order{"uid:0", "test", {}, false};
    const std::string key = manager.keys().at(0).fingerprint;
    const auto is = [&](bool well, const std::string& what) {
      if (!well && first_mishap.empty()) first_mishap = what;
    };
    const auto works = [&](const auto& call) {
      const auto reply = asked(call);
      is(static_cast<bool>(reply), reply ? "" : reply.refusal().message);
    };
    const auto finds_nothing = [&](const auto& call) {
      const auto reply = asked(call);
      is(!reply && reply.refusal().code == management::Code::not_found,
         reply ? "found" : reply.refusal().message);
    };
    while (!over || rounds == 0) {
      works([&] { return manager.status(10); });
      works([&] { return manager.requests(); });
      works([&] { return manager.requests({}, true); });
      is(manager.clients().size() <= 1, "more than one client");  // none before the first request
      works([&] { return manager.disable_provider("one", {"uid:0", {}, {}, true}); });
      works([&] { return manager.enable_provider("one", order); });
      works([&] { return manager.drain_provider("two", order); });
      works([&] { return manager.enable_provider("two", order); });
      works([&] { return manager.disable_key(key, order); });
      works([&] { return manager.enable_key(key, order); });
      works([&] { return manager.reset_key(key, true, order); });
      works([&] { return manager.reset_breaker("one", order); });
      is(!manager.config().toml.empty(), "no configuration");
      is(manager.info().workers == 2, "not two workers");
      finds_nothing([&] { return manager.request("nobody"); });
      finds_nothing([&] { return manager.cancel("nobody", order); });
      works([&] { return manager.list_providers({1, {}}); });
      works([&] { return manager.list_keys("one", {}); });
      works([&] { return manager.list_clients({}); });
      works([&] { return manager.list_requests({}, true, {5, {}}); });
      works([&] { return manager.set_log_level(management::LogLevel::debug, order); });
      works([&] { return manager.set_log_level(management::LogLevel::unspecified, order); });
      is(manager.log_level().level == management::LogLevel::info, "another level");
      ++rounds;
    }
  });
  bool done = true;
  for (int round = 0; round < 10; ++round) {
    const Clients clients = send(harness, **relay, 20);
    done = done && harness.run_until([&] { return all_answered(clients); });
  }
  over = true;
  operator_thread.join();
  REQUIRE(done);
  CHECK(first_mishap == "");
  CHECK(harness.run_until([&] { return (*relay)->in_flight() == 0; }));
  CHECK(manager.status()->in_flight == 0);
  CHECK(manager.status()->totals.requests == 200);
  CHECK(manager.clients().at(0).totals.requests == 200);
}

TEST_CASE("requests of both workers are told in one list and ended from outside",
          "[threads][manage]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  provider.respond_with([](const RecordedRequest&) { return Script().hold(); });
  auto relay = Relay::start(config_for(provider));
  REQUIRE(relay);
  management::Manager& manager = (*relay)->manager();
  const Clients clients = send(harness, **relay, 30);
  REQUIRE(harness.run_until([&] { return provider.requests().size() == 30; }));
  const auto running = asked([&] { return manager.requests(); });
  REQUIRE(running);
  REQUIRE(running->size() == 30);
  for (std::size_t i = 1; i < running->size(); ++i) {
    CHECK((*running)[i - 1].id < (*running)[i].id);
  }
  for (const management::Request& one : *running) {
    REQUIRE(asked([&] { return manager.cancel(one.id, {"uid:0", {}, {}, false}); }));
  }
  REQUIRE(harness.run_until([&] { return all_answered(clients); }));
  for (const auto& client : clients) CHECK(client->answers().at(0).status == 500);
  REQUIRE(harness.run_until([&] { return manager.requests({}, true)->size() == 30; }));
  const auto ended = manager.requests({}, true);
  for (const management::Request& one : *ended) CHECK(one.ending == Ending::by_operator);
}

TEST_CASE("a watch on another thread sees each request of two workers begin and end, once",
          "[threads][manage]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  auto relay = Relay::start(config_for(provider));
  REQUIRE(relay);
  auto idle = (*relay)->manager().watch({{}, false, 0, 16, {}});  // never reads
  auto watch = asked([&] { return (*relay)->manager().watch({{}, true, 0, 65'536, {}}); });
  REQUIRE((idle && watch));
  std::multiset<std::string> started, ended;
  std::thread reader([&] {
    std::vector<management::Event> events;
    while (!(*watch)->is_over()) {
      (*watch)->wait(std::chrono::seconds(1));
      events.clear();
      (*watch)->take(events);
      for (const management::Event& event : events) {
        if (const auto* one = std::get_if<management::Started>(&event.what)) {
          started.insert(one->request.id);
        }
        if (const auto* one = std::get_if<management::Ended>(&event.what)) {
          ended.insert(one->request.id);
        }
      }
      if (ended.size() == 200) return;
    }
  });
  bool done = true;
  for (int round = 0; round < 10; ++round) {
    const Clients clients = send(harness, **relay, 20);
    done = done && harness.run_until([&] { return all_answered(clients); });
  }
  if (!done) (*relay)->stop();
  reader.join();
  REQUIRE(done);
  CHECK(std::set<std::string>(started.begin(), started.end()).size() == 200);
  CHECK(started == ended);
  CHECK((*relay)->manager().status()->process.events_dropped > 0);
  relay->reset();
  CHECK((*idle)->is_over());
}

TEST_CASE("the log and the status of two workers are read from other threads",
          "[threads][manage]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  auto relay = Relay::start(config_for(provider));
  REQUIRE(relay);
  management::Manager& manager = (*relay)->manager();
  management::LogWatch what;
  what.queue_lines = 65'536;
  management::LogWatch small;
  small.queue_lines = 16;
  auto idle = manager.watch_logs(small);  // never reads
  auto log = manager.watch_logs(what);
  auto status = manager.watch_status({100, 0});
  REQUIRE((idle && log && status));
  std::set<std::string> seen;
  std::thread log_reader([&] {
    std::vector<management::LogEvent> events;
    while (!(*log)->is_over() && seen.size() < 200) {
      (*log)->wait(std::chrono::seconds(1));
      events.clear();
      (*log)->take(events);
      for (const management::LogEvent& event : events) {
        const auto* line = std::get_if<management::LogLine>(&event);
        if (line && line->event == "request") seen.insert(line->id);
      }
    }
  });
  std::atomic<int> looks{0};
  std::thread status_reader([&] {
    management::Status look;
    while (!(*status)->is_over()) {
      (*status)->wait(std::chrono::seconds(1));
      if ((*status)->take(look)) ++looks;
    }
  });
  bool done = true;
  for (int round = 0; round < 10; ++round) {
    const Clients clients = send(harness, **relay, 20);
    done = done && harness.run_until([&] { return all_answered(clients); });
  }
  if (!done) relay->reset();
  log_reader.join();
  relay->reset();
  status_reader.join();
  REQUIRE(done);
  CHECK(seen.size() == 200);
  CHECK(looks > 0);
  CHECK((*idle)->is_over());
}

TEST_CASE("nobody waits for workers that have stopped", "[threads][manage]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  auto relay = Relay::start(config_for(provider));
  REQUIRE(relay);
  (*relay)->stop();
  (*relay)->wait();
  management::Manager& manager = (*relay)->manager();
  CHECK(manager.requests());
  CHECK(manager.status()->state == management::ServerState::draining);
  CHECK(manager.disable_provider("one", {}).refusal().code == management::Code::unavailable);
  CHECK(manager.cancel("00001", {}).refusal().code == management::Code::not_found);
}
