#include "config/decimal.hpp"

#include "config/fields.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>

namespace ccrelay::config {
namespace {

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

std::string outside(std::string_view shown, std::int64_t max) {
  return fmt::format(" {} is out of range; allowed: 0 to {}", shown, max);
}

/// Without an exponent. The largest double has 309 digits, the smallest 324 zeros before its own.
std::string digits_of(double value) {
  char text[400];
  const auto written = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
  return written.ec == std::errc() ? std::string(text, written.ptr) : std::string();
}

}  // namespace

Decimal decimal_of(std::int64_t value, int places, std::int64_t max) {
  if (auto wrong = out_of_range(value, 0, max); !wrong.empty()) return {0, std::move(wrong)};
  return {value * power_of_ten(places), {}};
}

Decimal decimal_of(double value, int places, std::int64_t max) {
  if (!std::isfinite(value)) return {0, " is no finite number; write one such as 2.5"};
  // In the file it may have been as long as this, and what is longer is not.
  if (value > 1e18 || value < 0 || std::signbit(value)) {
    return {0, outside(fmt::format("{}", value), max)};
  }
  const std::string digits = digits_of(value);
  const auto point = digits.find('.');
  const std::string_view whole = std::string_view(digits).substr(0, point);
  const std::string_view rest =
      point == std::string::npos ? std::string_view{} : std::string_view(digits).substr(point + 1);
  if (static_cast<int>(rest.size()) > places) {
    return {0, fmt::format(" {} has more than {} decimal places; write at most so many", value,
                           places)};
  }
  std::int64_t units = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), units);  // at most 19 digits
  if (units > max || (units == max && !rest.empty())) return {0, outside(digits, max)};
  std::int64_t decimals = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), decimals);
  const int missing = places - static_cast<int>(rest.size());
  return {units * power_of_ten(places) + decimals * power_of_ten(missing), {}};
}

std::string decimal_text(std::uint64_t units, int places) {
  const auto power = static_cast<std::uint64_t>(power_of_ten(places));
  std::string decimals = fmt::format("{:0{}}", units % power, places);
  while (decimals.size() > 1 && decimals.ends_with('0')) decimals.pop_back();
  return fmt::format("{}.{}", units / power, decimals);
}

}  // namespace ccrelay::config
