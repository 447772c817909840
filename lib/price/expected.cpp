#include "price/expected.hpp"

#include <algorithm>

#include "price/cost.hpp"

namespace ccrelay::price {

std::optional<std::int64_t> expected(const Price& price, const Prospect& prospect,
                                     std::uint32_t factor) {
  // Cached parts were counted, the prompt is an estimate: it may be the smaller one.
  const std::uint64_t read = std::min(prospect.warm, prospect.input);
  const std::uint64_t written = std::min(std::max(prospect.cached, read), prospect.input) - read;
  Used used;
  const auto set = [&](TokenClass which, std::uint64_t tokens) {
    used.tokens[static_cast<std::size_t>(which)] = tokens;
  };
  set(TokenClass::input, prospect.input - read - written);
  set(TokenClass::output, prospect.output);
  set(TokenClass::cache_write_5m, written);
  set(TokenClass::cache_read, read);
  return cost(price, used, factor);
}

}  // namespace ccrelay::price
