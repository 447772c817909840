#include "../../app/printable.hpp"

#include "catch.hpp"

namespace ccrelay::app {

TEST_CASE("what others say reaches no terminal as a command", "[app]") {
  CHECK(printable("plain \xC3\xA4") == "plain \xC3\xA4");
  CHECK(printable("a\x1b[31mb\nc\x7f") == "a\\x1b[31mb\\x0ac\\x7f");
  CHECK(printable("\xC2\x9b"
                  "31m") == "\\x9b31m");
  CHECK(printable("abcdef", 3) == "abc...");
}

}  // namespace ccrelay::app
