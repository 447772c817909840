#include "base/utf8.hpp"

#include "catch.hpp"

using ccrelay::base::as_utf8;

TEST_CASE("what is UTF-8 stays, and each byte that is none becomes U+FFFD") {
  CHECK(as_utf8("") == "");
  CHECK(as_utf8("plain") == "plain");
  CHECK(as_utf8("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80") == "gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80");
  CHECK(as_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
  CHECK(as_utf8("\xC3") == "\xEF\xBF\xBD");                                  // cut
  CHECK(as_utf8("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  CHECK(as_utf8("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
}
