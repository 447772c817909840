#pragma once

#include <ccrelay/language.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay {

/// The classes in which tokens are counted and priced. `input` holds no cached tokens.
enum class TokenClass : std::uint8_t { input, output, cache_write_5m, cache_write_1h, cache_read };
inline constexpr std::size_t token_classes = 5;
/// As in the configuration and in reports: `input`, `cache_write_5m`, ….
inline constexpr std::array<std::string_view, token_classes> token_class_names = {
    "input", "output", "cache_write_5m", "cache_write_1h", "cache_read"};

/// What a token costs, by class, in pico-USD (10^-12): the millionth part of the usual USD per
/// million tokens, times a million. A class without a price makes the cost of whatever uses it
/// unknown; 0 is a price.
struct TokenRates {
  std::array<std::optional<std::uint64_t>, token_classes> pico_usd;

  std::optional<std::uint64_t>& operator[](TokenClass which) {
    return pico_usd[static_cast<std::size_t>(which)];
  }
  const std::optional<std::uint64_t>& operator[](TokenClass which) const {
    return pico_usd[static_cast<std::size_t>(which)];
  }
  /// Whether any class has a price.
  bool any() const {
    for (const auto& price : pico_usd) {
      if (price) return true;
    }
    return false;
  }
  bool operator==(const TokenRates&) const = default;
};

/// A day of the calendar, UTC: days since 1970-01-01.
using Day = std::int32_t;

/// One row of the table of prices: what some models cost at a provider from a day on.
/// Plain data; factors are in thousandths (1100 = ten percent more).
struct PriceRow {
  /// Rates for prompts longer than `above` tokens (input, cache writes and reads together); then
  /// for every token of the request, those of the answer too.
  struct Long {
    std::uint64_t above = 0;
    TokenRates rates;
    bool operator==(const Long&) const = default;
  };

  std::string provider;             ///< a provider's name, profile or type; empty = any
  std::vector<std::string> models;  ///< exact, or ending in `*`; without case; the first names it
  std::optional<Day> from;          ///< the first day; absent = since ever
  TokenRates rates;
  std::optional<std::uint64_t> web_search;   ///< nano-USD (10^-9) a search
  std::optional<TokenRates> fast;            ///< when the answer says `speed: fast`
  std::map<std::string, std::uint32_t> geo;  ///< by `inference_geo`; on tokens
  std::optional<Long> long_prompt;
  /// Priced as this model, instead of figures of its own: of the same provider, of any, or, where
  /// those have none, of whichever has it.
  std::string same_as;
  std::uint32_t factor = 1000;  ///< on all tokens, such as for a regional endpoint
  std::string source;           ///< where the figures stand
  std::optional<Day> checked;   ///< when they were last looked up there

  bool operator==(const PriceRow&) const = default;
};

}  // namespace ccrelay
