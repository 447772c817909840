#include "wire/event_stream.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

namespace {

struct Copy {
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<EventValue> types;
  std::string payload;
  bool operator==(const Copy&) const = default;
};

class Collector final : public EventStreamSink {
 public:
  void on_message(const EventMessage& message) override {
    Copy& copy = messages.emplace_back();
    for (const EventHeader& header : message.headers) {
      copy.headers.emplace_back(header.name, header.value);
      copy.types.push_back(header.type);
    }
    copy.payload = message.payload;
    payload_at = message.payload.data();
  }
  std::vector<Copy> messages;
  const char* payload_at = nullptr;
};

const std::string golden_payload =
    R"({"bytes":"eyJjb21wbGV0aW9uIjoiIEhlcmUiLCJzdG9wX3JlYXNvbiI6bnVsbCwic3RvcCI6bnVsbH0="})";

std::string golden() {
  const std::array headers{
      EventHeader{":event-type", EventValue::text, "chunk"},
      EventHeader{":content-type", EventValue::text, "application/json"},
      EventHeader{":message-type", EventValue::text, "event"},
  };
  std::string out;
  append_event_message(out, headers, golden_payload);
  return out;
}

// A whole message around header bytes that need not be right; its checksums are.
std::string around(const std::string& headers) {
  const auto number = [](std::size_t value) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xFF);
    return out;
  };
  std::string out = number(16 + headers.size()) + number(headers.size());
  out += number(event_checksum(out));
  out += headers;
  return out + number(event_checksum(out));
}

std::string with_lengths(std::uint32_t total, std::uint32_t headers) {
  std::string out;
  for (const std::uint32_t value : {total, headers})
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xFF);
  const std::uint32_t sum = event_checksum(out);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((sum >> shift) & 0xFF);
  return out;
}

// What feeding says; empty if nothing is wrong.
std::string fault(const std::string& bytes,
                  std::size_t limit = EventStreamParser::message_bytes_max) {
  EventStreamParser parser(limit);
  Collector sink;
  const Result<void> result = parser.feed(bytes, sink);
  CHECK(sink.messages.empty() == !result);
  return result ? "" : result.error().message;
}

const std::string prefix = "the event stream can't be read: ";

}  // namespace

TEST_CASE("the checksum is CRC-32 with the polynomial of IEEE 802.3", "[wire]") {
  CHECK(event_checksum("") == 0);
  CHECK(event_checksum("123456789") == 0xCBF43926);
  CHECK(event_checksum("The quick brown fox jumps over the lazy dog") == 0x414FA339);
}

TEST_CASE("a message is written as the known frame", "[wire]") {
  const std::string frame = golden();
  CHECK(frame.size() == 175);
  CHECK(frame.substr(0, 12) == std::string("\0\0\0\xAF\0\0\0\x4B\x76\x5B\x4F\x36", 12));
  CHECK(frame.substr(12, 21) == std::string("\x0B:event-type\x07\0\x05"
                                            "chunk"
                                            "\x0D",
                                            21));
  CHECK(frame.substr(171) == "\x71\xFF\xBF\x2D");
}

TEST_CASE("a message is read from its frame, without a copy", "[wire]") {
  const std::string frame = golden();
  EventStreamParser parser;
  Collector sink;
  REQUIRE(parser.feed(frame + frame, sink));
  REQUIRE(sink.messages.size() == 2);
  CHECK(sink.messages[0] == sink.messages[1]);
  CHECK(sink.messages[0].payload == golden_payload);
  CHECK(sink.messages[0].headers ==
        std::vector<std::pair<std::string, std::string>>{{":event-type", "chunk"},
                                                         {":content-type", "application/json"},
                                                         {":message-type", "event"}});
  CHECK(parser.end());
  REQUIRE(parser.feed(frame, sink));
  CHECK(sink.payload_at == frame.data() + 12 + 75);
}

