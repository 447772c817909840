#include <ccrelay/manage.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using management::Request;
using std::chrono::minutes;

// The decisions about a request, and when they are recorded.

namespace {

// Wants no debug notes, which would have them recorded always.
struct Quiet final : Observer {};

struct Traced : RelayFixture {
  Traced() {
    one = &add_provider("one");
    two = &add_provider("two");
    options.observer = &quiet;
  }
  Request last() {
    const auto ended = relay->manager().requests({}, true);
    REQUIRE(ended);
    REQUIRE_FALSE(ended->empty());
    const auto whole = relay->manager().request(ended->at(0).id);
    REQUIRE(whole);
    return *whole;
  }
  void ask_and_end() {
    const std::size_t before = relay->manager().requests({}, true)->size();
    ask(request(false));
    until([&] { return relay->manager().requests({}, true)->size() > before; });
  }
  Quiet quiet;
  FakeProvider* one;
  FakeProvider* two;
};

std::string events(const Request& request) {
  std::string out;
  for (const management::TraceStep& step : request.trace) {
    out += (out.empty() ? "" : " ") + step.event;
  }
  return out;
}

}  // namespace

TEST_CASE("the decisions about a request are told in order, with what belongs to them",
          "[scenario][manage]") {
  Traced f;
  f.config.manage.trace = true;
  f.start();
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.ask_and_end();
  const Request told = f.last();
  CHECK(told.traced);
  CHECK(events(told) == "candidates picked attempt outcome picked attempt commit ended");
  CHECK(has(told.trace[0].message, "one, two"));
  CHECK(told.trace[1].fields.at("provider") == "one");
  CHECK(told.trace[3].fields.at("outcome") == "failed");
  CHECK(told.trace[4].fields.at("provider") == "two");
  for (std::size_t i = 1; i < told.trace.size(); ++i) {
    CHECK(told.trace[i - 1].at_us <= told.trace[i].at_us);
  }
  CHECK(f.one->requests().size() == 1);
  CHECK(f.two->requests().size() == 1);
  const auto info = f.relay->manager().info();
  CHECK(std::find(info.features.begin(), info.features.end(), "trace") != info.features.end());
  // Lists have none.
  CHECK(f.relay->manager().requests({}, true)->at(0).trace.empty());
  CHECK(f.relay->manager().requests({}, true)->at(0).traced);
}

TEST_CASE("decisions are recorded while somebody watches, and a minute after somebody has looked",
          "[scenario][manage]") {
  Traced f;
  f.start();
  f.ask_and_end();
  CHECK_FALSE(f.last().traced);  // that was the look
  f.ask_and_end();
  CHECK(f.last().traced);
  f.harness.advance(minutes(2));
  f.ask_and_end();
  CHECK_FALSE(f.last().traced);
  f.harness.advance(minutes(2));
  const auto watch = f.relay->manager().watch();
  REQUIRE(watch);
  f.ask_and_end();
  CHECK(f.last().traced);
}

TEST_CASE("a request that runs is told with the decisions so far", "[scenario][manage]") {
  Traced f;
  f.config.manage.trace = true;
  f.start();
  f.one->enqueue(Script().hold());
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return f.one->requests().size() == 1; });
  const auto running = f.relay->manager().requests();
  REQUIRE(running);
  REQUIRE(running->size() == 1);
  CHECK(running->at(0).trace.empty());
  const auto told = f.relay->manager().request(running->at(0).id);
  REQUIRE(told);
  CHECK(told->traced);
  CHECK(events(*told) == "candidates picked attempt");
}
