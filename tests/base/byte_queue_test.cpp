#include "base/byte_queue.hpp"

#include "base/ascii.hpp"
#include "catch.hpp"

using namespace ccrelay::base;

TEST_CASE("a byte queue gives back what was put in, in order") {
  ByteQueue queue;
  std::string expected, got;
  for (int i = 0; i < 500; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
    queue.append(piece);
    expected += piece;
    const std::size_t count = std::min<std::size_t>(queue.size(), i % 29);
    got += queue.view().substr(0, count);
    queue.consume(count);
  }
  got += queue.take();
  CHECK(got == expected);
  CHECK(queue.empty());
}

TEST_CASE("ASCII helpers compare without case and read lists and numbers") {
  CHECK(iequals("X-Api-Key", "x-aPI-kEY"));
  CHECK_FALSE(iequals("abc", "abcd"));
  CHECK(istarts_with("Bearer x", "bearer "));
  CHECK(trim(" \t a b \t") == "a b");
  CHECK(trim("  ").empty());
  CHECK(parse_number("18446744073709551615") == 18446744073709551615ull);
  CHECK_FALSE(parse_number("18446744073709551616"));
  CHECK_FALSE(parse_number("-1"));
  CHECK_FALSE(parse_number("1 "));
  CHECK_FALSE(parse_number(""));
  CHECK(has_token("Keep-Alive , Close", "close"));
  CHECK_FALSE(has_token("enclose", "close"));
}
