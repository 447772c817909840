#include <ccrelay/manage.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using namespace ccrelay::management;
using std::chrono::milliseconds;

// What a watch tells of requests, as both ends see them.

namespace {

std::string name_of(const Event& event) {
  struct Names {
    std::string operator()(const Existing&) { return "existing"; }
    std::string operator()(const Synced& what) { return "synced:" + std::to_string(what.existing); }
    std::string operator()(const Started&) { return "started"; }
    std::string operator()(const AttemptStarted& what) {
      return "attempt_started:" + what.attempt.provider + std::to_string(what.attempt.number);
    }
    std::string operator()(const AttemptEnded& what) {
      return "attempt_ended:" + what.attempt.provider + std::to_string(what.attempt.number);
    }
    std::string operator()(const FirstByte& what) { return "first_byte:" + what.provider; }
    std::string operator()(const Progress&) { return "progress"; }
    std::string operator()(const Ended&) { return "ended"; }
    std::string operator()(const Lost& what) { return "lost:" + std::to_string(what.events); }
  };
  return std::visit(Names(), event.what);
}

struct Watched : F {
  Watched() {
    one = &add_provider("one");
    two = &add_provider("two");
  }
  std::unique_ptr<Subscription> watch(const RequestWatch& what = {}) {
    auto reply = relay->manager().watch(what);
    REQUIRE(reply);
    return std::move(*reply);
  }
  // All until a request has ended.
  std::vector<Event> until_ended(Subscription& subscription) {
    std::vector<Event> events;
    until([&] {
      subscription.take(events);
      return !events.empty() && std::holds_alternative<Ended>(events.back().what);
    });
    return events;
  }
  FakeProvider* one;
  FakeProvider* two;
};

std::string names(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) out += (out.empty() ? "" : " ") + name_of(event);
  return out;
}

}  // namespace

TEST_CASE("a watch tells of a request in the order in which it goes", "[scenario][manage]") {
  Watched f;
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.start();
  auto watch = f.watch();
  f.ask(request(true));
  const auto events = f.until_ended(*watch);
  CHECK(names(events) ==
        "synced:0 started attempt_started:one1 attempt_ended:one1 attempt_started:two2 "
        "first_byte:two attempt_ended:two2 ended");
  for (std::size_t i = 1; i < events.size(); ++i) CHECK(events[i].sequence == i);
  const auto& ended = std::get<Ended>(events.back().what).request;
  CHECK(ended.state == RequestState::ended);
  CHECK(ended.ending == Ending::complete);
  CHECK(ended.attempts.empty());
  CHECK(ended.attempt_count == 2);
  CHECK(ended.usage.output_tokens > 0);
  const auto& failed = std::get<AttemptEnded>(events[3].what).attempt;
  CHECK(failed.outcome == Outcome::failed);
  CHECK(failed.status == 500);
  CHECK_FALSE(std::get<AttemptStarted>(events[2].what).attempt.outcome);
}

TEST_CASE("what ran when a watch began is told first, and has its end", "[scenario][manage]") {
  Watched f;
  f.start();
  f.one->enqueue(held(Script::message("late")));
  auto client = f.connect();
  client->send(request(false));
  f.until([&] { return f.one->requests().size() == 1; });
  RequestWatch what;
  what.include_existing = true;
  auto watch = f.watch(what);
  f.one->release();
  CHECK(names(f.until_ended(*watch)) ==
        "existing synced:1 first_byte:one attempt_ended:one1 ended");
}

TEST_CASE("pages of the relay's own and clients that are turned away make no events",
          "[scenario][manage]") {
  Watched f;
  f.config.server.auth.api_key = Secret("relay-key-0123456789");
  f.start();
  auto watch = f.watch();
  f.ask(request(false));
  f.ask(F::get("/health"));
  f.finished(2);
  std::vector<Event> events;
  watch->take(events);
  CHECK(names(events) == "synced:0");
}

