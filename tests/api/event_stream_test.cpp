#include "api/event_stream.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using management::LogEvent;

namespace {

struct Lines {
  bool is_over() const { return over; }
  std::size_t take(std::vector<LogEvent>& into, std::size_t most) {
    std::size_t count = 0;
    for (; count < most && waiting > 0; ++count, --waiting) {
      into.emplace_back(management::LinesLost{7});
    }
    return count;
  }
  void on_ready(const std::function<void()>&) {}

  std::size_t waiting = 0;
  bool over = false;
};

std::size_t events_in(const std::string& sse) {
  std::size_t count = 0;
  for (auto at = sse.find("data: "); at != sse.npos; at = sse.find("data: ", at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a stream gives so many events at once, and leaves the others in the relay's queue") {
  auto lines = std::make_unique<Lines>();
  Lines& queue = *lines;
  queue.waiting = api::events_at_once + 5;
  const auto stream = api::stream_of<LogEvent>(std::move(lines));
  std::string sse;
  CHECK(stream->take(sse));
  CHECK(events_in(sse) == api::events_at_once);
  CHECK(queue.waiting == 5);
  sse.clear();
  CHECK(stream->take(sse));
  CHECK(events_in(sse) == 5);
}

TEST_CASE("a stream that is over ends behind the last event that waits") {
  for (const std::size_t waiting : {std::size_t{0}, std::size_t{5}, api::events_at_once}) {
    INFO(waiting);
    auto lines = std::make_unique<Lines>();
    lines->waiting = waiting;
    lines->over = true;
    const auto stream = api::stream_of<LogEvent>(std::move(lines));
    std::string sse;
    while (stream->take(sse)) CHECK(sse.find("event: error") == sse.npos);
    CHECK(events_in(sse) == waiting + 1);
    CHECK(sse.find("UNAVAILABLE") > sse.rfind("data: "));
  }
}
