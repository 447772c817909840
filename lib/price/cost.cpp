#include "price/cost.hpp"

#include <algorithm>
#include <limits>

namespace ccrelay::price {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr bool multiply(Wide& value, std::uint64_t by) {
  return !__builtin_mul_overflow(value, static_cast<Wide>(by), &value);
}

// Rates for this charge, without factors; nothing when the row has none.
std::optional<TokenRates> rates_for(const PriceRow& row, const Used& used) {
  if (!used.service_tier.empty() && used.service_tier != "standard") return std::nullopt;
  std::uint64_t prompt = 0;
  for (const auto which : {TokenClass::input, TokenClass::cache_write_5m,
                           TokenClass::cache_write_1h, TokenClass::cache_read}) {
    const auto tokens = used.tokens[static_cast<std::size_t>(which)].value_or(0);
    if (__builtin_add_overflow(prompt, tokens, &prompt)) return std::nullopt;
  }
  const bool is_long = row.long_prompt && prompt > row.long_prompt->above;
  if (!used.speed.empty() && used.speed != "standard") {
    // No vendor says what a long prompt costs that is answered fast.
    if (used.speed != "fast" || is_long) return std::nullopt;
    return row.fast;
  }
  return is_long ? row.long_prompt->rates : row.rates;
}

// Pico-USD of all tokens, without factors.
std::optional<Wide> price_of_tokens(const TokenRates& rates, const Used& used) {
  Wide sum = 0;
  for (std::size_t i = 0; i < token_classes; ++i) {
    const std::uint64_t tokens = used.tokens[i].value_or(0);
    if (tokens == 0) continue;
    if (!rates.pico_usd[i]) return std::nullopt;
    Wide part = tokens;
    if (!multiply(part, *rates.pico_usd[i]) || __builtin_add_overflow(sum, part, &sum)) {
      return std::nullopt;
    }
  }
  return sum;
}

std::uint32_t geo_factor(const PriceRow& row, std::string_view geo) {
  const auto found = row.geo.find(std::string(geo));
  return found == row.geo.end() ? 1000 : found->second;
}

}  // namespace

std::optional<TokenRates> rates(const Price& price, const Used& used, std::uint32_t factor) {
  if (!price.row) return std::nullopt;
  auto out = rates_for(*price.row, used);
  if (!out) return std::nullopt;
  for (auto& rate : out->pico_usd) {
    if (!rate) continue;
    Wide scaled = *rate;
    const bool fits = multiply(scaled, price.factor_millionths) &&
                      multiply(scaled, geo_factor(*price.row, used.geo)) &&
                      multiply(scaled, factor);
    scaled /= 1'000'000'000'000;
    if (!fits || scaled > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
    rate = static_cast<std::uint64_t>(scaled);
  }
  return out;
}

std::optional<std::int64_t> cost(const Price& price, const Used& used, std::uint32_t factor) {
  const bool told = std::any_of(used.tokens.begin(), used.tokens.end(),
                                [](const auto& tokens) { return tokens.has_value(); });
  if (!price.row || !told) return std::nullopt;
  const auto rates = rates_for(*price.row, used);
  if (!rates) return std::nullopt;
  auto sum = price_of_tokens(*rates, used);
  if (!sum) return std::nullopt;
  // All factors first, so that there is one rounding. They are thousandths, thousandths and
  // millionths, and a nano is a thousand picos.
  if (!multiply(*sum, price.factor_millionths) ||
      !multiply(*sum, geo_factor(*price.row, used.geo)) || !multiply(*sum, factor)) {
    return std::nullopt;
  }
  constexpr Wide divisor = Wide{1'000'000'000'000} * 1000;
  Wide nano = *sum / divisor + (*sum % divisor >= divisor / 2 ? 1 : 0);
  if (used.web_searches > 0) {
    if (!price.row->web_search) return std::nullopt;
    Wide searches = used.web_searches;
    if (!multiply(searches, *price.row->web_search) ||
        __builtin_add_overflow(nano, searches, &nano)) {
      return std::nullopt;
    }
  }
  if (nano > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return static_cast<std::int64_t>(nano);
}

}  // namespace ccrelay::price
