#include "base/recycled.hpp"

#include "catch.hpp"

#include <memory>
#include <thread>
#include <vector>

using namespace ccrelay;

namespace {

struct Base {
  virtual ~Base() = default;
};

struct Large final : Base, base::Recycled<Large> {
  explicit Large(int given) : number(given) {}
  int number;
  char rest[2000] = {};
};

}  // namespace

TEST_CASE("the place of an object that has gone is the next one's, which is made anew") {
  std::unique_ptr<Base> first = std::make_unique<Large>(1);
  const void* const place = dynamic_cast<void*>(first.get());
  static_cast<Large&>(*first).rest[7] = 'x';
  first.reset();
  const auto second = std::make_unique<Large>(2);
  if (base::recycles) CHECK(static_cast<const void*>(second.get()) == place);
  CHECK(second->number == 2);
  CHECK(second->rest[7] == 0);
}

TEST_CASE("more objects than a thread keeps the places of come and go, on any thread") {
  constexpr std::size_t many = 3 * base::Recycled<Large>::kept_max;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Large>> all;
    for (std::size_t i = 0; i < many; ++i) all.push_back(std::make_unique<Large>(int(i)));
    for (std::size_t i = 0; i < many; ++i) CHECK(all[i]->number == int(i));
    std::thread([gone = std::move(all)]() mutable { gone.clear(); }).join();
  }
}
