// The same messages and the same fault however a stream is cut; what comes of a message is whole
// events. Frames are put around the input, since no chance would find their checksums.
#include "wire/event_stream.hpp"

#include "base/base64.hpp"
#include "fuzz/input.hpp"
#include "wire/bedrock_event.hpp"
#include "wire/sse.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

namespace {

void append_number(std::string& out, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((number >> shift) & 0xFF);
}

void append_frame(std::string& out, std::string_view headers, std::string_view payload) {
  std::string frame;
  append_number(frame, event_frame_bytes + headers.size() + payload.size());
  append_number(frame, headers.size());
  append_number(frame, event_checksum(frame));
  frame.append(headers).append(payload);
  append_number(frame, event_checksum(frame));
  out += frame;
}

struct Reading final : EventStreamSink, SseSink {
  void on_message(const EventMessage& message) override {
    for (const EventHeader& header : message.headers) {
      text.append(header.name).append("=").append(header.value).append(";");
      if (const auto number = header.number()) text += std::to_string(*number);
    }
    text.append(message.payload).append("\n");
    std::string sse;
    const BedrockOutcome outcome = bedrock.append(sse, message);
    FUZZ_CHECK((outcome == BedrockOutcome::dropped) == sse.empty());
    if (!sse.empty()) {
      // Two lines and the empty one: whatever the message holds, it adds none.
      FUZZ_CHECK(sse.starts_with("event: ") && sse.ends_with("\n\n"));
      FUZZ_CHECK(std::count(sse.begin(), sse.end(), '\n') == 3);
      FUZZ_CHECK(sse.find("\ndata: ") == sse.find('\n'));
      FUZZ_CHECK(sse.find('\r') == std::string::npos);
    }
    events = 0;
    SseScanner scanner(*this, std::size_t{1} << 20);
    scanner.feed(sse);
    FUZZ_CHECK(scanner.between_events());
    FUZZ_CHECK(events == (sse.empty() ? 0 : 1));
    text += sse;
  }
  void on_event_begin(std::string_view) override {}
  void on_event(std::string_view name, std::string_view data) override {
    ++events;
    FUZZ_CHECK(!name.empty() && !data.empty());
  }

  BedrockEvents bedrock;
  std::string text;
  int events = 0;
};

std::string read(std::string_view stream, std::string_view cuts) {
  EventStreamParser parser(1 << 16);
  Reading reading;
  Result<void> result;
  fuzz::in_pieces(stream, cuts, [&](std::string_view piece) {
    if (result) {
      result = parser.feed(piece, reading);
    } else {
      FUZZ_CHECK(!parser.feed(piece, reading));
    }
  });
  const Result<void> end = parser.end();
  FUZZ_CHECK(result || !end);
  return reading.text + (end ? "" : end.error().message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t steering = input.byte();
  const std::string_view cuts = input.bytes(steering % 8);
  std::string stream;
  // As it is; as headers and payloads in turn; as what chunks hold.
  if (steering < 64) {
    stream = input.rest();
  } else if (steering < 160) {
    while (!input.empty()) {
      const std::string_view headers = input.bytes(input.byte());
      append_frame(stream, headers, input.bytes(input.byte()));
    }
  } else {
    const EventHeader headers[] = {{":event-type", EventValue::text, "chunk"},
                                   {":message-type", EventValue::text, "event"}};
    const std::string chunk =
        input.byte() % 2 == 0 ? base::base64_encoded(input.rest()) : std::string(input.rest());
    append_event_message(stream, headers, "{\"bytes\":\"" + chunk + "\"}");
  }
  FUZZ_CHECK(read(stream, {}) == read(stream, cuts));
  return 0;
}
