#include "state/providers.hpp"

#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::milliseconds;
using std::chrono::seconds;
using State = Breaker::State;
using Outcome = Breaker::Mark;

namespace {

const Breaker::Settings settings{2, seconds(30), 2};

TimePoint at(int s) {
  return TimePoint(seconds(s));
}

state::Place take(Providers& providers, TimePoint now, int in_flight_max = 0, bool force = false) {
  return providers.take("p", settings, in_flight_max, now, force);
}

void fail(Providers& providers, int times, TimePoint now) {
  for (int i = 0; i < times; ++i) {
    take(providers, now, 0, true).lease.value().settle(Outcome::failure, {}, now);
  }
}

unsigned in_flight(const Providers& providers) {
  return providers.view("p", at(0)).in_flight;
}

}  // namespace

TEST_CASE("a provider nobody has asked yet admits, and looking makes no record", "[state]") {
  Providers providers;
  for (int i = 0; i < 2; ++i) {
    const auto view = providers.view("p", at(0));
    CHECK(view.state == State::closed);
    CHECK(view.admits);
    CHECK(view.failures == 0);
    CHECK(view.in_flight == 0);
    CHECK_FALSE(view.first_byte);
  }
  CHECK_FALSE(providers.check_succeeded("p", at(0)));
}

TEST_CASE("a lease is a request in flight until it is settled", "[state]") {
  Providers providers;
  auto one = take(providers, at(0)), other = take(providers, at(0));
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one.refusal == Obstacle::none);
  CHECK(in_flight(providers) == 2);
  one.lease->settle(Outcome::success, milliseconds(200), at(1));
  CHECK(in_flight(providers) == 1);
  other.lease->settle(Outcome::failure, {}, at(1));
  CHECK(in_flight(providers) == 0);
  CHECK(providers.view("p", at(1)).failures == 1);
  CHECK(providers.view("p", at(1)).first_byte == Duration(milliseconds(200)));
}

TEST_CASE("a lease is settled once", "[state]") {
  Providers providers;
  auto place = take(providers, at(0));
  const auto other = take(providers, at(0));
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(place.lease->settle(Outcome::failure, milliseconds(100 * (i + 1)), at(0)));
  }
  CHECK(in_flight(providers) == 1);
  CHECK(providers.view("p", at(0)).failures == 1);
  CHECK(providers.view("p", at(0)).first_byte == Duration(milliseconds(100)));
}

TEST_CASE("a lease that is dropped says nothing of the provider", "[state]") {
  Providers providers;
  fail(providers, 1, at(0));
  { const auto place = take(providers, at(0)); }
  CHECK(in_flight(providers) == 0);
  CHECK(providers.view("p", at(0)).failures == 1);
  CHECK_FALSE(providers.view("p", at(0)).first_byte);
}

TEST_CASE("a lease that is dropped gives its place back while half-open", "[state]") {
  Providers providers;
  fail(providers, 2, at(0));
  {
    const auto one = take(providers, at(30)), other = take(providers, at(30));
    REQUIRE(other);
    CHECK_FALSE(providers.view("p", at(30)).admits);
  }
  CHECK(providers.view("p", at(30)).admits);
  CHECK(providers.view("p", at(30)).state == State::half_open);
}

TEST_CASE("a lease that is moved goes on where it was moved to", "[state]") {
  Providers providers;
  auto place = take(providers, at(0));
  ProviderLease moved = std::move(*place.lease);
  CHECK(in_flight(providers) == 1);
  CHECK_FALSE(place.lease->settle(Outcome::failure, {}, at(0)));
  CHECK(in_flight(providers) == 1);
  ProviderLease again;
  again = std::move(moved);
  CHECK_FALSE(moved.settle(Outcome::failure, {}, at(0)));
  CHECK(in_flight(providers) == 1);
  again.settle(Outcome::failure, {}, at(0));
  CHECK(in_flight(providers) == 0);
  CHECK(providers.view("p", at(0)).failures == 1);
}

TEST_CASE("a lease that another one is moved into is dropped", "[state]") {
  Providers providers;
  auto first = take(providers, at(0));
  auto second = providers.take("q", settings, 0, at(0), false);
  *first.lease = std::move(*second.lease);
  CHECK(in_flight(providers) == 0);
  CHECK(providers.view("q", at(0)).in_flight == 1);
  ProviderLease& self = *first.lease;
  *first.lease = std::move(self);
  CHECK(providers.view("q", at(0)).in_flight == 1);
  *first.lease = {};
  CHECK(providers.view("q", at(0)).in_flight == 0);
}

