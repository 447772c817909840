#include "observe/log_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <string>
#include <thread>

#include "catch.hpp"

namespace ccrelay::observe {
namespace {

// A pipe or socket pair; closes what is left of it.
struct Pair {
  int reader = -1;
  int writer = -1;
  ~Pair() {
    if (reader >= 0) ::close(reader);
    if (writer >= 0) ::close(writer);
  }

  // What can be read now.
  std::string drain() const {
    std::string all;
    char part[65536];
    struct pollfd ready = {reader, POLLIN, 0};
    while (::poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN) != 0) {
      const ssize_t count = ::read(reader, part, sizeof part);
      if (count <= 0) break;
      all.append(part, static_cast<std::size_t>(count));
    }
    return all;
  }
};

void make_pipe(Pair& pair) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  pair.reader = ends[0];
  pair.writer = ends[1];
}

std::unique_ptr<LogSink> sink_into(int descriptor) {
  return std::make_unique<LogSink>(
      std::make_unique<LogTarget>(descriptor),
      [](std::string_view message) { return "remark: " + std::string(message) + "\n"; });
}

// `sink` and `pair` give and take in turn until nothing more comes.
std::string flush_and_drain(LogSink& sink, const Pair& pair) {
  std::string all;
  while (true) {
    sink.flush();
    const std::string part = pair.drain();
    if (part.empty()) return all;
    all += part;
  }
}

std::string line_number(int number) {
  return std::to_string(number) + ":" + std::string(1000, 'x') + "\n";
}

}  // namespace

TEST_CASE("lines are written when they are flushed", "[observe]") {
  Pair pair;
  make_pipe(pair);
  const auto sink = sink_into(pair.writer);
  sink->collect("one\n");
  sink->collect("two\n");
  CHECK(pair.drain().empty());
  sink->flush();
  CHECK(pair.drain() == "one\ntwo\n");
}

TEST_CASE("much that was collected is written without a flush", "[observe]") {
  Pair pair;
  make_pipe(pair);
  const auto sink = sink_into(pair.writer);
  for (int i = 0; i < 70; ++i) sink->collect(line_number(i));
  CHECK_FALSE(pair.drain().empty());
}

TEST_CASE("what is left is written at the end", "[observe]") {
  Pair pair;
  make_pipe(pair);
  sink_into(pair.writer)->collect("last\n");
  CHECK(pair.drain() == "last\n");
}

TEST_CASE("a pipe nobody reads does not block; whole lines are dropped and counted", "[observe]") {
  Pair pair;
  SECTION("a pipe") {
    make_pipe(pair);
  }
  SECTION("a socket") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    pair.reader = ends[0];
    pair.writer = ends[1];
  }
  const auto sink = sink_into(pair.writer);
  const int total = 3000;
  for (int i = 0; i < total; ++i) {
    sink->collect(line_number(i));
    sink->flush();
  }
  const std::string seen = flush_and_drain(*sink, pair);

  int kept = 0;
  std::string expected;
  while (seen.compare(expected.size(), line_number(kept).size(), line_number(kept)) == 0) {
    expected += line_number(kept++);
  }
  CHECK(expected.size() >= LogSink::buffer_bytes_max);
  CHECK(seen.substr(expected.size()) == "remark: " + std::to_string(total - kept) +
                                            " log lines were dropped: nobody took them in time\n");

  sink->collect("again\n");
  CHECK(flush_and_drain(*sink, pair) == "again\n");
}

TEST_CASE("a reader that has gone away neither blocks nor grows the buffer", "[observe]") {
  Pair pair;
  make_pipe(pair);
  ::close(pair.reader);
  pair.reader = -1;
  const auto sink = sink_into(pair.writer);
  for (int i = 0; i < 3000; ++i) {
    sink->collect(line_number(i));
    sink->flush();
  }
  SUCCEED("it returned, and no SIGPIPE came");
}

TEST_CASE("lines of several threads stay whole", "[observe]") {
  Pair pair;
  make_pipe(pair);
  {
    const auto sink = sink_into(pair.writer);
    const auto write = [&sink](char letter) {
      for (int i = 0; i < 200; ++i) {
        sink->collect(std::string(50, letter) + "\n");
        sink->flush();
      }
    };
    std::thread other(write, 'b');
    write('a');
    other.join();
  }
  const std::string seen = pair.drain();
  REQUIRE(seen.size() == 400 * 51);
  for (std::size_t at = 0; at < seen.size(); at += 51) {
    const std::string line = seen.substr(at, 51);
    CHECK((line == std::string(50, 'a') + "\n" || line == std::string(50, 'b') + "\n"));
  }
}

}  // namespace ccrelay::observe
