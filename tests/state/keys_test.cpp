#include "state/keys.hpp"

#include "catch.hpp"

using namespace ccrelay;
using state::Keys;
using std::chrono::seconds;

namespace {
const std::vector<std::string> three{"aa", "bb", "cc"};
TimePoint at(int s) {
  return TimePoint(seconds(s));
}
}  // namespace

TEST_CASE("keys are taken in turn, each provider with a turn of its own") {
  Keys keys;
  std::string order;
  for (int i = 0; i < 4; ++i) order += three[*keys.choose("p", three, "m", {}, at(0)).index];
  CHECK(order == "aabbccaa");
  CHECK(keys.choose("q", three, "m", {}, at(0)).index == 0u);
}

TEST_CASE("a cooled key is out for its model alone and until its time") {
  Keys keys;
  keys.cool("aa", "m", at(10));
  CHECK(keys.choose("p", {"aa"}, "m", {}, at(9)).soonest == at(10));
  CHECK(keys.choose("p", {"aa"}, "other", {}, at(9)).index == 0u);
  CHECK(keys.choose("p", {"aa"}, "m", {}, at(10)).index == 0u);
}

TEST_CASE("a refused key is out for every model and every provider that has it") {
  Keys keys;
  keys.refuse("aa", at(300));
  CHECK_FALSE(keys.choose("p", {"aa"}, "m", {}, at(0)).index);
  CHECK_FALSE(keys.choose("q", {"aa"}, "n", {}, at(0)).index);
  CHECK(keys.refused("aa", at(299)));
  CHECK_FALSE(keys.refused("aa", at(300)));
}

TEST_CASE("with every key set aside the soonest is told, and tried ones are not chosen again") {
  Keys keys;
  keys.cool("aa", "m", at(30));
  keys.cool("bb", "m", at(20));
  const auto none = keys.choose("p", {"aa", "bb"}, "m", {}, at(0));
  CHECK_FALSE(none.index);
  CHECK(none.soonest == at(20));
  CHECK_FALSE(keys.choose("p", {"cc"}, "m", {0}, at(0)).index);
}

TEST_CASE("cool-downs of made-up models do not grow without end") {
  Keys keys;
  for (int i = 0; i < 10'000; ++i) keys.cool("aa", "model-" + std::to_string(i), at(i));
  CHECK(keys.choose("p", {"aa"}, "model-1", {}, at(0)).index == 0u);
  CHECK_FALSE(keys.choose("p", {"aa"}, "model-9999", {}, at(0)).index);
}
