#include "state/output_averages.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::state;

TEST_CASE("the average of a model begins with 500, and each answer counts for a tenth", "[state]") {
  OutputAverages averages;
  CHECK(averages.of("m") == 500);
  averages.note("m", 1500);
  CHECK(averages.of("m") == 600);
  averages.note("m", 0);
  CHECK(averages.of("m") == 540);
  CHECK(averages.of("n") == 500);
}

TEST_CASE("an average comes to where all answers are", "[state]") {
  OutputAverages averages;
  for (int i = 0; i < 200; ++i) averages.note("m", 8000);
  CHECK(averages.of("m") == 8000);
  for (int i = 0; i < 200; ++i) averages.note("m", 1);
  CHECK(averages.of("m") == 1);
}

TEST_CASE("a figure beyond all measure does not spoil an average for good", "[state]") {
  OutputAverages averages;
  averages.note("m", std::numeric_limits<std::uint64_t>::max());
  CHECK(averages.of("m") == 1'000'450);
}

TEST_CASE("when all places are taken the model not heard of for longest goes", "[state]") {
  OutputAverages averages(3);
  for (const char* model : {"a", "b", "c"}) averages.note(model, 1500);
  averages.note("a", 600);
  averages.note("d", 1500);
  CHECK(averages.size() == 3);
  CHECK(averages.of("a") == 600);
  CHECK(averages.of("b") == 500);
  CHECK(averages.of("c") == 600);
  CHECK(averages.of("d") == 600);
  OutputAverages none(0);
  none.note("a", 1500);
  CHECK(none.of("a") == 500);
  CHECK(none.size() == 0);
}

TEST_CASE("names that clients make up do not make the averages grow without end", "[state]") {
  OutputAverages averages;
  for (int i = 0; i < 5000; ++i) averages.note("m" + std::to_string(i), 1);
  CHECK(averages.size() == 500);
}

TEST_CASE("averages are of all workers", "[state]") {
  OutputAverages averages(2);
  std::vector<std::thread> threads;
  for (int mine = 0; mine < 3; ++mine) {
    threads.emplace_back([&averages, name = std::to_string(mine)] {
      for (int i = 0; i < 2000; ++i) {
        averages.note(name, 700);
        (void)averages.of("0");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(averages.size() == 2);
}
