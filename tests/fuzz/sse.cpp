// The same calls however a stream is cut.
#include "wire/sse.hpp"

#include "fuzz/input.hpp"

using namespace ccrelay;

namespace {

struct Calls final : wire::SseSink {
  void on_event_begin(std::string_view name) override {
    text.append("begin ").append(name).append("\n");
  }
  void on_event(std::string_view name, std::string_view data) override {
    text.append("event ").append(name).append(" ").append(data).append("\n");
    longest = std::max(longest, data.size());
  }
  std::string text;
  std::size_t longest = 0;
};

std::string read(std::string_view stream, std::string_view cuts, std::size_t limit) {
  Calls calls;
  wire::SseScanner scanner(calls, limit);
  fuzz::in_pieces(stream, cuts, [&](std::string_view piece) { scanner.feed(piece); });
  FUZZ_CHECK(calls.longest <= limit);
  FUZZ_CHECK(!scanner.between_events() || scanner.at_line_start());
  return calls.text + (scanner.between_events() ? "between" : "within") +
         (scanner.at_line_start() ? " lines" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t steering = input.byte();
  const std::string_view cuts = input.bytes(1 + steering % 8);
  const std::size_t limit = steering & 0x80 ? 16 : 4096;
  FUZZ_CHECK(read(input.rest(), {}, limit) == read(input.rest(), cuts, limit));
  return 0;
}