TEST_CASE("a stream may be cut anywhere", "[wire]") {
  std::string stream = golden();
  append_event_message(stream, {}, "");
  append_event_exception(stream, "throttlingException", R"({"message":"slow"})");
  Collector whole;
  REQUIRE(EventStreamParser().feed(stream, whole));
  REQUIRE(whole.messages.size() == 3);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (const std::size_t second : {first, first + 1, first + 11, first + 13}) {
      if (second > stream.size()) continue;
      EventStreamParser parser;
      Collector sink;
      CHECK(parser.feed(stream.substr(0, first), sink));
      CHECK(parser.feed(stream.substr(first, second - first), sink));
      CHECK(parser.feed(stream.substr(second), sink));
      CHECK(parser.end());
      CHECK(sink.messages == whole.messages);
    }
  }
  EventStreamParser parser;
  Collector sink;
  for (const char c : stream) REQUIRE(parser.feed(std::string(1, c), sink));
  CHECK(sink.messages == whole.messages);
}

TEST_CASE("no single flipped bit goes unnoticed", "[wire]") {
  const std::string frame = golden();
  for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
    std::string flipped = frame;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    for (const std::size_t cut : {frame.size(), std::size_t{40}}) {
      EventStreamParser parser;
      Collector sink;
      Result<void> result = parser.feed(flipped.substr(0, cut), sink);
      if (result) result = parser.feed(flipped.substr(cut), sink);
      CHECK_FALSE(result);
      CHECK(sink.messages.empty());
    }
  }
}

TEST_CASE("a message that is cut by the end is an error", "[wire]") {
  const std::string frame = golden();
  CHECK(EventStreamParser().end());
  for (std::size_t cut = 1; cut < frame.size(); ++cut) {
    EventStreamParser parser;
    Collector sink;
    CHECK(parser.feed(frame.substr(0, cut), sink));
    const Result<void> end = parser.end();
    REQUIRE_FALSE(end);
    CHECK(end.error().message == prefix + "the stream ended within a message");
  }
}

TEST_CASE("after a fault nothing is read any more", "[wire]") {
  const std::string frame = golden();
  std::string broken = frame;
  broken[100] = static_cast<char>(broken[100] ^ 1);
  EventStreamParser parser;
  Collector sink;
  const Result<void> result = parser.feed(frame + broken + frame, sink);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::provider);
  CHECK(result.error().message == prefix + "the checksum of a message is wrong");
  CHECK(sink.messages.size() == 1);
  const Result<void> again = parser.feed(frame, sink);
  REQUIRE_FALSE(again);
  CHECK(again.error().message == result.error().message);
  CHECK(sink.messages.size() == 1);
  CHECK(parser.end().error().message == result.error().message);
}

TEST_CASE("lengths are judged before anybody waits for the bytes", "[wire]") {
  CHECK(fault(with_lengths(201, 0), 200) == prefix + "a message has 201 bytes; allowed: 200");
  CHECK(fault(with_lengths(0xFFFFFFFF, 0)) ==
        prefix + "a message has 4294967295 bytes; allowed: 16777216");
  CHECK(fault(with_lengths(200000, 131073)) ==
        prefix + "a message has 131073 bytes of headers; allowed: 131072");
  CHECK(fault(with_lengths(15, 0)) ==
        prefix + "a message is too short for what it says of itself: 15 bytes with 0 of headers");
  CHECK(fault(with_lengths(20, 5)) ==
        prefix + "a message is too short for what it says of itself: 20 bytes with 5 of headers");
  CHECK(fault("not an event stream") == prefix + "the checksum of a message's lengths is wrong");
  EventStreamParser parser(200);
  Collector sink;
  CHECK(parser.feed(with_lengths(200, 184), sink));
}

TEST_CASE("headers that are not right are refused", "[wire]") {
  CHECK(fault(around(std::string("\0\0", 2))) == prefix + "a message's header has no name");
  CHECK(fault(around("\x01x\x0A")) == prefix + "a message's header has the unknown type 10");
  const std::string too_long = std::string("\x01x\x07\x80\0", 5) + std::string(32768, 'v');
  CHECK(fault(around(too_long)) ==
        prefix + "a message's header has a value of 32768 bytes; allowed: 32767");
  for (const std::string& headers :
       {std::string("\x02x"), std::string("\x01x"), std::string("\x01x\x02"),
        std::string("\x01x\x03\0", 4), std::string("\x01x\x04\0\0\0", 6),
        std::string("\x01x\x05\0\0\0\0\0\0\0", 10), std::string("\x01x\x08\0\0\0\0\0\0\0", 10),
        std::string("\x01x\x07\0", 4), std::string("\x01x\x07\0\x02v", 6),
        std::string("\x01x\x06\0\x01", 5), "\x01x\x09" + std::string(15, 'u')}) {
    CHECK(fault(around(headers)) == prefix + "a message's headers end within one");
  }
}

