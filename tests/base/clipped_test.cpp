#include "base/clipped.hpp"

#include "catch.hpp"

using namespace ccrelay::base;

TEST_CASE("what is short stays as it is, and what is long ends in dots at the limit", "[base]") {
  CHECK(clipped("", 8) == "");
  CHECK(clipped("12345678", 8) == "12345678");
  CHECK(clipped("123456789", 8) == "12345…");
  CHECK(clipped(std::string(60'000, 'x')).size() == told_bytes_max);
}

TEST_CASE("no UTF-8 sequence is cut in two", "[base]") {
  CHECK(clipped("1234ää6789", 8) == "1234…");
  CHECK(clipped("123\xF0\x9F\x98\x80 789", 8) == "123…");
  // What is no UTF-8 at all still gets short.
  CHECK(clipped(std::string(100, '\x80'), 8).size() <= 8);
}

TEST_CASE("a text is clipped in place", "[base]") {
  std::string text(300, 'x');
  clip(text);
  CHECK(text.size() == told_bytes_max);
  text = "short";
  clip(text);
  CHECK(text == "short");
}
