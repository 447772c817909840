#include <atomic>
#include <thread>

#include "bench.hpp"
#include "catch.hpp"

// A ledger that goes on with other settings, as when the configuration is read again.

using namespace ccrelay;
using namespace ccrelay::ledger;

namespace {

LedgerOptions at(const std::string& path) {
  LedgerOptions options;
  options.path = path;
  options.timezone = "UTC";
  return options;
}

std::string ids_in(const std::string& path) {
  Database database(path, Database::Access::read);
  return database.text(
      "SELECT group_concat(request_id, ' ') FROM (SELECT request_id FROM requests ORDER BY id)");
}

}  // namespace

TEST_CASE("with another path what waits goes into the old file, what comes into the new one") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  const std::string next = bench.scratch.path("other/next.db");
  REQUIRE(bench.ledger->reconfigure(at(next)));
  // Closed: nothing of it is left in a log beside it.
  CHECK_FALSE(fs::exists(bench.path() + "-wal"));
  CHECK(ids_in(bench.path()) == "req_1");
  CHECK(bench.ledger->status().path == next);
  CHECK(bench.ledger->status().up);
  CHECK(bench.notes.lines() == std::vector<std::string>{"info: the ledger is now " + next + "; " +
                                                        bench.path() + " is closed"});
  bench.tell("req_2", 10);
  REQUIRE(bench.ledger->flush());
  CHECK(ids_in(bench.path()) == "req_1");
  CHECK(ids_in(next) == "req_2");
}

TEST_CASE("budgets go by what the new file says, and by the old one's on the way back") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  const std::string next = bench.scratch.path("next.db");
  REQUIRE(bench.ledger->reconfigure(at(next)));
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 0);
  bench.tell("req_2", 10);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::month) == 10);
  REQUIRE(bench.ledger->reconfigure(at(bench.path())));
  CHECK(bench.ledger->spent("ana", BudgetPeriod::month) == 100);
  bench.tell("req_3", 1);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 101);
  REQUIRE(bench.try_open());
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 101);
  CHECK(Bench::number_in(next, "SELECT sum(nano_usd) FROM spend WHERE period LIKE 'd:%'") == 10);
}

TEST_CASE("what the old file would not take goes into the new one, and counts there") {
  LedgerOptions nowhere;
  const Scratch scratch;
  nowhere.path = scratch.folder();  // no file
  Bench bench(nowhere);
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  REQUIRE_FALSE(bench.ledger->flush());
  REQUIRE(bench.ledger->reconfigure(at(bench.path())));
  CHECK(bench.ledger->flush());
  CHECK(ids_in(bench.path()) == "req_1");
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 100);
  CHECK(bench.number("SELECT sum(nano_usd) FROM spend WHERE period LIKE 'd:%'") == 100);
  CHECK(bench.ledger->status().up);
  CHECK(bench.ledger->status().trouble.empty());
}

TEST_CASE("a new file that is in trouble is told as any, and taken when it is well") {
  Bench bench;
  REQUIRE(bench.try_open());
  LedgerOptions bad = at(bench.scratch.folder());
  bad.required = true;
  CHECK(bench.ledger->may_serve());
  REQUIRE(bench.ledger->reconfigure(bad));
  CHECK_FALSE(bench.ledger->may_serve());
  CHECK_FALSE(bench.ledger->status().up);
  CHECK(bench.notes.count("is no regular file") == 1);
  LedgerOptions good = at(bench.path());
  good.required = true;
  REQUIRE(bench.ledger->reconfigure(good));
  CHECK(bench.ledger->may_serve());
}

TEST_CASE("other settings hold at once, in the same open file") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  REQUIRE(bench.ledger->flush());
  LedgerOptions options = at(bench.path());
  options.max_bytes = 1;
  REQUIRE(bench.ledger->reconfigure(options));
  bench.tell("req_2", 10);
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM requests") == 0);
  CHECK(bench.number("SELECT count(DISTINCT relay) FROM spend") == 1);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 110);
  CHECK(bench.notes.lines().empty());
  options.max_bytes = 0;
  REQUIRE(bench.ledger->reconfigure(options));
  bench.tell("req_3", 1);
  REQUIRE(bench.ledger->flush());
  CHECK(ids_in(bench.path()) == "req_3");
}

TEST_CASE("other days begin with what the file has of them") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  LedgerOptions options = at(bench.path());
  options.timezone = "America/New_York";  // there it is still the day before
  REQUIRE(bench.ledger->reconfigure(options));
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 0);
  bench.tell("req_2", 10);
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT nano_usd FROM spend WHERE period = 'd:2025-12-31'") == 10);
  options.timezone = "UTC";
  REQUIRE(bench.ledger->reconfigure(options));
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 100);
}

TEST_CASE("settings that can't be are refused, and nothing changes") {
  Bench bench;
  REQUIRE(bench.try_open());
  LedgerOptions options = at(bench.scratch.path("next.db"));
  options.timezone = "Mars/Olympus";
  const auto done = bench.ledger->reconfigure(options);
  REQUIRE_FALSE(done);
  CHECK(done.error().message.find("ledger.timezone: ") == 0);
  CHECK_FALSE(bench.ledger->reconfigure(LedgerOptions()));
  CHECK(bench.ledger->status().path == bench.path());
  CHECK_FALSE(fs::exists(options.path));
}

TEST_CASE("nothing is lost or written twice while the path changes under those who tell") {
  const Scratch scratch;
  const std::string paths[] = {scratch.path("one.db"), scratch.path("two.db")};
  LedgerOptions options = at(paths[0]);
  auto made = make_ledger(options);
  REQUIRE(made);
  constexpr int tellers = 3;
  constexpr int each = 400;
  std::atomic<int> told{0};
  std::vector<std::thread> threads;
  for (int teller = 0; teller < tellers; ++teller) {
    threads.emplace_back([&, teller] {
      for (int n = 0; n < each; ++n, ++told) {
        (*made)->request_finished(
            request_of(Clock::system(), std::to_string(teller) + '-' + std::to_string(n), 1'000));
        (*made)->turn_ended();
        if (n % 10 == 0) std::this_thread::yield();
      }
    });
  }
  for (int turn = 1; told < tellers * each; ++turn) {
    REQUIRE((*made)->reconfigure(at(paths[turn % 2])));
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE((*made)->flush());
  std::int64_t rows = 0;
  std::int64_t spent = 0;
  for (const std::string& path : paths) {
    const std::int64_t here = Bench::number_in(path, "SELECT count(*) FROM requests");
    const std::int64_t sum = Bench::number_in(path,
                                              "SELECT coalesce(sum(nano_usd), 0) FROM spend "
                                              "WHERE period LIKE 'm:%'");
    CHECK(sum == here * 1'000);
    rows += here;
    spent += sum;
  }
  CHECK(rows == tellers * each);
  CHECK(spent == tellers * each * 1'000);
  const std::string now = (*made)->status().path;
  CHECK((*made)->spent("ana", BudgetPeriod::month) ==
        Bench::number_in(now,
                         "SELECT coalesce(sum(nano_usd), 0) FROM spend "
                         "WHERE period LIKE 'm:%'"));
}
