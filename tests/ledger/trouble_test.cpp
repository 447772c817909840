#include <ccrelay/usage_table.hpp>

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "bench.hpp"
#include "catch.hpp"
#include "ledger/keeper.hpp"
#include "ledger/schema.hpp"

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

std::string whole(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// Permissions are nothing to root: as long as this lives, the process is somebody else.
class Unprivileged {
 public:
  Unprivileged() : before_(::geteuid()) {
    if (before_ == 0 && ::seteuid(65534) != 0) std::abort();
  }
  ~Unprivileged() {
    if (::seteuid(before_) != 0) std::abort();
  }

 private:
  uid_t before_;
};

/// No file of this process grows beyond so much.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~SmallFiles() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

/// A file system that is soon full; not everybody may mount one.
class SmallDisk {
 public:
  explicit SmallDisk(std::string folder) : folder_(std::move(folder)) {
    ::mkdir(folder_.c_str(), 0700);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount(folder_.c_str());
  }
  explicit operator bool() const { return mounted_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  // All that is left, to the last page.
  void fill() const {
    std::ofstream out(path("filler"), std::ios::binary);
    const std::string page(4096, 'x');
    while (out.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }

 private:
  std::string folder_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("in a folder that can't be written requests wait, and are written when it can") {
  Bench bench;
  ::chmod(bench.scratch.folder().c_str(), 0555);
  const Unprivileged somebody;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  CHECK_FALSE(bench.ledger->flush());
  CHECK_FALSE(bench.ledger->status().up);
  CHECK(bench.ledger->status().trouble.find("usage.db: Permission denied") != std::string::npos);
  CHECK(bench.ledger->status().queue == 1);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 100);
  CHECK(bench.ledger->may_serve());
  REQUIRE(bench.notes.lines().size() == 1);
  CHECK(bench.notes.lines()[0] == "error: the ledger can't be written: " + bench.path() +
                                      ": Permission denied; until it can be read, budgets begin "
                                      "at 0; 0 requests wait");
  {
    const int before = static_cast<int>(::geteuid());
    REQUIRE(::seteuid(::getuid()) == 0);
    ::chmod(bench.scratch.folder().c_str(), 0777);
    REQUIRE(::seteuid(static_cast<uid_t>(before)) == 0);
  }
  CHECK_FALSE(bench.ledger->flush());  // the next attempt is after a second
  bench.clock.advance(1s);
  CHECK(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM requests") == 1);
  CHECK(bench.ledger->status().up);
  REQUIRE(bench.notes.lines().size() == 2);
  CHECK(bench.notes.lines()[1] ==
        "info: the ledger is written again after 1 s; 1 request had waited");
}

TEST_CASE("a file that can't be written keeps requests waiting") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  bench.ledger.reset();
  ::chmod(bench.scratch.folder().c_str(), 0777);
  ::chmod(bench.path().c_str(), 0444);
  const Unprivileged somebody;
  REQUIRE(bench.try_open());
  bench.tell("req_2");
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(bench.ledger->flush());
    bench.clock.advance(2s);
  }
  CHECK_FALSE(bench.ledger->status().up);
  CHECK(bench.notes.lines().size() == 1);
  REQUIRE(::seteuid(::getuid()) == 0);
  ::chmod(bench.path().c_str(), 0666);
  bench.clock.advance(30s);
  CHECK(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM requests") == 2);
}

TEST_CASE("on a full disk a batch is rolled back whole and kept") {
  Bench bench;
  const SmallDisk disk(bench.scratch.path("disk"));
  if (!disk) {
    WARN("no file system can be mounted here");
    return;
  }
  LedgerOptions options;
  options.path = disk.path("usage.db");
  options.clock = &bench.clock;
  options.notes = &bench.notes;
  options.timezone = "UTC";
  auto made = make_ledger(options);
  REQUIRE(made);
  Ledger& ledger = **made;
  ledger.request_finished(request_of(bench.clock, "req_0", 1));
  REQUIRE(ledger.flush());
  disk.fill();
  for (int i = 0; i < 3000; ++i) {
    ledger.request_finished(request_of(bench.clock, "req_" + std::to_string(i), 1));
  }
  CHECK_FALSE(ledger.flush());
  CHECK(bench.notes.count("error: the ledger can't be written: " + options.path +
                          ": database or disk is full; ") == 1);
  CHECK(Bench::number_in(options.path, "SELECT count(*) FROM requests") == 1);
  CHECK(Bench::number_in(options.path, "SELECT sum(nano_usd) FROM spend") == 2);
  CHECK(ledger.status().queue == 3000);
  ::unlink(disk.path("filler").c_str());
  bench.clock.advance(1s);
  ledger.flush();
  // The disk is too small for all of them; whatever is there, is there with its charges.
  const auto requests = Bench::number_in(options.path, "SELECT count(*) FROM requests");
  CHECK(requests > 1);
  CHECK(Bench::number_in(options.path, "SELECT count(*) FROM charges") == requests);
  CHECK(Bench::number_in(options.path, "SELECT sum(nano_usd) FROM spend") == 2 * requests);
  CHECK(ledger.status().queue == static_cast<std::size_t>(3001 - requests));
}

TEST_CASE("a write that fails in the middle leaves nothing half-written") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_0", 1);
  REQUIRE(bench.ledger->flush());
  for (int i = 0; i < 3000; ++i) bench.tell("req_x", 1);
  {
    const SmallFiles limit(256 << 10);
    CHECK_FALSE(bench.ledger->flush());
    CHECK(bench.notes.count("error: the ledger can't be written: ") == 1);
  }
  const auto before = bench.number("SELECT count(*) FROM requests");
  CHECK(before < 3001);
  CHECK(bench.number("SELECT sum(nano_usd) FROM spend") == 2 * before);
  bench.clock.advance(1s);
  CHECK(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM requests") == 3001);
  CHECK(bench.number("SELECT sum(nano_usd) FROM spend") == 6002);
  CHECK(bench.text("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a lock is waited for in steps of 50 ms, and is worth a word after five seconds") {
  Bench bench;
  REQUIRE(bench.try_open());
  Database other(bench.path(), Database::Access::write);
  other.run("BEGIN IMMEDIATE");
  REQUIRE_FALSE(other.failed());
  bench.tell("req_1");
  CHECK_FALSE(bench.ledger->flush());
  CHECK_FALSE(bench.ledger->status().up);
  CHECK(bench.notes.lines().empty());
  other.run("COMMIT");
  CHECK_FALSE(bench.ledger->flush());
  bench.clock.advance(50ms);
  CHECK(bench.ledger->flush());
  CHECK(bench.notes.lines().empty());
  CHECK(bench.number("SELECT count(*) FROM requests") == 1);

  other.run("BEGIN IMMEDIATE");
  bench.tell("req_2");
  for (int i = 0; i < 6; ++i) {
    CHECK_FALSE(bench.ledger->flush());
    bench.clock.advance(1s);
  }
  CHECK(bench.notes.lines() == Names{"warn: the ledger can't be written: " + bench.path() +
                                     ": database is locked; 1 request waits"});
  other.run("COMMIT");
  CHECK(bench.ledger->flush());
  CHECK(bench.notes.lines().size() == 2);
}

TEST_CASE("what is no database is set aside, and a new one begun") {
  Bench bench;
  write(bench.path(), std::string(10000, 'x'));
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  CHECK(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM requests") == 1);
  const std::string aside = bench.path() + ".damaged-20260101T010000";
  CHECK(whole(aside) == std::string(10000, 'x'));
  CHECK(bench.notes.lines() ==
        Names{"error: the ledger is damaged (" + bench.path() +
              ": file is not a database): it is now " + aside + ", and a new one has begun"});
}

TEST_CASE(
    "a ledger that is damaged while it is used is set aside; what waited goes into a new one") {
  Bench bench;
  REQUIRE(bench.try_open());
  for (int i = 0; i < 500; ++i) bench.tell("req_" + std::to_string(i), 10);
  REQUIRE(bench.ledger->flush());
  bench.ledger.reset();
  std::string bytes = whole(bench.path());
  REQUIRE(bytes.size() > 20 * 4096);
  std::fill(bytes.begin() + 4096, bytes.end(), '\x5a');
  write(bench.path(), bytes);
  REQUIRE(bench.try_open());
  bench.tell("req_new", 7);
  CHECK(bench.ledger->flush());
  CHECK(bench.text("SELECT group_concat(request_id) FROM requests") == "req_new");
  CHECK(bench.notes.count("error: the ledger is damaged") == 1);
  CHECK(whole(bench.path() + ".damaged-20260101T010000").size() == bytes.size());
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 7);
}

TEST_CASE("a ledger that is deleted is begun anew, and budgets go on") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  REQUIRE(bench.try_open());  // the first is now another's, to this one
  bench.tell("req_2", 10);
  REQUIRE(bench.ledger->flush());
  ::unlink(bench.path().c_str());
  bench.tell("req_3", 1);
  CHECK(bench.ledger->flush());
  CHECK(bench.text("SELECT group_concat(request_id) FROM requests") == "req_3");
  CHECK(bench.text("PRAGMA integrity_check") == "ok");
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 111);
  CHECK(bench.notes.lines() == Names{"warn: " + bench.path() +
                                     " was deleted while the ledger was open; it is opened anew"});
  // The log of the old one is no part of the new one, and not thrown away.
  CHECK(fs::exists(bench.path() + ".replaced-20260101T010000-wal"));
}

TEST_CASE("a deletion is seen while nothing is written, too") {
  Bench bench;
  REQUIRE(bench.try_open());
  ::unlink(bench.path().c_str());
  bench.clock.advance(10s);
  bench.ledger->flush();
  CHECK(bench.number("SELECT count(*) FROM requests") == 0);
}

TEST_CASE("a ledger that is replaced by another is left for that one") {
  Bench bench, other;
  REQUIRE(other.try_open());
  other.tell("req_other", 1000);
  other.ledger.reset();
  REQUIRE(bench.try_open());
  bench.tell("req_1", 100);
  REQUIRE(bench.ledger->flush());
  fs::rename(other.path(), bench.path());
  bench.tell("req_2", 10);
  CHECK(bench.ledger->flush());
  CHECK(bench.text("SELECT group_concat(request_id) FROM requests") == "req_other,req_2");
  CHECK(bench.text("PRAGMA integrity_check") == "ok");
  // Its own, and what the file says of others.
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 1110);
  CHECK(bench.notes.count("was replaced while the ledger was open") == 1);
}

TEST_CASE("of a full queue the oldest are dropped and counted, and budgets stay right") {
  LedgerOptions options;
  options.queue_max = 3;
  Bench bench(options);
  REQUIRE(bench.try_open());
  Database other(bench.path(), Database::Access::write);
  other.run("BEGIN IMMEDIATE");
  for (int i = 1; i <= 5; ++i) bench.tell("req_" + std::to_string(i), 10);
  CHECK_FALSE(bench.ledger->flush());
  CHECK(bench.ledger->status().dropped == 2);
  CHECK(bench.ledger->status().queue == 3);
  CHECK(bench.ledger->spent("ana", BudgetPeriod::day) == 50);
  CHECK(bench.notes.count("error: the ledger's queue is full: 2 requests have been dropped") == 1);
  other.run("COMMIT");
  bench.clock.advance(1s);
  CHECK(bench.ledger->flush());
  CHECK(bench.text("SELECT group_concat(request_id) FROM requests") == "req_3,req_4,req_5");
}

TEST_CASE("a ledger that is required does not start without its file") {
  LedgerOptions options;
  options.required = true;
  Bench bench(options);
  options.path = bench.scratch.path("file/usage.db");
  write(bench.scratch.path("file"), "no folder");
  options.clock = &bench.clock;
  const auto made = make_ledger(options);
  REQUIRE_FALSE(made);
  CHECK(made.error().message == "the ledger is required and can't be written: " + options.path +
                                    ": Not a directory; until it can be read, budgets begin at 0 "
                                    "(ledger.required, ledger.path)");
}

TEST_CASE("while a required ledger can't be written, nothing may be served") {
  LedgerOptions options;
  options.required = true;
  Bench bench(options);
  REQUIRE(bench.try_open());
  CHECK(bench.ledger->may_serve());
  Database other(bench.path(), Database::Access::write);
  other.run("BEGIN IMMEDIATE");
  bench.tell("req_1");
  CHECK_FALSE(bench.ledger->flush());
  CHECK_FALSE(bench.ledger->may_serve());
  other.run("COMMIT");
  bench.clock.advance(1s);
  CHECK(bench.ledger->flush());
  CHECK(bench.ledger->may_serve());
}

TEST_CASE("a later version's ledger is not touched") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.ledger.reset();
  {
    Database later(bench.path(), Database::Access::write);
    later.run("PRAGMA user_version=2");
  }
  const std::string bytes = whole(bench.path());
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  CHECK_FALSE(bench.ledger->flush());
  CHECK(bench.notes.count("has the form 2 of a later cc-relay; this one knows up to 1: run that "
                          "version, or name another file") == 1);
  bench.ledger.reset();
  CHECK(whole(bench.path()) == bytes);
}

TEST_CASE("another program's database is not touched") {
  Bench bench;
  write(bench.path(), "");
  {
    Database other(bench.path(), Database::Access::write);
    other.run("CREATE TABLE notes(text)");
  }
  const std::string bytes = whole(bench.path());
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  CHECK_FALSE(bench.ledger->flush());
  CHECK(bench.notes.count("is a database, but no ledger of cc-relay's") == 1);
  bench.ledger.reset();
  CHECK(whole(bench.path()) == bytes);
}

TEST_CASE("a place that is no regular file is not touched") {
  Bench bench;
  REQUIRE(::mkfifo(bench.path().c_str(), 0600) == 0);
  REQUIRE(bench.try_open());
  CHECK(bench.notes.count("is no regular file") == 1);
  // Nor does who only looks wait for somebody to write into it.
  const auto table = read_usage(bench.path(), UsageQuery{}, bench.clock);
  REQUIRE_FALSE(table);
  CHECK(table.error().message == bench.path() + " is no regular file; name another");
  CHECK(look_at_ledger(bench.path()).state == LedgerFile::State::foreign);
}

TEST_CASE("on a network's file system there is a warning, and no memory is shared") {
  Bench bench;
  LedgerOptions options;
  options.path = bench.path();
  options.notes = &bench.notes;
  Queue queue(10);
  SpendBook spend{TimeZone()};
  Keeper keeper(options, bench.clock, queue, spend, [](const std::string&) { return true; });
  keeper.turn(Keeper::Urgency::now);
  CHECK(keeper.is_up());
  CHECK(bench.text("PRAGMA journal_mode") == "delete");
  CHECK(bench.scratch.names() == Names{"usage.db"});
  CHECK(bench.notes.count("warn: " + bench.path() + " is on a network file system") == 1);
  CHECK(is_network_type(0x6969));
  CHECK(is_network_type(0xFF534D42));
  CHECK(is_network_type(0x01021997));
  CHECK(is_network_type(0x786F4256));
  CHECK_FALSE(is_network_type(0xEF53));      // ext4
  CHECK_FALSE(is_network_type(0x01021994));  // tmpfs
}

TEST_CASE("an unknown time zone, or no place, is an error of the configuration") {
  LedgerOptions options;
  CHECK_FALSE(make_ledger(options));
  const Scratch scratch;
  options.path = scratch.path();
  options.timezone = "Europe/Atlantis";
  const auto made = make_ledger(options);
  REQUIRE_FALSE(made);
  CHECK(made.error().message.find("ledger.timezone: there is no time zone Europe/Atlantis") == 0);
  CHECK(scratch.names().empty());
}

}  // namespace ccrelay::ledger
