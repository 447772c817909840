#include "worker/running.hpp"

#include <memory>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::worker;

namespace {

struct One final : RunningRequest {
  One(Running& running, std::uint64_t number)
      : running_(running), number_(number), place_(running.enter(*this)) {}
  ~One() { running_.leave(place_); }
  std::uint64_t number() const override { return number_; }
  management::Request told() const override { return {}; }
  void cancel(std::string_view) override {}
  void leave(std::string_view, std::string_view) override {}

  Running& running_;
  std::uint64_t number_;
  Running::Place place_;
};

std::vector<std::uint64_t> rest_of(Running::Walk& walk) {
  std::vector<std::uint64_t> out;
  while (const RunningRequest* one = walk.next()) out.push_back(one->number());
  return out;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a walk meets each request once, the oldest first") {
  Running running;
  One a(running, 1), b(running, 2), c(running, 3);
  Running::Walk walk(running);
  CHECK(rest_of(walk) == Numbers{1, 2, 3});
  CHECK(walk.next() == nullptr);
}

TEST_CASE("a walk goes on where it was when requests end and begin") {
  Running running;
  auto a = std::make_unique<One>(running, 1);
  auto b = std::make_unique<One>(running, 2);
  auto c = std::make_unique<One>(running, 3);
  Running::Walk walk(running);
  CHECK(walk.next()->number() == 1);
  a.reset();  // the one it has just given away
  b.reset();  // the next
  One d(running, 4);
  CHECK(rest_of(walk) == Numbers{3, 4});
}

TEST_CASE("walks don't meet each other") {
  Running running;
  One a(running, 1), b(running, 2);
  Running::Walk first(running);
  CHECK(first.next()->number() == 1);
  {
    Running::Walk second(running);
    CHECK(rest_of(second) == Numbers{1, 2});
  }
  Running::Walk third(running);
  CHECK(rest_of(first) == Numbers{2});
  CHECK(rest_of(third) == Numbers{1, 2});
}

TEST_CASE("a walk may outlive the worker whose requests it saw") {
  auto running = std::make_unique<Running>();
  Running::Walk walk(*running);
  running.reset();
  CHECK(walk.next() == nullptr);
}
