#include "ledger/trouble_log.hpp"

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::ledger;
using namespace std::chrono_literals;

namespace {

const TimePoint start{1h};
const Trouble full{Fault::full, "usage.db: disk is full"};
const Trouble locked{Fault::locked, "usage.db: database is locked"};

}  // namespace

TEST_CASE("trouble is tried again after a second, then ever later up to half a minute") {
  TroubleLog log;
  TimePoint now = start;
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    log.failed(full, 1, now);
    CHECK(log.retry() == now + wait);
    now = log.retry();
  }
  log.well(1, now);
  log.failed(full, 1, now);
  CHECK(log.retry() == now + 1s);
}

TEST_CASE("a lock is tried again each 50 ms for a second, then each second") {
  TroubleLog log;
  TimePoint now = start;
  while (now < start + 1s) {
    log.failed(locked, 1, now);
    CHECK(log.retry() == now + 50ms);
    now = log.retry();
  }
  log.failed(locked, 1, now);
  CHECK(log.retry() == now + 1s);
}

TEST_CASE("trouble is told at once, then at most once a minute with counts") {
  TroubleLog log;
  auto line = log.failed(full, 1, start);
  REQUIRE(line);
  CHECK(line->level == Level::error);
  CHECK(line->words == "the ledger can't be written: usage.db: disk is full; 1 request waits");
  CHECK_FALSE(log.failed(full, 5, start + 59s));
  line = log.failed(full, 9, start + 60s);
  REQUIRE(line);
  CHECK(line->words ==
        "the ledger can't be written: usage.db: disk is full; tried 3 times in 60 s, 9 requests "
        "wait");
  line = log.well(9, start + 61s);
  REQUIRE(line);
  CHECK(line->level == Level::info);
  CHECK(line->words == "the ledger is written again after 61 s; 9 requests had waited");
  CHECK_FALSE(log.well(0, start + 62s));
}

TEST_CASE("trouble that comes and goes is not told each time") {
  TroubleLog log;
  int lines = 0;
  for (TimePoint now = start; now < start + 60s; now += 2s) {
    lines += log.failed(full, 1, now) ? 1 : 0;
    lines += log.well(1, now + 1s) ? 1 : 0;
  }
  CHECK(lines == 2);
}