TEST_CASE("an empty lease can be settled, moved and dropped", "[state]") {
  ProviderLease empty;
  CHECK_FALSE(empty.settle(Outcome::failure, milliseconds(1), at(0)));
  ProviderLease other = std::move(empty);
  CHECK_FALSE(other.settle(Outcome::success, {}, at(0)));
}

TEST_CASE("no more requests are in flight than the provider may have", "[state]") {
  Providers providers;
  auto one = take(providers, at(0), 2), two = take(providers, at(0), 2);
  REQUIRE(two);
  for (const bool force : {false, true}) {
    const auto third = take(providers, at(0), 2, force);
    CHECK_FALSE(third);
    CHECK(third.refusal == Obstacle::in_flight);
    CHECK(third.state == State::closed);
  }
  CHECK(in_flight(providers) == 2);
  CHECK(providers.take("q", settings, 2, at(0), false));
  CHECK(take(providers, at(0), 3));
  one.lease.reset();
  CHECK(take(providers, at(0), 2));
}

TEST_CASE("without a limit any number is in flight", "[state]") {
  Providers providers;
  const int limit = GENERATE(0, -1);
  std::vector<state::Place> places;
  for (int i = 0; i < 1000; ++i) places.push_back(take(providers, at(0), limit));
  CHECK(in_flight(providers) == 1000);
}

TEST_CASE("an open breaker refuses, unless forced", "[state]") {
  Providers providers;
  fail(providers, 2, at(0));
  const auto refused = take(providers, at(29));
  CHECK_FALSE(refused);
  CHECK(refused.refusal == Obstacle::breaker);
  CHECK(refused.state == State::open);
  auto forced = take(providers, at(29), 1, true);
  REQUIRE(forced);
  CHECK(forced.state == State::open);
  CHECK(in_flight(providers) == 1);
  const auto transition = forced.lease->settle(Outcome::success, {}, at(29));
  REQUIRE(transition);
  CHECK(transition->from == State::open);
  CHECK(transition->to == State::half_open);
  CHECK(take(providers, at(29)));
}

TEST_CASE("a request refused for its number takes no place of a half-open breaker", "[state]") {
  Providers providers;
  fail(providers, 2, at(0));
  const auto one = take(providers, at(30), 1);
  REQUIRE(one);
  CHECK(one.state == State::half_open);
  for (int i = 0; i < 5; ++i) CHECK(take(providers, at(30), 1).refusal == Obstacle::in_flight);
  const auto two = take(providers, at(30), 2);
  CHECK(two);
  CHECK(take(providers, at(30)).refusal == Obstacle::breaker);
}

TEST_CASE("who settles is told what the breaker made of it", "[state]") {
  Providers providers;
  auto one = take(providers, at(0)), other = take(providers, at(0));
  CHECK_FALSE(one.lease->settle(Outcome::failure, {}, at(0)));
  const auto opened = other.lease->settle(Outcome::failure, {}, at(0));
  REQUIRE(opened);
  CHECK(opened->from == State::closed);
  CHECK(opened->to == State::open);
  const auto view = providers.view("p", at(1));
  CHECK(view.state == State::open);
  CHECK_FALSE(view.admits);
  CHECK(view.failures == 2);
  CHECK(view.half_open_at == at(30));
  const auto half_open = providers.check_succeeded("p", at(1));
  REQUIRE(half_open);
  CHECK(half_open->to == State::half_open);
  CHECK(providers.view("p", at(1)).admits);
}

TEST_CASE("providers fail each for itself", "[state]") {
  Providers providers;
  fail(providers, 2, at(0));
  CHECK_FALSE(providers.view("p", at(0)).admits);
  CHECK(providers.view("q", at(0)).admits);
  CHECK(providers.take("q", settings, 0, at(0), false));
}

TEST_CASE("new settings change neither the count nor the state", "[state]") {
  // The older relay forgot its breakers with every reload.
  Providers providers;
  fail(providers, 1, at(0));
  { const auto place = providers.take("p", {5, seconds(90), 1}, 0, at(0), false); }
  CHECK(providers.view("p", at(0)).failures == 1);
  fail(providers, 1, at(0));
  const auto place = providers.take("p", {5, seconds(90), 1}, 0, at(29), false);
  CHECK(place.refusal == Obstacle::breaker);
  CHECK(providers.view("p", at(0)).half_open_at == at(30));
}

TEST_CASE("several threads take and give back as many places", "[state]") {
  Providers providers;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&providers] {
      for (int j = 0; j < 500; ++j) {
        auto place = take(providers, at(0), 3);
        if (place) place.lease->settle(Outcome::success, milliseconds(5), at(0));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(in_flight(providers) == 0);
  CHECK(providers.view("p", at(0)).first_byte == Duration(milliseconds(5)));
}
