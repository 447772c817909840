#include <ccrelay/log_observer.hpp>
#include <ccrelay/manage.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/stream_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using management::Code;
using management::LogEvent;
using management::LogLevel;
using management::LogLine;
using management::LogWatch;
using std::chrono::minutes;

// The log as the management tells it, and how much of it there is.

namespace {

struct Logged : F {
  Logged() { one = &add_provider("one"); }
  management::Manager& manager() { return relay->manager(); }
  std::unique_ptr<management::LogSubscription> watch(const LogWatch& watch) {
    auto reply = manager().watch_logs(watch);
    REQUIRE(reply);
    return std::move(*reply);
  }
  FakeProvider* one;
};

std::vector<LogLine> lines(management::LogSubscription& watch) {
  std::vector<LogEvent> events;
  watch.take(events);
  std::vector<LogLine> out;
  for (const LogEvent& event : events) out.push_back(std::get<LogLine>(event));
  return out;
}

std::vector<LogLine> requests_in(const std::vector<LogLine>& all) {
  std::vector<LogLine> out;
  for (const LogLine& line : all) {
    if (line.event == "request") out.push_back(line);
  }
  return out;
}

}  // namespace

TEST_CASE("the log is read as it is written, requests and notes", "[scenario][manage]") {
  Logged f;
  f.start();
  LogWatch what;
  what.min_level = LogLevel::info;
  const auto watch = f.watch(what);
  int woken = 0;
  watch->on_ready([&] { ++woken; });
  f.ask(F::post(F::body(false)));
  f.finished(1);
  f.until([&] { return woken > 0; });
  const auto seen = requests_in(lines(*watch));
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].level == LogLevel::info);
  CHECK(seen[0].message.substr(0, 19) == "200 one claude-test");
  CHECK(seen[0].id == f.manager().requests({}, true)->at(0).id);
  CHECK(seen[0].request_id == f.observer.requests.at(0).request_id);
  CHECK(seen[0].fields.at("provider") == "one");
  CHECK(seen[0].fields.at("status") == "200");
  CHECK(f.one->requests().size() == 1);
  REQUIRE(f.manager().disable_provider("one", {"uid:7", "why", {}, false}));
  f.until([&] { return f.observer.notes.back().event == "managed"; });
  const auto noted = lines(*watch);
  REQUIRE_FALSE(noted.empty());
  CHECK(noted.back().event == "managed");
  CHECK(noted.back().fields.at("by") == "uid:7");
}

TEST_CASE("who begins to read the log gets what was written before, in the order of time",
          "[scenario][manage]") {
  Logged f;
  f.start();
  f.ask(F::post(F::body(false)));
  f.one->enqueue(Script::error(400, "invalid_request_error", "no"));
  f.harness.advance(std::chrono::seconds(1));
  f.ask(F::post(F::body(false)));
  f.finished(2);
  f.harness.advance(std::chrono::seconds(1));
  f.ask(F::get("/nothing-here"));  // refused before it is relayed
  f.finished(3);
  LogWatch what;
  what.tail = 1000;
  what.no_follow = true;
  const auto all = lines(*f.watch(what));
  std::vector<std::string> words;
  for (const LogLine& line : requests_in(all)) words.push_back(line.message.substr(0, 3));
  CHECK(words == std::vector<std::string>{"200", "400", "404"});
  CHECK(all.front().event == "listening");
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i - 1].time <= all[i].time);

  what.request = f.manager().requests({}, true)->at(0).id;
  const auto of_one = lines(*f.watch(what));
  REQUIRE_FALSE(of_one.empty());
  for (const LogLine& line : of_one) {
    CHECK(line.request_id == f.observer.requests.at(1).request_id);
  }
  CHECK(of_one.back().event == "request");
}

