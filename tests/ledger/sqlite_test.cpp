// What a statement is bound to goes on from one run to the next.

#include "ledger/sqlite.hpp"

#include <string>

#include "bench.hpp"
#include "catch.hpp"

namespace ccrelay::ledger {
namespace {

struct Scene {
  Scene() {
    Bench::make_empty(scratch.path());
    database.emplace(scratch.path(), Database::Access::write);
    database->run("CREATE TABLE t(a, b)");
    insert.emplace(*database, "INSERT INTO t VALUES(?, ?)");
  }
  /// All rows: `a|b` each, NULL as `-`.
  std::string rows() {
    return database->text(
        "SELECT group_concat(ifnull(a, '-') || '|' || ifnull(b, '-'), ' ') FROM t");
  }

  Scratch scratch;
  std::optional<Database> database;
  std::optional<Statement> insert;
};

}  // namespace

TEST_CASE("each row has the values that were put for it, whatever the one before had") {
  Scene s;
  s.insert->put(1).put(1).run();
  s.insert->put(1).put(2).run();
  s.insert->put_null().put(2).run();
  s.insert->put_null().refer("two").run();
  s.insert->refer("two").refer("two").run();
  s.insert->put(1).put("three").run();
  s.insert->put(1).put("three").run();
  s.insert->refer("").refer_some("").run();
  CHECK(s.rows() == "1|1 1|2 -|2 -|two two|two 1|three 1|three |-");
  CHECK_FALSE(s.database->failed());
}

TEST_CASE("text that is referred to is what stands there when the statement runs") {
  Scene s;
  std::string text = "one";
  s.insert->refer(text).put(1).run();
  text = "two";
  s.insert->refer(text).put(2).run();
  text = "four";
  s.insert->refer(text).put(3).run();
  CHECK(s.rows() == "one|1 two|2 four|3");
}

TEST_CASE("text that was copied is its own, also when another stands in its place") {
  Scene s;
  std::string text = "one";
  s.insert->put(text);
  text = "two";
  s.insert->put(text).run();
  s.insert->put(text);
  text = "six";
  s.insert->put(text).run();
  CHECK(s.rows() == "one|two two|six");
}

TEST_CASE("a value that could not be bound is bound the next time") {
  Scene s;
  s.database->fail(Fault::other, "something else");
  s.insert->put(7).put(8).run();
  s.database->forget();
  s.insert->put(7).put(8).run();
  CHECK(s.rows() == "7|8");
}

}  // namespace ccrelay::ledger
