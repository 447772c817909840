#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "price/table.hpp"

namespace ccrelay::price {

/// What one charge used: tokens of one model in one attempt. A class that was not told counts as
/// not used; when none was told there is no cost to know.
struct Used {
  std::array<std::optional<std::uint64_t>, token_classes> tokens;
  std::uint64_t web_searches = 0;
  std::string_view speed;         ///< `usage.speed`
  std::string_view service_tier;  ///< `usage.service_tier`
  std::string_view geo;           ///< `usage.inference_geo`
};

/// Nano-USD (10^-9), rounded once, half away from zero. `factor` is the provider's, in thousandths.
/// Nothing when it can't be known: a class without a price, a speed or service tier without rates,
/// or more than 64 bits hold. Whole numbers throughout.
std::optional<std::int64_t> cost(const Price& price, const Used& used, std::uint32_t factor);

/// What each class of token costs there, with all factors, in whole pico-USD: for what would have
/// been otherwise, as in reports. Nothing where cost() would know none.
std::optional<TokenRates> rates(const Price& price, const Used& used, std::uint32_t factor);

}  // namespace ccrelay::price
