#pragma once

#include <cstdint>
#include <optional>

#include "price/table.hpp"

namespace ccrelay::price {

/// A request that nobody has answered yet, as far as its price at one provider goes. In tokens.
struct Prospect {
  std::uint64_t input = 0;   ///< the whole prompt, cached parts as well
  std::uint64_t output = 0;  ///< the answer
  std::uint64_t warm = 0;    ///< of the prompt, what this provider has in its cache: it is read
  /// Of the prompt, what has been in a cache anywhere and is to be in one here: what of it is not
  /// warm is written. 0 for a request that has nothing cached.
  std::uint64_t cached = 0;
};

/// What it is expected to cost, in nano-USD (10^-9): what is warm at the price of a read, what else
/// is cached at that of a write for five minutes, the rest of the prompt as input. The rates for
/// long prompts hold by the whole prompt. `factor` is the provider's, in thousandths. Nothing where
/// cost() would say nothing. Pure.
std::optional<std::int64_t> expected(const Price& price, const Prospect& prospect,
                                     std::uint32_t factor);

}  // namespace ccrelay::price
