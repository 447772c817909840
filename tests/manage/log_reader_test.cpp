#include "manage/log_reader.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::management;
using manage::LogReader;
using worker::LinePtr;
using worker::LogBook;

namespace {

LogLine line(std::string message, LogLevel level = LogLevel::info, std::string id = {}) {
  LogLine out;
  out.level = level;
  out.event = "note";
  out.message = std::move(message);
  out.id = id;
  out.request_id = id.empty() ? "" : "req-" + id;
  return out;
}

struct Log {
  explicit Log(std::size_t lines = 1000) { book->configure(Level::info, lines); }

  std::unique_ptr<LogSubscription> watch(const LogWatch& watch, std::vector<std::string> ids = {}) {
    reader = std::make_shared<LogReader>(watch, std::move(ids), book, worker::Seat());
    const auto before = book->watch(reader);
    REQUIRE(before);
    reader->begin(*before);
    return std::make_unique<LogSubscription>(reader);
  }
  std::shared_ptr<LogBook> book = std::make_shared<LogBook>();
  std::shared_ptr<LogReader> reader;
};

std::string told(LogSubscription& watch) {
  std::vector<LogEvent> events;
  watch.take(events);
  std::string out;
  for (const LogEvent& event : events) {
    out += out.empty() ? "" : " ";
    if (const auto* one = std::get_if<LogLine>(&event)) out += one->message;
    if (const auto* lost = std::get_if<LinesLost>(&event)) out += "-" + std::to_string(lost->lines);
  }
  return out;
}

}  // namespace

TEST_CASE("a reader of the log gets the last lines of before, then what comes") {
  Log log;
  for (const char* text : {"a", "b", "c"}) log.book->add(line(text));
  LogWatch watch;
  watch.tail = 2;
  const auto reader = log.watch(watch);
  log.book->add(line("d"));
  CHECK(told(*reader) == "b c d");
  CHECK(told(*reader).empty());
  log.book->tell(line("e"));
  CHECK(told(*reader) == "e");
  CHECK(told(*log.watch({})).empty());  // without a tail
}

TEST_CASE("lines are chosen by level, by request and by what they say") {
  Log log;
  LogWatch warn;
  warn.min_level = LogLevel::warn;
  LogWatch words;
  words.contains = "BreaKer";
  const auto worse = log.watch(warn);
  const auto worded = log.watch(words);
  const auto of_one = log.watch({}, {"1f", "req-2a"});
  log.book->add(line("breaker", LogLevel::warn, "1f"));
  log.book->add(line("a BREAKER opens", LogLevel::info, "2a"));
  log.book->add(line("else", LogLevel::error, "3b"));
  CHECK(told(*worse) == "breaker else");
  CHECK(told(*worded) == "breaker a BREAKER opens");
  CHECK(told(*of_one) == "breaker a BREAKER opens");
}

TEST_CASE("a reader that is too slow is told at the place how many lines it has lost") {
  Log log;
  LogWatch watch;
  watch.queue_lines = 16;
  const auto reader = log.watch(watch);
  int woken = 0;
  reader->on_ready([&] { ++woken; });
  for (int i = 0; i < 20; ++i) log.book->add(line(std::to_string(i)));
  CHECK(woken == 1);
  CHECK(told(*reader) == "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 -4");
  CHECK(log.book->dropped() == 4);
  log.book->add(line("more"));
  CHECK(woken == 2);
  CHECK(told(*reader) == "more");
}

