#pragma once

#include "config/reader.hpp"

#include <ccrelay/config_load.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::config {

/// The [[prices]] of a table. Figures of the file become whole numbers here: USD per million tokens
/// are pico-USD a token, USD per 1000 searches nano-USD a search.
std::vector<PriceRow> read_prices(TableReader& reader, Findings& findings);

/// A text that has nothing but [[prices]], with `${VAR}` expanded as in the configuration.
std::vector<PriceRow> parse_prices(std::string_view toml, const Environment& env,
                                   Findings& findings);

/// Reads pricing.prices_file, which is at `path`, into `pricing`. What is wrong in it stands in
/// `of_file`, whose source is the path; that it can't be read, in `findings`.
void read_prices_file(const std::string& path, const Environment& env, PricingConfig& pricing,
                      Findings& of_file, Findings& findings);

}  // namespace ccrelay::config
