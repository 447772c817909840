#include "wire/rate_limit_headers.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/ascii.hpp"
#include "wire/said_wait.hpp"
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

// OpenAI's, and of whoever speaks its API: `x-ratelimit-remaining-tokens`, with `-minute` behind it
// at some. Of a day (`-day`) they are no limit a minute.
// https://platform.openai.com/docs/guides/rate-limits
constexpr std::string_view openai_prefix = "x-ratelimit-";
constexpr std::string_view openai_words[] = {"limit", "remaining", "reset"};

using ResetOf = std::optional<Duration>(std::string_view value, WallTime now);

std::optional<Duration> anthropic_reset(std::string_view value, WallTime now) {
  const auto then = parse_rfc3339(value);
  return then ? std::optional(wait_until(*then, now)) : std::nullopt;
}

std::optional<Duration> openai_reset(std::string_view value, WallTime now) {
  if (const auto then = parse_moment(value)) return wait_until(*then, now);
  const auto wait = parse_duration(value);
  return wait ? std::optional(std::min(*wait, wait_max)) : std::nullopt;
}

// The first field of a name counts, as with Headers::get.
void read_figure(std::string_view name, std::string_view value, WallTime now, ResetOf* reset_of,
                 base::LimitFigures& figures) {
  if (base::iequals(name, "limit") && !figures.limit) {
    const auto limit = base::parse_number(value);
    if (limit && *limit > 0) figures.limit = limit;
  } else if (base::iequals(name, "remaining") && !figures.remaining) {
    figures.remaining = base::parse_number(value);
  } else if (base::iequals(name, "reset") && !figures.reset) {
    figures.reset = reset_of(value, now);
  }
}

void read_openai(std::string_view name, std::string_view value, WallTime now,
                 base::RateLimits& said) {
  for (const std::string_view word : openai_words) {
    if (!base::istarts_with(name, word) || name.size() <= word.size() || name[word.size()] != '-') {
      continue;
    }
    std::string budget = base::lower(name.substr(word.size() + 1)) + '-';
    if (budget.ends_with("-minute-")) budget.resize(budget.size() - 7);
    for (const Dimension& dimension : dimensions) {
      if (budget == dimension.name)
        read_figure(word, value, now, openai_reset, said.*dimension.figures);
    }
  }
}

}  // namespace

base::RateLimits rate_limit_headers(const Headers& headers, WallTime now) {
  base::RateLimits said;
  for (const Header& header : headers) {
    const std::string_view value = base::trim(header.value);
    if (base::istarts_with(header.name, openai_prefix)) {
      read_openai(header.name.substr(openai_prefix.size()), value, now, said);
      continue;
    }
    if (!base::istarts_with(header.name, prefix)) continue;
    const std::string_view name = header.name.substr(prefix.size());
    if (base::istarts_with(name, "unified-")) {
      if (said.unified.size() == unified_max || value.size() > unified_value_max) continue;
      said.unified.emplace_back(base::lower(name.substr(8)), value);
      continue;
    }
    const auto* const found =
        std::find_if(std::begin(dimensions), std::end(dimensions),
                     [&](const Dimension& d) { return base::istarts_with(name, d.name); });
    if (found == std::end(dimensions)) continue;
    read_figure(name.substr(found->name.size()), value, now, anthropic_reset, said.*found->figures);
  }
  return said;
}

}  // namespace ccrelay::wire
