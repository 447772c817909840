#include "state/recall.hpp"

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"

using ccrelay::state::Recalls;

TEST_CASE("the reasoning in front of a call is remembered by issuer and call", "[state]") {
  Recalls recalls;
  recalls.remember("one", "call_1", "ccr1.a");
  recalls.remember("two", "call_1", "ccr1.b");
  CHECK(recalls.find("one", "call_1") == "ccr1.a");
  CHECK(recalls.find("two", "call_1") == "ccr1.b");
  CHECK(recalls.find("one", "call_2").empty());
  CHECK(recalls.find("three", "call_1").empty());
  recalls.remember("one", "call_1", "ccr1.c");
  CHECK(recalls.find("one", "call_1") == "ccr1.c");
  CHECK(recalls.size() == 2);
  recalls.remember("one", "call_1", "");
  CHECK(recalls.find("one", "call_1").empty());
  CHECK(recalls.size() == 1);
}

TEST_CASE("when full, the reasoning not used for longest goes", "[state]") {
  Recalls recalls(3);
  for (const char* id : {"1", "2", "3"}) recalls.remember("i", id, id);
  CHECK(recalls.find("i", "1") == "1");
  recalls.remember("i", "4", "4");
  CHECK(recalls.size() == 3);
  CHECK(recalls.find("i", "1") == "1");
  CHECK(recalls.find("i", "2").empty());
  CHECK(recalls.find("i", "3") == "3");
  CHECK(recalls.find("i", "4") == "4");
}

TEST_CASE("a smaller number of remembered calls holds at once, and it may be none", "[state]") {
  Recalls recalls;
  for (int i = 0; i < 10; ++i) recalls.remember("i", std::to_string(i), "t");
  recalls.resize(4);
  CHECK(recalls.size() == 4);
  CHECK(recalls.find("i", "5").empty());
  CHECK(recalls.find("i", "6") == "t");
  recalls.resize(0);
  CHECK(recalls.size() == 0);
  CHECK(recalls.bytes() == 0);
  recalls.remember("i", "1", "t");
  CHECK(recalls.find("i", "1").empty());
}

TEST_CASE("remembered reasoning is bounded in bytes, each and all", "[state]") {
  Recalls recalls;
  recalls.remember("i", "first", "t");
  recalls.remember("i", "large", std::string(Recalls::entry_bytes_max, 'x'));
  CHECK(recalls.find("i", "large").empty());
  CHECK(recalls.find("i", "first") == "t");
  const std::string megabyte(Recalls::entry_bytes_max - 1'000, 'x');
  const std::size_t fitting = Recalls::bytes_max / Recalls::entry_bytes_max;
  for (std::size_t i = 0; i < fitting + 5; ++i) recalls.remember("i", std::to_string(i), megabyte);
  CHECK(recalls.bytes() <= Recalls::bytes_max);
  CHECK(recalls.size() == fitting);
  CHECK(recalls.find("i", "first").empty());
  CHECK(recalls.find("i", "0").empty());
  CHECK(recalls.find("i", std::to_string(fitting + 4)) == megabyte);
}

TEST_CASE("remembered reasoning is shared by threads", "[state]") {
  Recalls recalls(200);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&recalls, t] {
      for (int i = 0; i < 2'000; ++i) {
        const std::string id = std::to_string((i * 7 + t) % 400);
        recalls.remember("i", id, "tag of " + id);
        const std::string found = recalls.find("i", id);
        if (!found.empty() && found != "tag of " + id) std::abort();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(recalls.size() <= 200);
}
