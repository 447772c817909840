#include "base/ascii.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;

namespace {

// As the definition has it, a character at a time.
bool same(char a, char b) {
  return base::to_lower(a) == base::to_lower(b);
}

}  // namespace

TEST_CASE("only the case of letters is overlooked, wherever they stand", "[base]") {
  // Longer than what is compared at once, and not a multiple of it.
  for (const std::size_t length : {1, 7, 8, 9, 16, 19}) {
    const std::string text(length, 'a');
    for (std::size_t at = 0; at < length; ++at) {
      int differences = 0;
      for (int a = 0; a < 256; ++a) {
        for (const int b : {a, a ^ 0x20, a ^ 0x80, (a + 1) & 0xff}) {
          std::string left = text, right = text;
          left[at] = static_cast<char>(a);
          right[at] = static_cast<char>(b);
          differences += base::iequals(left, right) != same(left[at], right[at]);
        }
      }
      INFO(length << " characters, at " << at);
      CHECK(differences == 0);
    }
  }
}

TEST_CASE("texts of different lengths are not equal", "[base]") {
  CHECK_FALSE(base::iequals("content-length", "content-length "));
  CHECK_FALSE(base::iequals("", "a"));
  CHECK(base::iequals("", ""));
}

TEST_CASE("a prefix may be the whole text", "[base]") {
  CHECK(base::istarts_with("X-Forwarded-For", "x-forwarded-"));
  CHECK(base::istarts_with("sec-", "SEC-"));
  CHECK_FALSE(base::istarts_with("sec", "sec-"));
}
