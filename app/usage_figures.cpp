#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "usage_print.hpp"

namespace ccrelay::app {
namespace {

constexpr std::int64_t nano = 1'000'000'000;
constexpr std::uint64_t cent = 10'000'000;

}  // namespace

std::string usd(std::int64_t nano_usd) {
  // Digits of the smallest number can't be turned around by its sign.
  return fmt::format("{}{}.{:09}", nano_usd < 0 ? "-" : "", std::llabs(nano_usd / nano),
                     std::llabs(nano_usd % nano));
}

std::string short_usd(std::int64_t nano_usd) {
  const std::uint64_t size = nano_usd < 0 ? 0 - static_cast<std::uint64_t>(nano_usd)
                                          : static_cast<std::uint64_t>(nano_usd);
  const std::uint64_t cents = size / cent + (size % cent >= cent / 2 ? 1 : 0);
  if (cents == 0 && size > 0) return nano_usd < 0 ? "-<0.01" : "<0.01";
  return fmt::format("{}{}.{:02}", nano_usd < 0 ? "-" : "", cents / 100, cents % 100);
}

std::string short_count(std::uint64_t count) {
  if (count < 1000) return fmt::format("{}", count);
  std::uint64_t unit = 1000;
  for (const char letter : std::array{'k', 'M', 'G', 'T'}) {
    const std::uint64_t tenths = count / unit * 10 + (count % unit * 10 + unit / 2) / unit;
    if (tenths < 10'000 || letter == 'T') {
      return fmt::format("{}.{}{}", tenths / 10, tenths % 10, letter);
    }
    unit *= 1000;
  }
  return fmt::format("{}", count);
}

std::string key_name(UsageKey key) {
  return std::string(usage_key_names[static_cast<std::size_t>(key)]);
}

}  // namespace ccrelay::app
