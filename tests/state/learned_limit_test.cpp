#include "state/learned_limit.hpp"

#include "base/rng.hpp"
#include "catch.hpp"

using namespace ccrelay;
using base::LimitFigures;
using state::LearnedLimit;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {
TimePoint at(int s) {
  return TimePoint(seconds(s));
}
}  // namespace

TEST_CASE("a limit nothing was said of never stands in the way", "[state]") {
  LearnedLimit limit;
  limit.charge(1, 1'000'000, at(0));
  CHECK(limit.has_room(1'000'000, at(0)));
  CHECK_FALSE(limit.remaining(at(0)).has_value());
  limit.learn({60, {}, seconds(60)}, 1, at(0));  // what remains is missing
  limit.learn({{}, 5, {}}, 1, at(0));            // but now the limit is known
  CHECK(limit.remaining(at(0)) == 5u);
}

TEST_CASE("figures that don't tell when anything comes back are of no use", "[state]") {
  LearnedLimit limit;
  limit.learn({{}, 0, {}}, 1, at(0));
  CHECK(limit.has_room(1, at(0)));
}

TEST_CASE("what remains grows by a sixtieth of the limit a second, up to the limit", "[state]") {
  LearnedLimit limit;
  limit.learn({60, 10, {}}, 1, at(0));
  CHECK(limit.remaining(at(0)) == 10u);
  CHECK(limit.remaining(at(20)) == 30u);
  CHECK(limit.remaining(at(3600)) == 60u);
  CHECK(limit.free_at(70, at(3600)) == at(3600));  // above the limit, but it is whole
}

TEST_CASE("room is told to the millisecond", "[state]") {
  LearnedLimit limit;
  limit.learn({60, 10, {}}, 1, at(0));
  CHECK(limit.free_at(10, at(0)) == at(0));
  CHECK(limit.free_at(13, at(0)) == at(3));
  CHECK(limit.free_at(100, at(0)) == at(50));
  CHECK_FALSE(limit.has_room(13, at(3) - milliseconds(1)));
  CHECK(limit.has_room(13, at(3)));
}

TEST_CASE("an hour's rest doesn't save up more than the limit", "[state]") {
  LearnedLimit limit;
  limit.learn({60, 60, {}}, 1, at(0));
  limit.charge(2, 60, at(3600));
  CHECK_FALSE(limit.has_room(1, at(3600)));
}

TEST_CASE("an answer gives nothing back that it doesn't speak of", "[state]") {
  LearnedLimit limit;
  limit.charge(1, 1, at(0));
  limit.charge(2, 1, at(0));
  limit.charge(3, 1, at(0));
  limit.learn({60, 3, {}}, 1, at(0));  // the provider has not seen 2 and 3
  CHECK(limit.remaining(at(0)) == 1u);
  limit.learn({60, 2, {}}, 2, at(0));
  CHECK(limit.remaining(at(0)) == 1u);
  limit.charge(4, 1, at(0));
  CHECK_FALSE(limit.has_room(1, at(0)));
}

TEST_CASE("the answer to an older request is ignored", "[state]") {
  LearnedLimit limit;
  limit.learn({60, 5, {}}, 7, at(0));
  limit.learn({60, 50, {}}, 6, at(0));
  CHECK(limit.remaining(at(0)) == 5u);
}

TEST_CASE("a correction counts if the provider's figure doesn't have it", "[state]") {
  LearnedLimit limit;
  limit.charge(1, 10, at(0));
  limit.charge(2, 10, at(0));
  limit.learn({60, 30, {}}, 1, at(0));
  CHECK(limit.remaining(at(0)) == 20u);
  limit.correct(1, 0, at(0));
  CHECK(limit.remaining(at(0)) == 20u);
  limit.correct(2, 4, at(0));
  CHECK(limit.remaining(at(0)) == 26u);
  limit.correct(2, 40, at(0));
  CHECK(limit.remaining(at(0)) == 0u);
  CHECK(limit.free_at(1, at(0)) == at(11));  // 10 below zero
}

