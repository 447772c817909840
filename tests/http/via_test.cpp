#include "http/via.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using ccrelay::http::trail_of;

namespace {
const std::string own = "cc-relay-0123456789abcdef";
const std::string other = "cc-relay-00000000000000ff";
}  // namespace

TEST_CASE("of Via only relays are read, and what is this one's own", "[http]") {
  struct Case {
    Headers headers;
    std::string relays;
    bool has_own;
  };
  const Case cases[] = {
      {{}, "", false},
      {{{"via", "1.1 fred, 2 " + other}}, "1.1 " + other, false},
      {{{"via", "1.1 " + other + " (cc-relay (x))"}}, "1.1 " + other, false},
      {{{"Via", "HTTP/1.1\t" + own}}, "1.1 " + own, true},
      {{{"via", "1.1 CC-RELAY-0123456789ABCDEF"}}, "1.1 CC-RELAY-0123456789ABCDEF", true},
      {{{"via", "1.1 " + other}, {"via", ",, 1.1 " + own}}, "1.1 " + other + ", 1.1 " + own, true},
      {{{"via", own}}, "", false},
      {{{"via", "1.1 " + own + "0"}}, "", false},
      {{{"via", "1.1 cc-relay-0123456789abcdeg, 1.1"}}, "", false},
  };
  for (const Case& one : cases) {
    INFO(one.headers.get("via").value_or("none"));
    const auto trail = trail_of(one.headers, own);
    CHECK(trail.relays == one.relays);
    CHECK(trail.has_own == one.has_own);
  }
}

TEST_CASE("no more relays are read than may stand in a row", "[http]") {
  std::string many = "1.1 " + other;
  for (int i = 0; i < 1000; ++i) many += ", 1.1 " + other;
  const auto trail = trail_of({{"via", many}}, own);
  CHECK(trail.count == http::relays_max + 1);
}
