#include "state/prompt_caches.hpp"

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr std::uint64_t here = 1, there = 2;
const TimePoint start = TimePoint{} + hours(1);

CacheUse use(std::uint64_t read, std::uint64_t written_5m, std::uint64_t written_1h = 0) {
  return {read, written_5m, written_1h};
}

}  // namespace

TEST_CASE("what an answer read and wrote is warm where it came from, for five minutes", "[state]") {
  CachedPrompt prompt;
  CHECK(prompt.tokens() == 0);
  CHECK(prompt.warm(here, start) == 0);
  prompt.note(here, use(300, 40), start);
  CHECK(prompt.tokens() == 340);
  CHECK(prompt.warm(here, start + minutes(5) - seconds(1)) == 340);
  CHECK(prompt.warm(there, start) == 0);
  CHECK(prompt.warm(here, start + minutes(5)) == 0);
  CHECK(prompt.tokens() == 340);  // to be written anew
}

TEST_CASE("each use of what is cached makes it live anew", "[state]") {
  CachedPrompt prompt;
  prompt.note(here, use(0, 300), start);
  prompt.note(here, use(300, 0), start + minutes(4));
  CHECK(prompt.warm(here, start + minutes(8)) == 300);
  CHECK(prompt.warm(here, start + minutes(9)) == 0);
}

TEST_CASE("what was written for an hour is warm for an hour, the rest for five minutes",
          "[state]") {
  CachedPrompt prompt;
  prompt.note(here, use(0, 40, 300), start);
  CHECK(prompt.warm(here, start + minutes(4)) == 340);
  CHECK(prompt.warm(here, start + minutes(5)) == 300);
  CHECK(prompt.warm(here, start + minutes(59)) == 300);
  CHECK(prompt.warm(here, start + minutes(60)) == 0);
  // What is read goes on living as it was written.
  prompt.note(here, use(340, 20), start + minutes(4));
  CHECK(prompt.warm(here, start + minutes(30)) == 300);
  CHECK(prompt.warm(here, start + minutes(5)) == 360);
  prompt.note(here, use(200, 0, 50), start + minutes(10));
  CHECK(prompt.warm(here, start + minutes(30)) == 250);
}

TEST_CASE("each place has a cache of its own, and the last answer says how much there is",
          "[state]") {
  CachedPrompt prompt;
  prompt.note(here, use(0, 300), start);
  prompt.note(there, use(0, 500), start + minutes(1));
  CHECK(prompt.tokens() == 500);
  CHECK(prompt.warm(here, start + minutes(2)) == 300);
  CHECK(prompt.warm(there, start + minutes(2)) == 500);
  CHECK(prompt.warm(here, start + minutes(5)) == 0);
  CHECK(prompt.warm(there, start + minutes(5)) == 500);
  prompt.note(here, use(0, 510), start + minutes(6));
  CHECK(prompt.tokens() == 510);
}

TEST_CASE("of more places than are told apart the one not heard of for longest goes", "[state]") {
  CachedPrompt prompt;
  for (std::uint64_t place = 1; place <= 4; ++place) prompt.note(place, use(0, place), start);
  prompt.note(1, use(0, 11), start);
  prompt.note(5, use(0, 5), start);
  CHECK(prompt.warm(1, start) == 11);
  CHECK(prompt.warm(2, start) == 0);
  for (std::uint64_t place = 3; place <= 5; ++place) CHECK(prompt.warm(place, start) == place);
}

TEST_CASE("prompts are told apart, and an answer without a cache leaves what is known", "[state]") {
  PromptCaches prompts;
  CHECK_FALSE(prompts.find(7));
  prompts.note(7, here, use(0, 300), start);
  prompts.note(8, here, use(0, 0), start);
  CHECK_FALSE(prompts.find(8));
  prompts.note(7, here, use(0, 0), start + minutes(1));
  REQUIRE(prompts.find(7));
  CHECK(prompts.find(7)->warm(here, start + minutes(4)) == 300);
  CHECK(prompts.size() == 1);
}

TEST_CASE("when it is full the prompt not used for longest goes, asked for or answered",
          "[state]") {
  PromptCaches prompts(3);
  for (std::uint64_t prompt = 1; prompt <= 3; ++prompt) {
    prompts.note(prompt, here, use(0, prompt), start);
  }
  CHECK(prompts.find(1));
  prompts.note(2, here, use(2, 2), start);
  prompts.note(4, here, use(0, 4), start);
  CHECK(prompts.size() == 3);
  CHECK_FALSE(prompts.find(3));
  CHECK(prompts.find(1));
  CHECK(prompts.find(2)->tokens() == 4);
  prompts.limit(1);
  CHECK(prompts.size() == 1);
  CHECK(prompts.find(2));
  prompts.limit(0);
  prompts.note(5, here, use(0, 5), start);
  CHECK(prompts.size() == 0);
}

TEST_CASE("prompts are of all workers", "[state]") {
  PromptCaches prompts(10);
  std::vector<std::thread> threads;
  for (std::uint64_t mine = 0; mine < 3; ++mine) {
    threads.emplace_back([&prompts, mine] {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        prompts.note(i % 20, mine, use(i, 1), start);
        (void)prompts.find(i % 7);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(prompts.size() == 10);
}
