#include "api/routes.hpp"

#include "catch.hpp"

using ccrelay::api::name_in;

TEST_CASE("a path fits a route's, with a name where the route has a star") {
  CHECK(name_in("/info", "/info") == "");
  CHECK_FALSE(name_in("/info/", "/info"));
  CHECK_FALSE(name_in("/info", "/providers/*"));
  CHECK(name_in("/providers/a%2Fb", "/providers/*") == "a%2Fb");
  CHECK(name_in("/providers/a:b:enable", "/providers/*:enable") == "a:b");
  CHECK_FALSE(name_in("/providers/:enable", "/providers/*:enable"));
  CHECK_FALSE(name_in("/providers/", "/providers/*"));
  CHECK_FALSE(name_in("/providers/a/b", "/providers/*"));
  CHECK_FALSE(name_in("/providers/a", "/providers/*:enable"));
}