TEST_CASE("what a reader of the log leaves stays in the queue, within its bounds") {
  Log log;
  LogWatch watch;
  watch.queue_lines = 16;
  const auto reader = log.watch(watch);
  const auto one = [&] {
    std::vector<LogEvent> events;
    CHECK(reader->take(events, 1) == 1);
    const auto* lost = std::get_if<LinesLost>(&events.at(0));
    return lost ? "-" + std::to_string(lost->lines) : std::get<LogLine>(events[0]).message;
  };
  for (int i = 0; i < 16; ++i) log.book->add(line(std::to_string(i)));
  CHECK(one() == "0");
  log.book->add(line("16"));
  log.book->add(line("17"));
  log.book->add(line("18"));
  for (int i = 1; i < 17; ++i) CHECK(one() == std::to_string(i));
  CHECK(one() == "-2");
  std::vector<LogEvent> none;
  CHECK(reader->take(none, 1) == 0);
  // And its room comes back, byte for byte.
  for (int i = 0; i < 30; ++i) {
    log.book->add(line(std::string(100'000, 'x')));
    CHECK(one().size() == 100'000);
  }
}

TEST_CASE("what comes while the lines of before are looked for is told behind them, or counted") {
  Log log;
  log.book->add(line("before"));
  LogWatch watch;
  watch.queue_lines = 16;
  watch.tail = 5;
  log.reader =
      std::make_shared<LogReader>(watch, std::vector<std::string>(), log.book, worker::Seat());
  const auto before = log.book->watch(log.reader);
  REQUIRE(before);
  for (int i = 0; i < 20; ++i) log.book->add(line(std::to_string(i)));
  log.reader->begin(*before);
  LogSubscription reader(log.reader);
  CHECK(told(reader) == "before 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -5");
  CHECK(log.book->dropped() == 5);
}

TEST_CASE("no reader holds more than a mebibyte, nor does the log itself") {
  Log log;
  LogWatch watch;
  watch.queue_lines = 65'536;
  const auto reader = log.watch(watch);
  for (int i = 0; i < 100; ++i) log.book->add(line(std::string(100'000, 'x')));
  std::vector<LogEvent> events;
  reader->take(events);
  CHECK(events.size() < 12);
  CHECK(std::get<LinesLost>(events.back()).lines > 80);
  LogWatch all;
  all.tail = 1000;
  events.clear();
  log.watch(all)->take(events);
  CHECK(events.size() < 12);
}

TEST_CASE("so many lines are remembered as the configuration says") {
  Log log(2);
  for (const char* text : {"a", "b", "c"}) log.book->add(line(text));
  LogWatch all;
  all.tail = 1000;
  CHECK(told(*log.watch(all)) == "b c");
  log.book->configure(Level::info, 1);
  CHECK(told(*log.watch(all)) == "c");
  log.book->configure(Level::info, 0);
  log.book->add(line("d"));
  CHECK(told(*log.watch(all)).empty());
}

TEST_CASE("who does not follow is over behind the lines of before") {
  Log log;
  log.book->add(line("a"));
  LogWatch watch;
  watch.tail = 10;
  watch.no_follow = true;
  const auto reader = log.watch(watch);
  log.book->add(line("b"));
  CHECK(reader->is_over());
  CHECK(told(*reader) == "a");
}

TEST_CASE("readers of the log hear that the relay stops, and outlive it") {
  Log log;
  const auto reader = log.watch({});
  int woken = 0;
  reader->on_ready([&] { ++woken; });
  CHECK(log.book->has_watchers());
  log.book->close();
  CHECK(woken == 1);
  CHECK(reader->is_over());
  CHECK(reader->wait(std::chrono::milliseconds(0)));
  CHECK_FALSE(log.book->has_watchers());
  CHECK_FALSE(log.book->watch(log.reader));
  log.book.reset();
}

TEST_CASE("an operator's level goes above the configuration's until its time is over") {
  struct Told final : Observer {
    void use_level(std::optional<Level> level) override { levels.push_back(level); }
    std::vector<std::optional<Level>> levels;
  } told;
  LogBook book;
  const TimePoint now{std::chrono::seconds(100)};
  const TimePoint then = now + std::chrono::seconds(10);
  CHECK_FALSE(book.has_level());
  CHECK_FALSE(book.wanted(now, &told));
  CHECK(book.set_level(Level::debug, then, &told));
  CHECK_FALSE(book.set_level(Level::debug, then, &told));
  CHECK(book.wanted(now, &told) == Level::debug);
  CHECK(book.until() == then);
  CHECK_FALSE(book.wanted(then, &told));
  CHECK_FALSE(book.has_level());
  CHECK(book.set_level(Level::error, {}, &told));
  CHECK(book.wanted(then + std::chrono::hours(1), nullptr) == Level::error);
  CHECK(book.set_level({}, {}, &told));
  const std::vector<std::optional<Level>> expected{Level::debug, Level::debug, std::nullopt,
                                                   Level::error, std::nullopt};
  CHECK(told.levels == expected);
}
