#include "state/client_limits.hpp"

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

TimePoint at(int second) {
  return TimePoint(seconds(1000 + second));
}

constexpr std::int64_t usd = 1'000'000'000;

ClientQuota quota(std::string name = "ana") {
  ClientQuota out;
  out.name = std::move(name);
  return out;
}

struct Limits {
  explicit Limits(ClientQuota quota) { limits.configure({std::move(quota)}); }

  /// The permit is kept; the refusal if there is one.
  std::optional<ClientRefusal> ask(int second, std::uint64_t input = 100,
                                   std::optional<std::int64_t> nano = {}) {
    auto got = limits.admit("ana", {true, input, nano}, spent, at(second));
    if (auto* refusal = std::get_if<ClientRefusal>(&got)) return *refusal;
    permits.push_back(std::move(std::get<ClientPermit>(got)));
    return {};
  }
  void settle(std::uint64_t input, std::uint64_t output, int second) {
    permits.back().settle({{input, output, std::nullopt, std::nullopt, 5000}}, at(second));
    permits.pop_back();
  }

  ClientSpent spent{0, 0, hours(2), hours(200)};
  ClientLimits limits;
  std::vector<ClientPermit> permits;
};

}  // namespace

TEST_CASE("a client without limits of its own is let in and holds nothing", "[state]") {
  ClientLimits limits;
  limits.configure({quota()});
  auto got = limits.admit("default", {}, {}, at(0));
  REQUIRE(std::holds_alternative<ClientPermit>(got));
  CHECK_FALSE(std::get<ClientPermit>(got));
  CHECK(std::get<ClientPermit>(limits.admit("ana", {}, {}, at(0))));
}

TEST_CASE("requests a minute: refused ones don't prolong the wait", "[state]") {
  ClientQuota q = quota();
  q.requests = 2;
  Limits l(q);
  CHECK_FALSE(l.ask(0));
  CHECK_FALSE(l.ask(10));
  for (int second = 11; second < 50; ++second) {
    const auto refused = l.ask(second);
    REQUIRE(refused);
    CHECK(refused->which == ClientLimit::requests);
    CHECK(refused->limit == 2);
    CHECK(refused->wait == seconds(60 - second));
  }
  CHECK_FALSE(l.ask(60));
  CHECK(l.ask(61));
}

TEST_CASE("one more than the limit of requests at once waits a second", "[state]") {
  ClientQuota q = quota();
  q.in_flight = 1;
  Limits l(q);
  CHECK_FALSE(l.ask(0));
  const auto refused = l.ask(0);
  REQUIRE(refused);
  CHECK(refused->which == ClientLimit::in_flight);
  CHECK(refused->wait == seconds(1));
  l.permits.clear();
  CHECK_FALSE(l.ask(0));
}

TEST_CASE("tokens are reserved by estimate, settled by figures, and cache reads don't count",
          "[state]") {
  ClientQuota q = quota();
  q.input_tokens = 1000;
  Limits l(q);
  CHECK_FALSE(l.ask(0, 900));
  REQUIRE(l.ask(0, 200));
  CHECK(l.ask(0, 200)->which == ClientLimit::input_tokens);
  l.settle(100, 50, 1);
  CHECK_FALSE(l.ask(1, 900));
  CHECK(l.ask(1, 1));
}

TEST_CASE("a request above the whole limit passes when the window is empty", "[state]") {
  ClientQuota q = quota();
  q.input_tokens = 1000;
  Limits l(q);
  CHECK_FALSE(l.ask(0, 5000));
  CHECK(l.ask(30, 1)->wait == seconds(30));
  CHECK_FALSE(l.ask(60, 5000));
}

TEST_CASE("output and both together have limits of their own", "[state]") {
  ClientQuota q = quota();
  q.output_tokens = 1200;
  Limits l(q);
  CHECK_FALSE(l.ask(0));  // 500 are expected
  CHECK_FALSE(l.ask(0));
  CHECK(l.ask(0)->which == ClientLimit::output_tokens);
  q.output_tokens = 0;
  q.tokens = 1000;
  Limits both(q);
  CHECK_FALSE(both.ask(0, 400));
  CHECK(both.ask(0, 400)->which == ClientLimit::tokens);
  both.settle(10, 20, 1);
  CHECK_FALSE(both.ask(1, 400));
}

TEST_CASE("the wait is that of the window that opens last", "[state]") {
  ClientQuota q = quota();
  q.requests = 1;
  q.input_tokens = 100;
  Limits l(q);
  CHECK_FALSE(l.ask(0, 50));
  l.settle(0, 0, 0);
  l.limits.configure({[&] {
    ClientQuota more = q;
    more.requests = 3;
    return more;
  }()});
  CHECK_FALSE(l.ask(20, 90));
  q.requests = 2;
  l.limits.configure({q});
  const auto refused = l.ask(30, 50);
  REQUIRE(refused);
  CHECK(refused->which == ClientLimit::requests);
  CHECK(refused->wait == seconds(50));  // the tokens of second 20
}

