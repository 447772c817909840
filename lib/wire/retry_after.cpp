#include "wire/retry_after.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/ascii.hpp"
#include "wire/said_wait.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::wire {
namespace {

using std::chrono::milliseconds;

// Digits with an optional fraction, as some providers send seconds.
std::optional<Duration> number(std::string_view text, double unit_ms) {
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return {};
  const double value = std::strtod(std::string(text).c_str(), nullptr) * unit_ms;
  const double most = std::chrono::duration<double, std::milli>(wait_max).count();
  return milliseconds(static_cast<std::int64_t>(std::min(value, most)));
}

// A reset is a point in time, or a length of it.
std::optional<Duration> reset_of(std::string_view text, WallTime now) {
  if (const auto then = parse_moment(text)) {
    return *then > now ? std::optional(wait_until(*then, now)) : std::nullopt;
  }
  const auto wait = parse_duration(text);
  return wait ? std::optional(std::min(*wait, wait_max)) : std::nullopt;
}

// `anthropic-ratelimit-tokens-reset`, `x-ratelimit-reset-tokens`, `ratelimit-reset`: with the word
// taken out it is the budget's name.
std::optional<std::string> budget_of(std::string_view name, std::string_view word) {
  std::string lower = base::lower(name);
  if (lower.find("ratelimit") == std::string::npos &&
      lower.find("rate-limit") == std::string::npos) {
    return {};
  }
  const std::string part = "-" + std::string(word);
  const auto at = lower.find(part);
  if (at == std::string::npos) return {};
  const auto end = at + part.size();
  if (end < lower.size() && lower[end] != '-') return {};
  return lower.erase(at, part.size());
}

struct Budget {
  std::string name;
  std::optional<Duration> reset;
  std::optional<bool> exhausted;
};

Budget& budget_named(std::vector<Budget>& budgets, const std::string& name) {
  for (Budget& one : budgets) {
    if (one.name == name) return one;
  }
  budgets.push_back({name, {}, {}});
  return budgets.back();
}

// Of a subscription `-status` says what `-remaining` says elsewhere.
std::vector<Budget> budgets_of(const Headers& headers, WallTime now) {
  constexpr std::size_t budgets_max = 16;
  std::vector<Budget> budgets;
  for (const Header& header : headers) {
    const std::string_view value = base::trim(header.value);
    if (budgets.size() >= budgets_max) break;
    if (const auto reset = budget_of(header.name, "reset")) {
      Budget& one = budget_named(budgets, *reset);
      if (!one.reset) one.reset = reset_of(value, now);
    } else if (const auto remaining = budget_of(header.name, "remaining")) {
      budget_named(budgets, *remaining).exhausted = value == "0";
    } else if (const auto status = budget_of(header.name, "status")) {
      budget_named(budgets, *status).exhausted = value == "rejected";
    }
  }
  return budgets;
}

}  // namespace

WallTime time_there(const Headers& headers, WallTime now) {
  const auto date = headers.get("date");
  const auto there = date ? parse_http_date(*date) : std::nullopt;
  return there.value_or(now);
}

std::optional<Duration> retry_after(const Headers& headers, WallTime now) {
  if (const auto text = headers.get("retry-after-ms")) {
    if (const auto wait = number(base::trim(*text), 1)) return wait;
  }
  if (const auto text = headers.get("retry-after")) {
    const std::string_view value = base::trim(*text);
    if (const auto wait = number(value, 1000)) return wait;
    if (const auto then = parse_http_date(value)) return wait_until(*then, now);
    if (const auto then = parse_rfc3339(value)) return wait_until(*then, now);
    if (const auto wait = parse_duration(value)) return std::min(*wait, wait_max);
  }
  return {};
}

std::optional<Duration> reset_wait(const Headers& headers, WallTime now) {
  std::optional<Duration> exhausted, unknown, rest;
  for (const Budget& one : budgets_of(headers, now)) {
    if (!one.reset) continue;
    auto& longest = !one.exhausted ? unknown : *one.exhausted ? exhausted : rest;
    // Of those that have something left the one that is whole first must have been too little.
    longest = &longest == &rest && rest ? std::min(*rest, *one.reset)
                                        : std::max(longest.value_or(Duration(0)), *one.reset);
  }
  return exhausted ? exhausted : unknown ? unknown : rest;
}

}  // namespace ccrelay::wire
