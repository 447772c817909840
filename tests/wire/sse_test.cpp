#include "wire/sse.hpp"

#include <vector>

#include "catch.hpp"

using namespace ccrelay::wire;

namespace {

struct Recorder final : SseSink {
  void on_event_begin(std::string_view name) override { calls += "<" + std::string(name) + ">"; }
  void on_event(std::string_view name, std::string_view data) override {
    calls += "[" + std::string(name) + "|" + std::string(data) + "]";
  }
  std::string calls;
};

std::string scan(std::string_view bytes, std::size_t cut, std::size_t max = 64) {
  Recorder recorder;
  SseScanner scanner(recorder, max);
  scanner.feed(bytes.substr(0, cut));
  scanner.feed(bytes.substr(cut));
  return recorder.calls;
}

}  // namespace

TEST_CASE("a stream means the same wherever it is cut") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n", "<a>[a|1]<b>[b|2]"},
      {"event: a\r\ndata: 1\r\n\r\ndata:x\r\n\r\n", "<a>[a|1][|x]"},
      {"event: a\rdata: 1\r\rdata: 2\r\r", "<a>[a|1][|2]"},
      {": comment\n\ndata: x\n: inside\ndata: y\n\n", "[|x\ny]"},
      {"data:  two blanks\nid: 7\nretry\n\n", "[| two blanks]"},
      {"\n\n\ndata: \xC3\xBC\n\n", "[|\xC3\xBC]"},
      {"event: cut\ndata: no blank line", "<cut>"},
  };
  for (const auto& [bytes, calls] : cases) {
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      INFO(bytes << " cut at " << cut);
      CHECK(scan(bytes, cut) == calls);
    }
  }
}

TEST_CASE("data beyond the limit is let go of, and the next event is read again") {
  const std::string bytes =
      "event: big\ndata: " + std::string(200, 'x') + "\n\nevent: b\ndata: 2\n\n";
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 7) {
    CHECK(scan(bytes, cut) == "<big>[big|]<b>[b|2]");
  }
}

TEST_CASE("the line ends between lines of data count") {
  const std::string half(32, 'x');
  CHECK(scan("data: " + half + "\ndata: " + half + "\n\n", 0) == "[|]");
  const std::string less(31, 'x');
  CHECK(scan("data: " + half + "\ndata: " + less + "\n\n", 0) == "[|" + half + "\n" + less + "]");
}

TEST_CASE("a line beyond the limit is still known for what it is") {
  const std::string long_line(200, 'x');
  const std::string bytes = "event: " + long_line + "\ndata: 1\ndata: " + long_line + "\n\n";
  const std::string name(64 + 16 - 7, 'x');
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CHECK(scan(bytes, cut) == "<" + name + ">[" + name + "|]");
  }
}

TEST_CASE("a scanner knows whether something may be put between") {
  Recorder recorder;
  SseScanner scanner(recorder, 64);
  CHECK(scanner.between_events());
  scanner.feed("event: a");
  CHECK_FALSE(scanner.between_events());
  CHECK_FALSE(scanner.at_line_start());
  scanner.feed("\n");
  CHECK_FALSE(scanner.between_events());
  CHECK(scanner.at_line_start());
  scanner.feed("data: 1\n\n");
  CHECK(scanner.between_events());
  scanner.feed(": a comment");
  CHECK_FALSE(scanner.between_events());
  scanner.feed("\n");
  CHECK(scanner.between_events());
}

TEST_CASE("a scanner knows where in what it was fed the last event was whole") {
  Recorder recorder;
  SseScanner scanner(recorder, 64);
  scanner.feed("data: 1\n");
  CHECK(scanner.whole() == 0);
  scanner.feed("\ndata: 2\n\n: c\ndata: 3");
  CHECK(scanner.whole() == 14);
  scanner.feed("\r\n\r");
  CHECK(scanner.whole() == 3);
  scanner.feed("\ndata");
  CHECK(scanner.whole() == 1);
  scanner.feed("");
  CHECK(scanner.whole() == 0);
}