TEST_CASE("a budget lets in while less than it is spent", "[state]") {
  ClientQuota q = quota();
  q.budget_day = 10 * usd;
  Limits l(q);
  l.spent.day = 10 * usd - 1;
  CHECK_FALSE(l.ask(0));
  l.spent.day = 10 * usd;
  const auto refused = l.ask(0);
  REQUIRE(refused);
  CHECK(refused->which == ClientLimit::budget_day);
  CHECK(refused->wait == hours(2));
  CHECK(refused->limit == std::uint64_t{10 * usd});
  // Raised by a reload.
  q.budget_day = 11 * usd;
  l.limits.configure({q});
  CHECK_FALSE(l.ask(0));
}

TEST_CASE("of two budgets that are used up the later reset is told", "[state]") {
  ClientQuota q = quota();
  q.budget_day = usd;
  q.budget_month = usd;
  Limits l(q);
  l.spent.day = l.spent.month = usd;
  CHECK(l.ask(0)->which == ClientLimit::budget_month);
  // The month's last day.
  l.spent.month_left = l.spent.day_left;
  CHECK(l.ask(0)->wait == hours(2));
  l.spent.month = 0;
  CHECK(l.ask(0)->which == ClientLimit::budget_day);
  l.spent.day = 0;
  l.spent.month = usd;
  CHECK(l.ask(0)->which == ClientLimit::budget_month);
}

TEST_CASE("what runs is reserved, so that many at once can't overshoot", "[state]") {
  ClientQuota q = quota();
  q.budget_month = 10 * usd;
  Limits l(q);
  CHECK_FALSE(l.ask(0, 1, 6 * usd));
  CHECK_FALSE(l.ask(0, 1, 6 * usd));
  const auto refused = l.ask(0, 1, 6 * usd);
  REQUIRE(refused);
  CHECK(refused->which == ClientLimit::budget_reserved);
  CHECK(refused->wait == seconds(5));
  l.settle(1, 1, 0);
  l.spent.month = usd;
  CHECK_FALSE(l.ask(0, 1, 6 * usd));
}

TEST_CASE("what surely costs nothing, or nobody knows what, fills no budget", "[state]") {
  ClientQuota q = quota();
  q.budget_day = usd;
  Limits l(q);
  for (int i = 0; i < 20; ++i) CHECK_FALSE(l.ask(0, 1, std::nullopt));
  l.spent.day = usd;
  CHECK_FALSE(l.ask(0, 1, 0));
  CHECK(l.ask(0, 1, std::nullopt));
  q.budget_day = 0;
  l.spent.day = 0;
  l.limits.configure({q});
  CHECK_FALSE(l.ask(0, 1, 0));
  CHECK(l.ask(0, 1, 1));
}

TEST_CASE("a budget goes before all other limits, requests at once before those a minute",
          "[state]") {
  ClientQuota q = quota();
  q.budget_day = usd;
  q.in_flight = 1;
  q.requests = 1;
  Limits l(q);
  CHECK_FALSE(l.ask(0));
  CHECK(l.ask(0)->which == ClientLimit::in_flight);
  l.spent.day = usd;
  CHECK(l.ask(0)->which == ClientLimit::budget_day);
  l.spent.day = 0;
  l.permits.clear();
  CHECK(l.ask(0)->which == ClientLimit::requests);
}

TEST_CASE("what was counted outlasts a reload, by name", "[state]") {
  ClientQuota q = quota();
  q.requests = 1;
  Limits l(q);
  CHECK_FALSE(l.ask(0));
  l.limits.configure({quota("bob")});
  CHECK_FALSE(l.ask(1));  // no limits any more
  l.limits.configure({q});
  CHECK(l.ask(2));
  // What ran meanwhile can still end.
  l.permits.clear();
}

TEST_CASE("the tighter budget is the one that is told", "[state]") {
  ClientQuota q = quota();
  q.budget_day = 10 * usd;
  q.budget_month = 100 * usd;
  Limits l(q);
  CHECK(l.limits.share("ana", {5 * usd, 40 * usd, hours(1), hours(9)})->used == Approx(0.5));
  const auto month = l.limits.share("ana", {5 * usd, 80 * usd, hours(1), hours(9)});
  CHECK(month->used == Approx(0.8));
  CHECK(month->monthly);
  CHECK(month->left == hours(9));
  CHECK_FALSE(l.limits.share("bob", {}));
  l.limits.configure({quota()});
  CHECK_FALSE(l.limits.share("ana", {}));
}
