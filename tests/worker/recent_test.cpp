#include "worker/recent.hpp"

#include <memory>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::worker;

namespace {

void add(Recent& recent, std::uint64_t number, const std::string& request_id) {
  auto summary = std::make_unique<RequestSummary>();
  summary->request_id = request_id;
  recent.add(number, std::move(summary));
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
  const std::uint64_t count = 2 * Recent::requests_max + 7;
  for (std::uint64_t i = 1; i <= count; ++i) add(recent, i, std::to_string(i));
  const auto all = recent.all();
  REQUIRE(all.size() == Recent::requests_max);
  CHECK(all.front().request_id == std::to_string(count));
  CHECK(all.back().request_id == std::to_string(count - Recent::requests_max + 1));
  CHECK_FALSE(recent.find(request_id_text(count - Recent::requests_max), true));
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
