#include "state/signatures.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using base::SignatureDigest;
using state::Signatures;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

SignatureDigest digest(std::uint32_t number) {
  SignatureDigest out{};
  for (int i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(number >> 8 * i);
  return out;
}

const TimePoint start = TimePoint() + hours(1);

}  // namespace

TEST_CASE("a signature's issuer is remembered", "[state]") {
  Signatures signatures;
  CHECK_FALSE(signatures.find(digest(1), start));
  signatures.learn(digest(1), "https://one claude", start);
  signatures.learn(digest(2), "https://two glm", start);
  CHECK(signatures.find(digest(1), start) == "https://one claude");
  CHECK(signatures.find(digest(2), start) == "https://two glm");
  CHECK_FALSE(signatures.find(digest(3), start));
}

TEST_CASE("it is known whether all signatures came from one issuer", "[state]") {
  Signatures signatures;
  CHECK(signatures.all_from("one", start));
  signatures.learn(digest(1), "one", start);
  signatures.learn(digest(2), "one", start);
  CHECK(signatures.all_from("one", start));
  CHECK_FALSE(signatures.all_from("two", start));
  signatures.learn(digest(3), "two", start + hours(1));
  CHECK_FALSE(signatures.all_from("one", start + hours(1)));
  // What is forgotten does not count.
  CHECK(signatures.all_from("two", start + hours(3)));
  CHECK(signatures.all_from("one", start + hours(4)));
}

TEST_CASE("who issued a signature last is its issuer", "[state]") {
  Signatures signatures;
  signatures.learn(digest(1), "one", start);
  signatures.learn(digest(1), "two", start);
  CHECK(signatures.find(digest(1), start) == "two");
  signatures.learn(digest(1), "two", start);
  CHECK(signatures.find(digest(1), start) == "two");
  CHECK(signatures.size() == 1);
}

TEST_CASE("a signature is forgotten three hours after its last use", "[state]") {
  Signatures signatures;
  signatures.learn(digest(1), "one", start);
  signatures.learn(digest(2), "one", start);
  CHECK(signatures.find(digest(1), start + hours(2)) == "one");
  CHECK(signatures.find(digest(1), start + hours(5) - minutes(1)) == "one");
  CHECK_FALSE(signatures.find(digest(2), start + hours(5) - minutes(1)));
  CHECK(signatures.size() == 1);
  CHECK_FALSE(signatures.find(digest(1), start + hours(8) - minutes(1)));
  CHECK(signatures.size() == 0);
}

TEST_CASE("learning a signature again is a use", "[state]") {
  Signatures signatures(2);
  signatures.learn(digest(1), "one", start);
  signatures.learn(digest(2), "one", start);
  signatures.learn(digest(1), "one", start + hours(2));
  signatures.learn(digest(3), "one", start + hours(2));
  CHECK(signatures.find(digest(1), start + hours(4)) == "one");
  CHECK_FALSE(signatures.find(digest(2), start + hours(2)));
}

TEST_CASE("when full, the signature not used for longest goes", "[state]") {
  Signatures signatures(3);
  for (std::uint32_t i = 1; i <= 3; ++i) signatures.learn(digest(i), "one", start);
  CHECK(signatures.find(digest(1), start));
  signatures.learn(digest(4), "two", start);
  CHECK(signatures.size() == 3);
  CHECK(signatures.find(digest(1), start));
  CHECK_FALSE(signatures.find(digest(2), start));
  CHECK(signatures.find(digest(3), start));
  CHECK(signatures.find(digest(4), start) == "two");
}

TEST_CASE("a smaller limit holds at once, and none may be kept at all", "[state]") {
  Signatures signatures;
  for (std::uint32_t i = 0; i < 10; ++i) signatures.learn(digest(i), "one", start);
  signatures.limit(4);
  CHECK(signatures.size() == 4);
  CHECK_FALSE(signatures.find(digest(5), start));
  CHECK(signatures.find(digest(6), start) == "one");
  signatures.limit(0);
  CHECK(signatures.size() == 0);
  signatures.learn(digest(1), "one", start);
  CHECK_FALSE(signatures.find(digest(1), start));
}

TEST_CASE("signatures are shared by threads", "[state]") {
  Signatures signatures(500);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&signatures, t] {
      for (std::uint32_t i = 0; i < 5'000; ++i) {
        const std::uint32_t number = (i * 7 + t) % 1'000;
        signatures.learn(digest(number), std::to_string(number % 3), start + minutes(i % 300));
        const auto issuer = signatures.find(digest(number), start);
        if (issuer && *issuer != std::to_string(number % 3)) std::abort();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(signatures.size() <= 500);
}
