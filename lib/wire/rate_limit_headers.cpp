#include "wire/rate_limit_headers.hpp"

#include <algorithm>
#include <string_view>

#include "base/ascii.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::wire {
namespace {

constexpr std::string_view prefix = "anthropic-ratelimit-";
constexpr std::size_t unified_max = 32;
constexpr std::size_t unified_value_max = 256;

struct Dimension {
  std::string_view name;
  base::LimitFigures base::RateLimits::*figures;
};
constexpr Dimension dimensions[] = {
    {"requests-", &base::RateLimits::requests},
    {"input-tokens-", &base::RateLimits::input_tokens},
    {"output-tokens-", &base::RateLimits::output_tokens},
    {"tokens-", &base::RateLimits::tokens},
};

// The first field of a name counts, as with Headers::get.
void read_figure(std::string_view name, std::string_view value, WallTime now,
                 base::LimitFigures& figures) {
  if (base::iequals(name, "limit") && !figures.limit) {
    const auto limit = base::parse_number(value);
    if (limit && *limit > 0) figures.limit = limit;
  } else if (base::iequals(name, "remaining") && !figures.remaining) {
    figures.remaining = base::parse_number(value);
  } else if (base::iequals(name, "reset") && !figures.reset) {
    if (const auto then = parse_rfc3339(value)) figures.reset = wait_until(*then, now);
  }
}

}  // namespace

base::RateLimits rate_limit_headers(const Headers& headers, WallTime now) {
  base::RateLimits said;
  for (const Header& header : headers) {
    if (!base::istarts_with(header.name, prefix)) continue;
    const std::string_view name = header.name.substr(prefix.size());
    const std::string_view value = base::trim(header.value);
    if (base::istarts_with(name, "unified-")) {
      if (said.unified.size() == unified_max || value.size() > unified_value_max) continue;
      said.unified.emplace_back(base::lower(name.substr(8)), value);
      continue;
    }
    const auto* const found =
        std::find_if(std::begin(dimensions), std::end(dimensions),
                     [&](const Dimension& d) { return base::istarts_with(name, d.name); });
    if (found == std::end(dimensions)) continue;
    read_figure(name.substr(found->name.size()), value, now, said.*found->figures);
  }
  return said;
}

}  // namespace ccrelay::wire
