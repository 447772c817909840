#pragma once

#include <string_view>

namespace ccrelay::price {

/// share/cc-relay/prices.toml, which is compiled in.
std::string_view shipped_text();

}  // namespace ccrelay::price
