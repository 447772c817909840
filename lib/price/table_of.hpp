#pragma once

#include <ccrelay/config_load.hpp>

#include <memory>
#include <vector>

#include "price/table.hpp"

namespace ccrelay::price {

/// The prices that a configuration has in force: its own, before those of its prices_file, before
/// the shipped ones.
inline std::shared_ptr<const Table> table_of(const Config& config) {
  return std::make_shared<const Table>(std::vector<std::vector<PriceRow>>{
      config.prices, config.pricing.file_prices, shipped_prices()});
}

}  // namespace ccrelay::price
