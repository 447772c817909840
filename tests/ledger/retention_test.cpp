#include "bench.hpp"
#include "catch.hpp"

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

constexpr auto day = 24h;

}  // namespace

TEST_CASE("requests that are too old go at the start, with all that belongs to them") {
  LedgerOptions options;
  options.retention_days = 10;
  Bench bench(options);
  REQUIRE(bench.try_open());
  for (int i = 0; i < 2500; ++i) bench.tell("old");
  REQUIRE(bench.ledger->flush());
  bench.clock.advance(9 * day);
  bench.tell("new");
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM requests") == 2501);
  bench.clock.advance(2 * day);
  REQUIRE(bench.try_open());
  CHECK(bench.text("SELECT group_concat(request_id) FROM requests") == "new");
  CHECK(bench.number("SELECT count(*) FROM attempts") == 1);
  CHECK(bench.number("SELECT count(*) FROM charges") == 1);
  CHECK(bench.number("SELECT count(*) FROM spend WHERE period LIKE 'd:%'") == 2);
}

TEST_CASE("while it runs, what grows old goes within the hour") {
  LedgerOptions options;
  options.retention_days = 10;
  Bench bench(options);
  REQUIRE(bench.try_open());
  bench.tell("old");
  bench.ledger->flush();
  bench.clock.advance(10 * day);
  bench.ledger->flush();
  bench.clock.advance(1h);
  bench.ledger->flush();
  CHECK(bench.number("SELECT count(*) FROM requests") == 0);
}

TEST_CASE("without a limit nothing goes") {
  LedgerOptions options;
  options.retention_days = 0;
  options.max_bytes = 0;
  Bench bench(options);
  REQUIRE(bench.try_open());
  bench.tell("old");
  bench.ledger->flush();
  bench.clock.advance(5000 * day);
  bench.ledger->flush();
  CHECK(bench.number("SELECT count(*) FROM requests") == 1);
}

TEST_CASE("of a file that is too large the oldest go, and their pages are given back") {
  LedgerOptions options;
  options.max_bytes = 200'000;
  Bench bench(options);
  REQUIRE(bench.try_open());
  for (int batch = 0; batch < 20; ++batch) {
    for (int i = 0; i < 100; ++i) bench.tell("req_" + std::to_string(batch));
    bench.clock.advance(1s);
    REQUIRE(bench.ledger->flush());
  }
  CHECK(bench.number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") <=
        200'000);
  CHECK(bench.number("PRAGMA freelist_count") == 0);
  const auto left = bench.number("SELECT count(*) FROM requests");
  CHECK(left > 100);
  CHECK(left < 2000);
  CHECK(bench.text("SELECT request_id FROM requests ORDER BY time_ms DESC LIMIT 1") == "req_19");
  CHECK(bench.number("SELECT count(*) FROM requests WHERE request_id = 'req_0'") == 0);
  bench.ledger.reset();
  CHECK(fs::file_size(bench.path()) <= 200'000);
}

TEST_CASE("what was spent longer ago than any budget goes") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("old");
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM spend") == 2);
  bench.clock.advance(400 * day);
  REQUIRE(bench.try_open());
  CHECK(bench.number("SELECT count(*) FROM spend") == 2);
  bench.clock.advance(62 * day);
  REQUIRE(bench.try_open());
  CHECK(bench.number("SELECT count(*) FROM spend") == 0);
}

}  // namespace ccrelay::ledger