// As from another thread: at each moment in which a request is ended by its worker.
TEST_CASE("who begins to read the log while a request ends has its line once",
          "[scenario][manage]") {
  struct Reader final : Observer {
    void request_finished(const RequestSummary&) override { begin(); }
    std::function<void()> begin;
  };
  const bool is_watched = GENERATE(false, true);
  INFO("somebody else reads already: " << is_watched);
  Logged f;
  Reader reader;
  f.options.observer = &reader;
  std::unique_ptr<management::LogSubscription> late;
  LogWatch with_tail;
  with_tail.tail = 100;
  reader.begin = [&] { late = f.watch(with_tail); };
  f.start();
  const auto other = is_watched ? f.watch({}) : nullptr;
  f.ask(F::post(F::body(false)));
  f.until([&] { return late != nullptr && f.manager().requests({}, true)->size() == 1; });
  CHECK(requests_in(lines(*late)).size() == 1);
  if (other) CHECK(requests_in(lines(*other)).size() == 1);
  // Who comes when all is over finds it too.
  CHECK(requests_in(lines(*f.watch(with_tail))).size() == 1);
}

TEST_CASE("an operator sets the level of the log for a while, and it falls back by itself",
          "[scenario][manage]") {
  Logged f;
  f.start();
  CHECK(f.manager().log_level().level == LogLevel::info);
  const auto set = f.manager().set_log_level(LogLevel::error, {"uid:7", {}, minutes(15), false});
  REQUIRE(set);
  CHECK(set->changed);
  CHECK(set->now.level == LogLevel::error);
  CHECK(set->now.configured_level == LogLevel::info);
  CHECK(set->now.expire_time == f.harness.clock().wall() + minutes(15));
  CHECK_FALSE(
      f.manager().set_log_level(LogLevel::error, {"uid:7", {}, minutes(15), false})->changed);

  // The observer wants debug, and gets what the operator lets through.
  f.harness.advance(std::chrono::seconds(1));
  const std::size_t before = f.observer.notes.size();
  f.ask(F::post(F::body(false)));
  f.finished(1);
  CHECK(f.observer.notes.size() == before);
  f.harness.advance(minutes(15));
  CHECK(f.manager().log_level().level == LogLevel::info);
  CHECK_FALSE(f.manager().log_level().expire_time);
  f.ask(F::post(F::body(false)));
  f.finished(2);
  CHECK(f.observer.notes.size() > before);
}

TEST_CASE("what can't be asked of the log is refused with its field", "[scenario][manage]") {
  Logged f;
  f.start();
  const auto said = [&](auto change) {
    LogWatch what;
    change(what);
    const auto reply = f.manager().watch_logs(what);
    REQUIRE_FALSE(reply);
    CHECK(reply.refusal().code == Code::invalid_argument);
    return reply.refusal().message;
  };
  CHECK(said([](LogWatch& w) { w.tail = -1; }) == "tail: -1 is not from 0 to 1000");
  CHECK(said([](LogWatch& w) { w.tail = 1001; }) == "tail: 1001 is not from 0 to 1000");
  CHECK(said([](LogWatch& w) { w.queue_lines = 15; }) ==
        "queue_lines: 15 is neither 0 nor from 16 to 65536");
  CHECK(said([](LogWatch& w) { w.min_level = static_cast<LogLevel>(9); }) ==
        "min_level: 9 is no level");
  const auto level = f.manager().set_log_level(static_cast<LogLevel>(9), {});
  REQUIRE_FALSE(level);
  CHECK(level.refusal().code == Code::invalid_argument);
  const auto ttl = f.manager().set_log_level(LogLevel::debug, {{}, {}, minutes(-1), false});
  REQUIRE_FALSE(ttl);
  CHECK(ttl.refusal().code == Code::invalid_argument);
}

TEST_CASE("streams of all kinds share their seats", "[scenario][manage]") {
  Logged f;
  f.config.manage.max_subscribers = 2;
  f.start();
  const auto log = f.watch({});
  auto requests = f.manager().watch();
  REQUIRE(requests);
  CHECK(f.manager().status()->process.subscribers == 2);
  CHECK(f.manager().watch_logs({}).refusal().code == Code::resource_exhausted);
  *requests = nullptr;
  CHECK(f.manager().watch_logs({}));
}
