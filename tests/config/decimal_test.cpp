#include "config/decimal.hpp"

#include <cmath>
#include <limits>

#include "catch.hpp"

using ccrelay::config::decimal_of;
using ccrelay::config::decimal_text;

TEST_CASE("a number of the file becomes whole units of its last place", "[config]") {
  struct Case {
    double value;
    int places;
    std::int64_t units;
  };
  const Case cases[] = {
      {2.5, 6, 2'500'000},
      {0.125, 6, 125'000},
      {0.000001, 6, 1},
      {0.1, 6, 100'000},
      {0.3, 6, 300'000},  // whose double is less than it
      {1.1, 3, 1'100},    // whose double is more
      {0.0, 6, 0},
      {4.35, 2, 435},  // times 100 that is 434.99…
      {1'000'000.0, 6, 1'000'000'000'000},
      {999'999'999.999999, 6, 999'999'999'999'999},
  };
  for (const auto& [value, places, units] : cases) {
    CAPTURE(value);
    const auto found = decimal_of(value, places, 1'000'000'000);
    CHECK(found.wrong.empty());
    CHECK(found.units == units);
  }
  CHECK(decimal_of(std::int64_t{3}, 6, 5).units == 3'000'000);
}

TEST_CASE("what is no such number says why", "[config]") {
  CHECK(decimal_of(0.1234567, 6, 5).wrong ==
        " 0.1234567 has more than 6 decimal places; write at most so many");
  CHECK(decimal_of(1e-300, 6, 5).wrong.find("1e-300 has more than 6 decimal places") == 1);
  CHECK(decimal_of(5.000001, 6, 5).wrong == " 5.000001 is out of range; allowed: 0 to 5");
  CHECK(decimal_of(5.0, 6, 5).wrong.empty());
  CHECK(decimal_of(1e300, 6, 5).wrong == " 1e+300 is out of range; allowed: 0 to 5");
  CHECK(decimal_of(-0.5, 6, 5).wrong == " -0.5 is out of range; allowed: 0 to 5");
  CHECK(decimal_of(std::int64_t{6}, 6, 5).wrong == " 6 is out of range; allowed: 0 to 5");
  CHECK(decimal_of(std::int64_t{-1}, 6, 5).wrong == " -1 is out of range; allowed: 0 to 5");
  for (const double odd : {std::numeric_limits<double>::infinity(), std::nan("")}) {
    CHECK(decimal_of(odd, 6, 5).wrong == " is no finite number; write one such as 2.5");
  }
}

TEST_CASE("units are written back as the shortest decimal", "[config]") {
  CHECK(decimal_text(2'500'000, 6) == "2.5");
  CHECK(decimal_text(1'000, 3) == "1.0");
  CHECK(decimal_text(1, 6) == "0.000001");
  CHECK(decimal_text(0, 3) == "0.0");
  CHECK(decimal_text(12'345'678'900, 9) == "12.3456789");
}
