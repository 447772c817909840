#include "upstream/outgoing.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"

using ccrelay::upstream::Outgoing;

namespace {

std::string listed(const Outgoing& outgoing, std::size_t places) {
  std::vector<iovec> list(places);
  std::string text;
  const std::size_t filled = outgoing.list(list.data(), places);
  for (std::size_t i = 0; i < filled; ++i)
    text.append(static_cast<const char*>(list[i].iov_base), list[i].iov_len).append("|");
  return text;
}

}  // namespace

TEST_CASE("what is sent in any steps goes out once and in order", "[upstream]") {
  const std::string whole = "head:onetwothree";
  for (std::size_t step = 1; step <= whole.size() + 1; ++step) {
    for (const bool by_list : {true, false}) {
      CAPTURE(step, by_list);
      Outgoing outgoing;
      outgoing.assign("head:", {"", "one", "", "two", "three", ""});
      std::string sent;
      while (!outgoing.empty()) {
        std::string next(outgoing.front());
        if (by_list) {
          next = listed(outgoing, 16);
          std::erase(next, '|');
        }
        REQUIRE(!next.empty());
        next = next.substr(0, step);
        sent += next;
        outgoing.advance(next.size());
      }
      CHECK(sent == whole);
      CHECK_FALSE(outgoing.holds_body());
    }
  }
}

TEST_CASE("pieces are listed up to the places there are", "[upstream]") {
  Outgoing outgoing;
  outgoing.assign("head", {"one", "two"});
  CHECK(listed(outgoing, 1) == "head|");
  CHECK(listed(outgoing, 2) == "head|one|");
  CHECK(listed(outgoing, 9) == "head|one|two|");
  outgoing.advance(5);
  CHECK(listed(outgoing, 9) == "ne|two|");
  outgoing.advance(2);
  CHECK(listed(outgoing, 9) == "two|");
}

TEST_CASE("a small body is joined to the head, a larger one is not", "[upstream]") {
  Outgoing outgoing;
  outgoing.assign("head:", {"one", "two"});
  outgoing.join(5);
  CHECK(outgoing.front() == "head:");
  CHECK(outgoing.holds_body());
  outgoing.join(6);
  CHECK(outgoing.front() == "head:onetwo");
  CHECK_FALSE(outgoing.holds_body());
  outgoing.clear();
  CHECK(outgoing.empty());
}
