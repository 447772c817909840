#include "worker/recent.hpp"

#include <memory>
#include <string>
#include <utility>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::worker;

namespace {

void add(Recent& recent, std::uint64_t number, const std::string& request_id) {
  auto summary = std::make_unique<RequestSummary>();
  summary->request_id = request_id;
  recent.add(number, std::move(summary), [](const RequestSummary&) {});
}

}  // namespace

TEST_CASE("of the requests that ended the newest comes first") {
  Recent recent;
  CHECK(recent.all().empty());
  for (std::uint64_t i = 1; i <= 3; ++i) add(recent, i, std::to_string(i));
  const auto all = recent.all();
  REQUIRE(all.size() == 3);
  CHECK(all[0].request_id == "3");
  CHECK(all[2].request_id == "1");
}

TEST_CASE("the oldest make room for others") {
  Recent recent;
  const std::uint64_t most = 200;
  const std::uint64_t count = 2 * most + 7;
  for (std::uint64_t i = 1; i <= count; ++i) add(recent, i, std::to_string(i));
  const auto all = recent.all();
  REQUIRE(all.size() == most);
  CHECK(all.front().request_id == std::to_string(count));
  CHECK(all.back().request_id == std::to_string(count - most + 1));
  CHECK_FALSE(recent.find(request_id_text(count - most), true));
  CHECK(recent.find(request_id_text(count), false));
}

TEST_CASE("by a client's word the newest is found, by its own id each") {
  Recent recent;
  for (std::uint64_t i = 1; i <= 3; ++i) add(recent, i, "same");
  CHECK_FALSE(recent.find("same", false));
  REQUIRE(recent.find("same", true));
  CHECK(recent.find("same", true)->id == request_id_text(3));
  REQUIRE(recent.find(request_id_text(1), true));
  CHECK(recent.find(request_id_text(1), true)->id == request_id_text(1));
  CHECK_FALSE(recent.find("other", true));
}

TEST_CASE("the newest stay when fewer or more are to be remembered") {
  Recent recent;
  const auto told = [&] {
    std::string out;
    for (const auto& one : recent.all()) out += one.request_id;
    return out;
  };
  recent.limit(4);
  CHECK(told().empty());
  for (std::uint64_t i = 1; i <= 6; ++i) add(recent, i, std::to_string(i));
  CHECK(told() == "6543");
  recent.limit(2);
  CHECK(told() == "65");
  recent.limit(4);
  CHECK(told() == "65");
  for (std::uint64_t i = 7; i <= 9; ++i) add(recent, i, std::to_string(i));
  CHECK(told() == "9876");
  recent.limit(0);
  add(recent, 10, "x");
  CHECK(told().empty());
  CHECK_FALSE(recent.find("x", true));
  recent.limit(1);
  add(recent, 11, "y");
  CHECK(told() == "y");
}

TEST_CASE("what is asked together with the list stands before what ends behind it") {
  Recent recent;
  std::string order;
  const auto end = [&](std::uint64_t number) {
    auto summary = std::make_unique<RequestSummary>();
    summary->request_id = std::to_string(number);
    recent.add(number, std::move(summary),
               [&](const RequestSummary& kept) { order += " ended:" + kept.request_id; });
  };
  end(1);
  const auto all = recent.all([&] { order += " asked"; });
  end(2);
  CHECK(order == " ended:1 asked ended:2");
  CHECK(all.size() == 1);
  recent.limit(0);
  end(3);  // none is remembered, and this one told of all the same
  CHECK(order == " ended:1 asked ended:2 ended:3");
}
