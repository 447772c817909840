#include "wire/retry_after.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

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

}  // namespace

std::optional<Duration> retry_after(const Headers& headers, WallTime now) {
  if (const auto text = headers.get("retry-after-ms")) {
    if (const auto wait = number(*text, 1)) return wait;
  }
  if (const auto text = headers.get("retry-after")) {
    if (const auto wait = number(*text, 1000)) return wait;
    if (const auto then = parse_http_date(*text)) return wait_until(*then, now);
  }
  std::optional<Duration> longest;
  for (const std::string budget : {"requests", "tokens", "input-tokens", "output-tokens"}) {
    const auto remaining = headers.get("anthropic-ratelimit-" + budget + "-remaining");
    const auto reset = headers.get("anthropic-ratelimit-" + budget + "-reset");
    if (!remaining || *remaining != "0" || !reset) continue;
    if (const auto then = parse_rfc3339(*reset)) {
      longest = std::max(longest.value_or(Duration(0)), wait_until(*then, now));
    }
  }
  return longest;
}

}  // namespace ccrelay::wire
