#include "dialect/sse_events.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::dialect;

namespace {

class Seen final : public EventSink {
 public:
  void on_event(std::string_view name, std::string_view data) override {
    events.push_back(std::string(name) + "|" + std::string(data));
  }
  std::vector<std::string> events;
};

std::vector<std::string> events_of(std::string_view text, std::size_t piece) {
  Seen seen;
  SseEvents events(seen, 1000);
  for (std::size_t at = 0; at < text.size(); at += piece) events.feed(text.substr(at, piece));
  events.end();
  return seen.events;
}

}  // namespace

TEST_CASE("events are read whatever their line ends and cuts") {
  struct Row {
    const char* text;
    std::vector<std::string> events;
  };
  const Row rows[] = {
      {"data: {}\n\ndata: [DONE]\n\n", {"|{}", "|[DONE]"}},
      {"data: 1\r\n\r\ndata:2\r\n\r\n", {"|1", "|2"}},
      {"data: 1\r\rdata: 2\r\r", {"|1", "|2"}},
      {"event: a\ndata: 1\ndata: 2\nid: 7\n\n", {"a|1\n2"}},
      {": OPENROUTER PROCESSING\n\ndata: 1\n\n: x\n\n", {"|1"}},
      {"event: ping\n\ndata\n\nid: 1\n\n", {}},
      {"data: {\"a\":1}", {"|{\"a\":1}"}},
      {"data: {\"a\":1}\r\n", {"|{\"a\":1}"}},
      {"data: {\"a\":1}\r", {"|{\"a\":1}"}},
      {"data: [DONE]", {"|[DONE]"}},
      {"data: {\"a\":1", {}},
      {"data: 1\n\n: comment", {"|1"}},
      {"", {}},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    for (const std::size_t piece : {1U, 2U, 3U, 1000U})
      CHECK(events_of(row.text, piece) == row.events);
  }
}

TEST_CASE("an event that is too large ends the reading") {
  Seen seen;
  SseEvents events(seen, 10);
  events.feed("data: 1234567890\n\n");
  CHECK_FALSE(events.failed());
  events.feed("data: 12345678901234567890123456789\n\n");
  CHECK(events.failed());
  events.feed("data: 1\n\n");
  events.end();
  CHECK(seen.events == std::vector<std::string>{"|1234567890"});
}

TEST_CASE("an event is written with its name, or without one") {
  std::string out;
  append_event(out, "error", "{}");
  append_event(out, "", "[DONE]");
  CHECK(out == "event: error\ndata: {}\n\ndata: [DONE]\n\n");
}
