#include "config/nearest_name.hpp"

#include "catch.hpp"

using ccrelay::config::nearest_name;

TEST_CASE("a misspelt name finds the one that was meant", "[config]") {
  const std::vector<std::string_view> names{"round_robin", "listen", "timeout_ms", "keys", "type"};
  struct Case {
    std::string_view written, nearest;
  };
  const Case cases[] = {
      {"round-robin", "round_robin"},
      {"Listen", "listen"},
      {"timeout", ""},  // three of seven letters would have to be added
      {"timout_ms", "timeout_ms"},
      {"kyes", "keys"},
      {"key", "keys"},
      {"metrics", ""},
      {"x", ""},
      {"", ""},
  };
  for (const auto& [written, nearest] : cases) {
    CAPTURE(written);
    CHECK(nearest_name(written, names) == nearest);
  }
}

TEST_CASE("an endless name is compared with nothing", "[config]") {
  CHECK(nearest_name(std::string(65, 'a'), {std::string_view("a")}).empty());
}
