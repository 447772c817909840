#include "price/shipped.hpp"

namespace ccrelay::price {
namespace {

// A string literal of the whole file, which lib/price/meson.build makes.
constexpr std::string_view text =
#include "price/prices.inc"
    ;

}  // namespace

std::string_view shipped_text() {
  return text;
}

}  // namespace ccrelay::price