TEST_CASE("a correction made before the first answer is remembered", "[state]") {
  LearnedLimit limit;
  limit.charge(1, 10, at(0));
  limit.charge(2, 10, at(0));
  limit.correct(2, 4, at(0));
  limit.learn({60, 30, {}}, 1, at(0));
  CHECK(limit.remaining(at(0)) == 26u);
}

TEST_CASE("at its reset a budget is whole but for the charges since", "[state]") {
  LearnedLimit limit;
  limit.learn({600, 0, seconds(10)}, 1, at(0));
  CHECK(limit.free_at(500, at(0)) == at(10));
  CHECK(limit.remaining(at(9)) == 90u);
  CHECK(limit.remaining(at(10)) == 600u);

  LearnedLimit charged;
  charged.learn({600, 0, seconds(10)}, 1, at(0));
  charged.charge(2, 50, at(5));
  CHECK(charged.free_at(560, at(5)) == at(11));
  CHECK(charged.remaining(at(10)) == 550u);
  CHECK(charged.has_room(560, at(11)));
}

TEST_CASE("without a limit the reset is waited for", "[state]") {
  LearnedLimit limit;
  limit.learn({{}, 5, seconds(30)}, 1, at(0));
  CHECK(limit.has_room(5, at(0)));
  limit.charge(2, 3, at(0));
  CHECK(limit.free_at(3, at(1)) == at(30));
  CHECK_FALSE(limit.has_room(3, at(29)));
  CHECK(limit.has_room(1'000'000, at(30)));
  CHECK_FALSE(limit.remaining(at(30)).has_value());
}

TEST_CASE("of very many requests on their way the oldest are kept as a sum", "[state]") {
  LearnedLimit limit;
  limit.learn({10'000, 10'000, {}}, 1, at(0));
  for (std::uint64_t i = 2; i <= 2001; ++i) limit.charge(i, 1, at(0));
  limit.learn({10'000, 9'000, {}}, 1, at(0));
  CHECK(limit.remaining(at(0)) == 7'000u);
  limit.learn({10'000, 9'000, {}}, 2001, at(0));
  CHECK(limit.remaining(at(0)) == 9'000u);
}

TEST_CASE("whatever was said and charged, there is room at the time told and not before",
          "[state]") {
  constexpr std::uint64_t seed = 17;
  INFO("seed " << seed);
  base::Rng rng(seed);
  for (int round = 0; round < 2000; ++round) {
    INFO("round " << round);
    LearnedLimit limit;
    TimePoint now = at(1) + Duration(rng.below(1'000'000'000));
    std::uint64_t sequence = 0;
    for (int step = 0; step < 10; ++step) {
      now += Duration(rng.below(20'000'000'000));
      LimitFigures said{1 + rng.below(5000), rng.below(6000), {}};
      if (rng.below(2) == 0) said.reset = Duration(rng.below(90'000'000'000));
      if (rng.below(3) == 0) limit.learn(said, sequence, now);
      limit.charge(++sequence, rng.below(3000), now);
      limit.correct(1 + rng.below(sequence), rng.below(3000), now);

      const std::uint64_t amount = rng.below(6000);
      const TimePoint free = limit.free_at(amount, now);
      LearnedLimit on_time = limit;
      REQUIRE(on_time.has_room(amount, free));
      if (free > now) {
        LearnedLimit early = limit;
        REQUIRE_FALSE(early.has_room(amount, free - milliseconds(1)));
        // Looking in between must not change it.
        REQUIRE(early.has_room(amount, free));
      }
    }
  }
}

TEST_CASE("absurd figures overflow nothing", "[state]") {
  LearnedLimit limit;
  for (std::uint64_t i = 1; i < 2000; ++i) limit.charge(i, UINT64_MAX, at(0));
  limit.learn({UINT64_MAX, UINT64_MAX, std::chrono::hours(24)}, 1, at(0));
  limit.learn({1, 0, {}}, 1, at(0));
  CHECK(limit.free_at(1, at(0)) <= at(2 * 86'400));
  CHECK(limit.has_room(1, at(2 * 86'400)));
}
