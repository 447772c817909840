#include "base/stable_hash.hpp"

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

#include "catch.hpp"

using namespace ccrelay::base;

namespace {

std::uint64_t hash(std::initializer_list<std::string_view> texts) {
  StableHasher hasher;
  for (const std::string_view text : texts) hasher.add(text);
  return hasher.value();
}

}  // namespace

TEST_CASE("hashes are the same everywhere and for good", "[base]") {
  // A change moves every conversation to another key, away from its prompt cache.
  CHECK(stable_hash("") == 0xc3817c016ba4ff30u);
  CHECK(stable_hash("anthropic") == 0xc7e3dd3e6cd7df3au);
  CHECK(hash({}) == 0xe220a8397b1dcdafu);
  CHECK(hash({"you are", "hello, stranger"}) == 0x6c567b9011148b4fu);
}

TEST_CASE("every byte of a text counts, and where it ends", "[base]") {
  std::set<std::uint64_t> seen;
  std::size_t count = 0;
  for (std::size_t size = 0; size < 40; ++size) {
    std::string text(size, 'x');
    seen.insert(hash({text}));
    ++count;
    for (char& c : text) {
      c = 'y';
      seen.insert(hash({text}));
      ++count;
      c = 'x';
    }
    for (std::size_t cut = 0; cut <= size; ++cut, ++count) {
      seen.insert(hash({text.substr(0, cut), text.substr(cut)}));
    }
  }
  CHECK(seen.size() == count);
  CHECK(hash({std::string(8, '\0')}) != hash({std::string(16, '\0')}));
}

TEST_CASE("of a long text its length and its ends count", "[base]") {
  const std::string text(5000, 'x');
  const auto with = [&](std::size_t place) {
    std::string changed = text;
    changed[place] = 'y';
    return hash({changed});
  };
  CHECK(with(0) != hash({text}));
  CHECK(with(511) != hash({text}));
  CHECK(with(4999) != hash({text}));
  CHECK(with(4488) != hash({text}));
  CHECK(with(2500) == hash({text}));
  CHECK(hash({std::string(5001, 'x')}) != hash({text}));
}
