#include "exchange/body_room.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"

using ccrelay::exchange::body_room;

namespace {

constexpr std::size_t mib = 1 << 20;

// A body as it arrives in pieces; how often and how much of it is copied on the way.
struct Arrival {
  std::string body;
  int moves = 0;
  std::size_t moved_bytes = 0;

  void take(std::size_t bytes, std::uint64_t announced) {
    const char* before = body.data();
    const std::size_t room = body_room(body.size() + bytes, body.capacity(), announced);
    if (room > 0) body.reserve(room);
    const bool moved = body.data() != before && !body.empty();
    if (moved) {
      ++moves;
      moved_bytes += body.size();
    }
    const std::size_t capacity = body.capacity();
    body.append(bytes, 'x');
    CHECK(body.capacity() == capacity);          // it did not have to grow by itself
    CHECK(body.capacity() >= body.size() + 64);  // what the JSON parser wants
  }
};

Arrival arrive(std::size_t bytes, std::size_t piece, std::uint64_t announced) {
  Arrival arrival;
  while (arrival.body.size() < bytes) {
    arrival.take(std::min(piece, bytes - arrival.body.size()), announced);
  }
  return arrival;
}

std::size_t resident_bytes(const std::string& text) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(text.data()) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(text.data()) + text.capacity();
  const std::size_t pages = (end - begin + page - 1) / page;
  std::vector<unsigned char> present(pages);
  REQUIRE(mincore(reinterpret_cast<void*>(begin), end - begin, present.data()) == 0);
  return page * static_cast<std::size_t>(std::count_if(present.begin(), present.end(),
                                                       [](unsigned char p) { return p & 1; }));
}

}  // namespace

TEST_CASE("a body whose length is announced is hardly ever copied as it grows", "[exchange]") {
  for (const std::size_t bytes : {mib, 200'000UL, 2 * mib, 10 * mib, 64 * mib}) {
    for (const std::size_t piece : {16'000UL, 65'536UL, 262'144UL}) {
      INFO(bytes << " bytes in pieces of " << piece);
      const Arrival arrival = arrive(bytes, piece, bytes);
      CHECK(arrival.moves <= 2);
      CHECK(arrival.moved_bytes <= mib + bytes / 32);
      if (bytes <= mib) CHECK(arrival.moves == 0);
      if (bytes <= 64 * piece) CHECK(arrival.moves == 0);
    }
  }
}

TEST_CASE("what is announced takes a megabyte at most before a part of it has come", "[exchange]") {
  CHECK(body_room(1, 15, 64 * mib) == mib + 64);
  CHECK(body_room(mib / 64, mib + 64, 64 * mib) == 0);
  CHECK(body_room(mib, mib + 64, 64 * mib) == 64 * mib + 64);
}

TEST_CASE("room for a body is no memory before it is written to", "[exchange]") {
  std::string body;
  body.reserve(body_room(2 * mib, 15, 64 * mib));
  REQUIRE(body.capacity() >= 64 * mib);
  body.append(1000, 'x');
  CHECK(resident_bytes(body) < 8 * mib);
}

// Up to the size from which malloc takes pages of their own it doubles, as any string does.
TEST_CASE("a large chunked body is copied little more than once as it grows", "[exchange]") {
  for (const std::size_t bytes : {4000UL, 200'000UL, 2 * mib, 10 * mib}) {
    for (const std::size_t piece : {1000UL, 16'000UL, 262'144UL}) {
      INFO(bytes << " bytes in pieces of " << piece);
      CHECK(arrive(bytes, piece, 0).moved_bytes <= bytes + bytes / 3 + 256 * 1024);
    }
  }
}

TEST_CASE("a small body takes what it needs", "[exchange]") {
  CHECK(body_room(4000, 15, 4000) == 4064);
  CHECK(body_room(4000, 15, 0) == 4064);
  CHECK(body_room(4000, 4064, 4000) == 0);
  // More came than was announced: nobody lets that happen, and it does no harm.
  CHECK(body_room(5000, 4064, 4000) >= 5064);
}
