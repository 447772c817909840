#pragma once

#include <ccrelay/prices.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace ccrelay::price {

/// Reads [[prices]] of the plain form that the shipped ones have: each value on the line of its
/// key, strings without escapes, no comment behind a value. A relay that starts waits for its
/// prices, and all of TOML takes forty times as long. Nothing for whatever else there is, right or
/// wrong: it is the configuration's to read. Pure.
std::optional<std::vector<PriceRow>> read_plain(std::string_view text);

}  // namespace ccrelay::price
