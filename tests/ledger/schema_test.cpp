#include "ledger/schema.hpp"

#include <chrono>
#include <cstring>
#include <fstream>

#include "bench.hpp"
#include "catch.hpp"

namespace ccrelay::ledger {

TEST_CASE("a new file has the form that is told: pragmas, marks and strict tables") {
  Bench bench;
  REQUIRE(bench.try_open());
  CHECK(bench.number("PRAGMA application_id") == 0x43435259);
  CHECK(bench.number("PRAGMA user_version") == 1);
  CHECK(bench.text("PRAGMA journal_mode") == "wal");
  CHECK(bench.number("PRAGMA auto_vacuum") == 2);
  CHECK(bench.number("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND "
                     "type = 'table' AND name NOT LIKE 'sqlite%' AND strict = 1") == 5);
  CHECK(bench.number("SELECT count(*) FROM meta WHERE key = 'ledger_id' AND length(value) = 32") ==
        1);
}

TEST_CASE("each file has an id of its own, which it keeps") {
  Bench one, other;
  REQUIRE(one.try_open());
  REQUIRE(other.try_open());
  const std::string id = one.text("SELECT value FROM meta");
  CHECK(id != other.text("SELECT value FROM meta"));
  REQUIRE(one.try_open());
  CHECK(one.text("SELECT value FROM meta") == id);
}

TEST_CASE("an older form is brought up in one step, behind a copy of the file") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  bench.ledger.reset();
  const Migration steps[] = {{1,
                              "ALTER TABLE requests ADD COLUMN extra TEXT;"
                              "UPDATE requests SET extra = 'x'"},
                             {2, "ALTER TABLE requests ADD COLUMN more TEXT"}};
  {
    Database database(bench.path(), Database::Access::write);
    prepare(database, bench.path(), false, "", steps, 3);
    REQUIRE_FALSE(database.failed());
  }
  CHECK(bench.scratch.names() == std::vector<std::string>{"usage.db", "usage.db.v1"});
  CHECK(bench.number("PRAGMA user_version") == 3);
  CHECK(bench.text("SELECT extra FROM requests") == "x");
  CHECK(bench.number("SELECT count(more) FROM requests") == 0);
  const std::string copy = bench.path() + ".v1";
  CHECK(Bench::number_in(copy, "PRAGMA user_version") == 1);
  CHECK(Bench::number_in(copy, "SELECT count(*) FROM requests") == 1);
}

TEST_CASE("a step that fails leaves the file as it was") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  bench.ledger.reset();
  const Migration steps[] = {{1, "ALTER TABLE requests ADD COLUMN extra TEXT"},
                             {2, "ALTER TABLE nothing ADD COLUMN more TEXT"}};
  {
    Database database(bench.path(), Database::Access::write);
    prepare(database, bench.path(), false, "", steps, 3);
    CHECK(database.failed());
  }
  CHECK(bench.number("PRAGMA user_version") == 1);
  CHECK(bench.number("SELECT count(*) FROM pragma_table_info('requests') WHERE name = 'extra'") ==
        0);
  REQUIRE(bench.try_open());
  bench.tell("req_2");
  CHECK(bench.ledger->flush());
}

TEST_CASE("ids never come again, also when all requests are gone") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  bench.ledger.reset();
  {
    Database database(bench.path(), Database::Access::write);
    database.run("DELETE FROM requests");
  }
  REQUIRE(bench.try_open());
  bench.tell("req_2");
  bench.tell("req_3");
  CHECK(bench.ledger->flush());
  CHECK(bench.number("SELECT min(id) FROM requests") == 2);
  CHECK(bench.number("SELECT max(id) FROM requests") == 3);
  bench.tell("req_4");
  CHECK(bench.ledger->flush());
  CHECK(bench.text("SELECT group_concat(r.id || r.request_id || c.model, ' ') FROM requests r "
                   "JOIN attempts a ON a.request = r.id "
                   "JOIN charges c ON c.request = a.request AND c.attempt = a.n") ==
        "2req_2claude-x 3req_3claude-x 4req_4claude-x");
}

TEST_CASE("a file that counted its ids by itself goes on behind them") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.ledger.reset();
  {
    Database database(bench.path(), Database::Access::write);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(bench.clock.wall());
    Statement(database,
              "INSERT INTO requests(id, time_ms, client, endpoint) VALUES(7, ?, 'x', 'y')")
        .put(std::int64_t{now.time_since_epoch().count()})
        .run();
    database.run("DELETE FROM meta WHERE key = 'last_request'");
    REQUIRE_FALSE(database.failed());
  }
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  CHECK(bench.ledger->flush());
  CHECK(bench.number("SELECT id FROM requests WHERE request_id = 'req_1'") == 8);
}

}  // namespace ccrelay::ledger
