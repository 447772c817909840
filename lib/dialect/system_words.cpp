#include "dialect/system_words.hpp"

#include <string>
#include <string_view>

namespace ccrelay::dialect {
namespace {

// As JSON, which Claude Code writes without needless escapes.
constexpr std::string_view billing_line = "\"x-anthropic-billing-header:";

}  // namespace

Words system_words(Json text) {
  if (!text.raw().starts_with(billing_line)) return Words::of(text);
  // A block of its own, but what merges blocks may have put the prompt behind it.
  const std::string all = text.text();
  const std::size_t end = all.find('\n');
  return end == std::string::npos ? Words() : Words(std::string_view(all).substr(end + 1));
}

}  // namespace ccrelay::dialect