TEST_CASE("a reader that does not read costs its queue and nothing else", "[scenario][manage]") {
  Watched f;
  f.start();
  RequestWatch what;
  what.queue_events = 16;
  auto idle = f.watch(what);
  auto live = f.watch();
  auto client = f.connect();
  std::size_t ended = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    client->send(request(false));
    f.until([&] { return client->answers().size() == i + 1; });
    std::vector<Event> events;
    live->take(events);
    for (const Event& event : events) ended += std::holds_alternative<Ended>(event.what);
  }
  f.finished(50);
  f.until([&] {
    std::vector<Event> events;
    live->take(events);
    for (const Event& event : events) ended += std::holds_alternative<Ended>(event.what);
    return ended == 50;
  });
  std::vector<Event> events;
  CHECK(idle->take(events) == 17);  // synced and fifteen more, and what was lost
  CHECK(std::get<Lost>(events.back().what).events == 50 * 5 - 15);
  CHECK(std::get<Lost>(events.back().what).ended == 50 - 3);
  const auto status = f.relay->manager().status();
  CHECK(status->process.subscribers == 2);
  CHECK(status->process.events_dropped == 50 * 5 - 15);
}

TEST_CASE("a stream's progress is told as often as it was asked for", "[scenario][manage]") {
  Watched f;
  Script script = Script::stream_head();
  const auto texts = Script::events("a b c d");
  for (std::size_t i = 0; i < 3; ++i) script.chunk(texts[i]);
  for (std::size_t i = 3; i < texts.size(); ++i) script.pause(milliseconds(60)).chunk(texts[i]);
  f.one->enqueue(script.last_chunk());
  f.start();
  RequestWatch what;
  what.progress_interval_ms = 100;
  what.kinds = {RequestEventKind::progress, RequestEventKind::ended};
  auto watch = f.watch(what);
  auto client = f.connect();
  client->send(request(true));
  std::vector<Event> events;
  f.until([&] {
    f.harness.advance(milliseconds(10));
    watch->take(events);
    return !events.empty() && std::holds_alternative<Ended>(events.back().what);
  });
  std::vector<std::uint64_t> bytes;
  for (const Event& event : events) {
    if (const auto* progress = std::get_if<Progress>(&event.what)) {
      bytes.push_back(progress->response_bytes);
    }
  }
  REQUIRE(bytes.size() >= 2);
  CHECK(bytes.size() <= texts.size() - 3);
  for (std::size_t i = 1; i < bytes.size(); ++i) CHECK(bytes[i] > bytes[i - 1]);
}

TEST_CASE("a watch that makes no sense is refused, and so is one too many", "[scenario][manage]") {
  Watched f;
  f.start();
  const auto code = [&](auto change) {
    RequestWatch what;
    change(what);
    return f.relay->manager().watch(what).refusal().code;
  };
  CHECK(code([](RequestWatch& w) { w.queue_events = 15; }) == Code::invalid_argument);
  CHECK(code([](RequestWatch& w) { w.queue_events = -1; }) == Code::invalid_argument);
  CHECK(code([](RequestWatch& w) { w.progress_interval_ms = 99; }) == Code::invalid_argument);
  CHECK(code([](RequestWatch& w) { w.kinds = {RequestEventKind::unspecified}; }) ==
        Code::invalid_argument);
  CHECK(code([](RequestWatch& w) { w.filter.providers = {"x"}; }) == Code::invalid_argument);
  std::vector<std::unique_ptr<Subscription>> all;
  for (int i = 0; i < 16; ++i) all.push_back(f.watch());
  CHECK(f.relay->manager().watch().refusal().code == Code::resource_exhausted);
  all.pop_back();
  all.push_back(f.watch());
}

TEST_CASE("a watch ends with the relay and outlives it", "[scenario][manage]") {
  Watched f;
  f.start();
  auto watch = f.watch();
  int woken = 0;
  watch->on_ready([&] { ++woken; });
  const int before = woken;
  f.relay.reset();
  CHECK(watch->is_over());
  CHECK(woken == before + 1);
  std::vector<Event> events;
  CHECK(watch->take(events) == 1);
  CHECK(watch->wait(milliseconds(0)));
}
