#include "wire/spliced.hpp"

#include "catch.hpp"

using namespace ccrelay;
using ccrelay::wire::spliced;

TEST_CASE("a body is put together with its splices", "[wire]") {
  CHECK(spliced("body", {}) == "body");
  CHECK(spliced("", {}).empty());
  CHECK(spliced("", {{0, 0, "put in"}}) == "put in");
  // Cut out, exchanged and put in, at both ends and beside each other.
  CHECK(spliced("0123456789", {{0, 2, {}}, {4, 1, "four"}, {5, 0, "-"}, {9, 1, "9!"}}) ==
        "23four-56789!");
  CHECK(spliced("0123", {{0, 4, {}}}).empty());
}
