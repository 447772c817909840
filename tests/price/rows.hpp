#pragma once

#include <ccrelay/prices.hpp>

#include <string>
#include <utility>

#include "price/table.hpp"

namespace ccrelay::testing {

/// USD per million tokens, in thousandths: 2500 = $2.50 = 2 500 000 pico-USD a token.
inline TokenRates rates(std::uint64_t input, std::uint64_t output, std::uint64_t write_5m,
                        std::uint64_t write_1h, std::uint64_t read) {
  TokenRates made;
  made[TokenClass::input] = input * 1000;
  made[TokenClass::output] = output * 1000;
  made[TokenClass::cache_write_5m] = write_5m * 1000;
  made[TokenClass::cache_write_1h] = write_1h * 1000;
  made[TokenClass::cache_read] = read * 1000;
  return made;
}

inline PriceRow row(std::string provider, std::string model, TokenRates rates,
                    std::string_view from = {}) {
  PriceRow made;
  made.provider = std::move(provider);
  made.models = {std::move(model)};
  made.rates = std::move(rates);
  if (!from.empty()) made.from = price::parse_day(from).value();
  return made;
}

inline PriceRow flat(std::string provider, std::string model, std::uint64_t input,
                     std::string_view from = {}) {
  return row(std::move(provider), std::move(model), rates(input, 0, 0, 0, 0), from);
}

}  // namespace ccrelay::testing