TEST_CASE("values of all ten types are read", "[wire]") {
  using namespace std::string_literals;
  const std::string headers = "\x01"s + "a\x00"s + "\x01"s + "b\x01"s + "\x01"s + "c\x02\xFF"s +
                              "\x01"s + "d\x03\x01\x00"s + "\x01"s + "e\x04\x80\x00\x00\x00"s +
                              "\x01"s + "f\x05\x00\x00\x00\x01\x00\x00\x00\x00"s + "\x01"s +
                              "g\x06\x00\x02\x00\xFF"s + "\x01"s + "h\x07\x00\x03\xE2\x82\xAC"s +
                              "\x01"s + "i\x08\x00\x00\x01\x00\x00\x00\x00\x00"s + "\x01"s +
                              "j\x09"s + "0123456789abcdef"s;
  struct Check final : EventStreamSink {
    void on_message(const EventMessage& message) override {
      ++count;
      const auto number = [&](const char* name) { return message.find(name)->number(); };
      REQUIRE(message.headers.size() == 10);
      CHECK(message.find("a")->type == EventValue::yes);
      CHECK(message.find("b")->type == EventValue::no);
      CHECK(number("c") == -1);
      CHECK(number("d") == 256);
      CHECK(number("e") == -2147483648ll);
      CHECK(number("f") == 4294967296ll);
      CHECK(message.find("g")->value == "\x00\xFF"s);
      CHECK(message.text("g").empty());
      CHECK(message.text("h") == "\xE2\x82\xAC");
      CHECK(number("i") == 1ll << 40);
      CHECK(message.find("j")->value == "0123456789abcdef");
      CHECK_FALSE(number("a"));
      CHECK_FALSE(number("h"));
      CHECK(message.find("A") == nullptr);
      CHECK(message.text("missing").empty());
    }
    int count = 0;
  } sink;
  CHECK(EventStreamParser().feed(around(headers), sink));
  CHECK(sink.count == 1);
}

TEST_CASE("what is written comes back, whatever it is", "[wire]") {
  base::Rng rng(11);
  const auto random = [&rng](std::size_t length) {
    std::string out;
    while (out.size() < length) out += static_cast<char>(rng.next());
    return out;
  };
  constexpr std::array<int, 10> sizes{0, 0, 1, 2, 4, 8, -1, -1, 8, 16};
  for (int round = 0; round < 200; ++round) {
    std::string stream;
    std::vector<Copy> written(1 + rng.below(4));
    for (Copy& message : written) {
      std::vector<EventHeader> headers;
      const std::size_t count = rng.below(6);
      message.headers.reserve(count);
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t type = rng.below(10);
        const std::size_t size =
            sizes[type] < 0 ? rng.below(40) : static_cast<std::size_t>(sizes[type]);
        const auto& [name, value] =
            message.headers.emplace_back(random(1 + rng.below(255)), random(size));
        message.types.push_back(static_cast<EventValue>(type));
        headers.push_back({name, message.types.back(), value});
      }
      message.payload = random(rng.below(rng.below(20) == 0 ? 20000 : 200));
      append_event_message(stream, headers, message.payload);
    }
    EventStreamParser parser;
    Collector sink;
    for (std::string_view rest = stream; !rest.empty();) {
      const std::size_t piece = std::min<std::size_t>(rest.size(), 1 + rng.below(500));
      REQUIRE(parser.feed(rest.substr(0, piece), sink));
      rest.remove_prefix(piece);
    }
    CHECK(parser.end());
    CHECK(sink.messages == written);
  }
}
