#include <ccrelay/time_zone.hpp>

#include "bench.hpp"
#include "catch.hpp"
#include "ledger/spend.hpp"

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

LedgerOptions at(const std::string& path) {
  LedgerOptions options;
  options.path = path;
  return options;
}

}  // namespace

TEST_CASE("what ended counts at once, also before it is in the file") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 1500);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 1500);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::month) == 1500);
  CHECK(bench.ledger->spent("ben", BudgetPeriod::day) == 0);
  REQUIRE(bench.ledger->flush());
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 1500);
}

TEST_CASE("clients' own money, errors and unknown cost are in no budget") {
  Bench bench;
  REQUIRE(bench.try_open());
  RequestSummary own = request_of(bench.clock, "req_1");
  own.attempts[0].usage.payer = Payer::the_client;
  bench.ledger->request_finished(own);
  RequestSummary failed = request_of(bench.clock, "req_2");
  failed.attempts[0].usage.charges[0].billed = false;
  bench.ledger->request_finished(failed);
  bench.tell("req_3", std::nullopt);
  REQUIRE(bench.ledger->flush());
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 0);
  CHECK(bench.number("SELECT count(*) FROM spend") == 0);
  CHECK(bench.number("SELECT count(*) FROM charges") == 3);
}

TEST_CASE("what is estimated of an answer that was cut off is in the budget, and in no cost") {
  Bench bench;
  REQUIRE(bench.try_open());
  RequestSummary cut = request_of(bench.clock, "req_1", 1000);
  cut.attempts[0].usage.charges[0].partial = true;
  cut.attempts[0].usage.charges[0].est_output = 7;
  cut.attempts[0].usage.charges[0].est_cost_nano_usd = 234;
  bench.ledger->request_finished(cut);
  RequestSummary silent = request_of(bench.clock, "req_2", std::nullopt);
  silent.attempts[0].usage.charges[0].tokens = {};
  silent.attempts[0].usage.charges[0].est_input = 7;
  silent.attempts[0].usage.charges[0].est_cost_nano_usd = 5;
  bench.ledger->request_finished(silent);
  // Neither what its own credential pays for, nor what was answered with an error.
  RequestSummary own = cut;
  own.attempts[0].usage.payer = Payer::the_client;
  bench.ledger->request_finished(own);
  RequestSummary failed = cut;
  failed.attempts[0].usage.charges[0].billed = false;
  bench.ledger->request_finished(failed);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 1239);
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT nano_usd FROM spend WHERE period LIKE 'd:%'") == 1239);
  CHECK(bench.number("SELECT cost_nano_usd FROM charges WHERE request = 1") == 1000);
  CHECK(bench.number("SELECT count(*) FROM charges WHERE cost_nano_usd IS NULL") == 1);
}

TEST_CASE("a restart reads back what was spent, to the nano-dollar") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 123'456'789);
  bench.tell("req_2", 1);
  REQUIRE(bench.try_open());
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 123'456'790);
  bench.tell("req_3", 10);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::month) == 123'456'800);
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT sum(nano_usd) FROM spend WHERE period = 'm:2026-01'") == 123'456'800);
}

TEST_CASE("a new day begins with nothing spent, and the month goes on") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  CHECK(bench.ledger->period_end(BudgetPeriod::day) == bench.clock.wall() + 23h);
  bench.clock.advance(23h - 1s);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 100);
  bench.clock.advance(1s);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 0);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::month) == 100);
  bench.clock.advance(24h * 31);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::month) == 0);
}

TEST_CASE("a request is spent on the day it ends") {
  SpendBook book{TimeZone()};
  const WallTime midnight = WallTime(std::chrono::hours(24) * 20454);  // 2026-01-01
  CHECK(book.add("ana", midnight + 1s, 5).day == "d:2026-01-01");
  // One that another thread tells a moment too late.
  CHECK(book.add("ana", midnight - 1ms, 7).day == "d:2025-12-31");
  CHECK(book.spent("ana", BudgetPeriod::day, midnight + 2s) == 5);
  CHECK(book.spent("ana", BudgetPeriod::month, midnight + 2s) == 5);
}

TEST_CASE("days of a budget are those of the ledger's zone") {
  const auto zone = TimeZone::from_rule("Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
  REQUIRE(zone);
  // 2026-03-28 23:30 UTC is the 29th in Berlin, a day of 23 hours.
  const WallTime time = WallTime(std::chrono::seconds(1774740600));
  const Periods periods = periods_at(*zone, time);
  CHECK(periods.day == "d:2026-03-29");
  CHECK(periods.day_end - periods.begin == 23h);
  CHECK(periods.month == "m:2026-03");
}

TEST_CASE("sums stay at their largest instead of turning negative") {
  SpendBook book{TimeZone()};
  const WallTime now(std::chrono::hours(24) * 20454);
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  book.add("ana", now, most);
  book.add("ana", now, 5);
  CHECK(book.spent("ana", BudgetPeriod::day, now) == most);
}

TEST_CASE("two relays on one file know within a second what the other's clients spent") {
  Bench one, other(at(one.path()));
  REQUIRE(one.try_open());
  REQUIRE(other.try_open());
  one.tell("req_1", 100);
  REQUIRE(one.ledger->flush());
  CHECK(other.ledger->spent("ana", BudgetPeriod::day) == 0);
  other.clock.advance(1s);
  REQUIRE(other.ledger->flush());
  CHECK(other.ledger->spent("ana", BudgetPeriod::day) == 100);
  other.tell("req_2", 11);
  REQUIRE(other.ledger->flush());
  one.clock.advance(1s);
  REQUIRE(one.ledger->flush());
  CHECK(one.ledger->spent("ana", BudgetPeriod::day) == 111);
  CHECK(other.ledger->spent("ana", BudgetPeriod::day) == 111);
  CHECK(one.number("SELECT count(*) FROM requests") == 2);
  CHECK(one.number("SELECT count(DISTINCT relay) FROM spend") == 2);
}

TEST_CASE("taking old requests out changes no budget") {
  LedgerOptions options;
  options.max_bytes = 1;
  Bench bench(options);
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  bench.ledger->flush();
  bench.clock.advance(1s);
  bench.ledger->flush();
  CHECK(bench.number("SELECT count(*) FROM requests") == 0);
  REQUIRE(bench.try_open());
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 100);
}

}  // namespace ccrelay::ledger
