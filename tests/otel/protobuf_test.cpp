#include "otel/protobuf.hpp"

#include <array>

#include "catch.hpp"

using ccrelay::otel::Message;

TEST_CASE("numbers are written as Protocol Buffers have them", "[otel]") {
  // protobuf.dev, "Encoding": field 1 = 150.
  Message one;
  one.varint(1, 150);
  CHECK(one.wire() == "\x08\x96\x01");
  Message zero;
  zero.varint(1, 0);
  CHECK(zero.wire() == std::string("\x08\x00", 2));
  Message wide;
  wide.varint(16, ~0ull);
  CHECK(wide.wire() == "\x80\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  Message fixed;
  fixed.fixed64(1, 0x0102030405060708);
  fixed.fixed32(2, 0x01020304);
  CHECK(fixed.wire() == "\x09\x08\x07\x06\x05\x04\x03\x02\x01\x15\x04\x03\x02\x01");
  Message real;
  real.real(1, 1.5);
  CHECK(real.wire() == std::string("\x09\x00\x00\x00\x00\x00\x00\xf8\x3f", 9));
}

TEST_CASE("texts and messages have their length in front", "[otel]") {
  Message inner;
  inner.text(2, "testing");
  CHECK(inner.wire() == "\x12\x07testing");
  Message outer;
  outer.message(3, inner);
  CHECK(outer.wire() == "\x1a\x09\x12\x07testing");
  Message packed;
  packed.packed(6, std::array<std::uint64_t, 2>{1, 2});
  CHECK(packed.wire() == std::string("\x32\x10\x01\x00\x00\x00\x00\x00\x00\x00"
                                     "\x02\x00\x00\x00\x00\x00\x00\x00",
                                     18));
}

TEST_CASE("a text is UTF-8, whatever a client has sent", "[otel]") {
  using ccrelay::otel::valid_utf8;
  CHECK(valid_utf8("plain") == "plain");
  CHECK(valid_utf8("\xc3\xa4\xf0\x9f\x98\x80") == "\xc3\xa4\xf0\x9f\x98\x80");
  CHECK(valid_utf8("a\xff z\xc3") == "a\xef\xbf\xbd z\xef\xbf\xbd");
  CHECK(valid_utf8("\xed\xa0\x80").find("\xed") == std::string::npos);
  Message message;
  message.text(1, "\xff");
  CHECK(message.wire() == "\x0a\x03\xef\xbf\xbd");
}
