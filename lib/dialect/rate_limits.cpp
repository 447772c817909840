#include "dialect/rate_limits.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>

#include "wire/said_wait.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::array<std::string_view, 2> limited{"requests", "tokens"};
constexpr std::array<std::string_view, 3> figures{"limit", "remaining", "reset"};

std::string anthropic_name(std::string_view what, std::string_view figure) {
  return "anthropic-ratelimit-" + std::string(what) + '-' + std::string(figure);
}

std::string openai_name(std::string_view what, std::string_view figure) {
  return "x-ratelimit-" + std::string(figure) + '-' + std::string(what);
}

bool is_count(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A provider's reset in the client's form: whole seconds, rounded up, so that nobody comes early.
std::string reset_in(Dialect client, std::string_view reset, bool as_time, std::int64_t now_s) {
  std::optional<std::int64_t> left;
  if (as_time) {
    if (const auto then = wire::parse_rfc3339(reset)) {
      const auto since = std::chrono::ceil<std::chrono::seconds>(then->time_since_epoch());
      left = since.count() - now_s;
    }
  } else if (const auto wait = wire::parse_duration(reset)) {
    left = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  }
  if (!left) return {};
  return client == Dialect::anthropic ? time_text(now_s + std::max<std::int64_t>(0, *left))
                                      : duration_text(*left);
}

}  // namespace

std::string duration_text(std::int64_t seconds) {
  seconds = std::max<std::int64_t>(0, seconds);
  std::string out;
  if (seconds >= 3600) out += std::to_string(seconds / 3600) + 'h';
  if (seconds >= 60) out += std::to_string(seconds / 60 % 60) + 'm';
  return out + std::to_string(seconds % 60) + 's';
}

std::string time_text(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(std::max(0, length))};
}

Headers client_rate_limits(Dialect client, const Headers& provider, std::int64_t now_s) {
  Headers out;
  for (const std::string_view what : limited) {
    if (client == Dialect::gemini) break;  // has no fields for it
    for (const std::string_view figure : figures) {
      auto told = provider.get(anthropic_name(what, figure));
      const bool as_time = told.has_value();
      if (!told) told = provider.get(openai_name(what, figure));
      if (!told) continue;
      std::string value;
      if (figure == "reset") {
        value = reset_in(client, *told, as_time, now_s);
      } else if (is_count(*told)) {
        value = *told;
      }
      if (value.empty()) continue;
      out.add(
          client == Dialect::anthropic ? anthropic_name(what, figure) : openai_name(what, figure),
          value);
    }
  }
  for (const std::string_view name : {"retry-after", "retry-after-ms"}) {
    if (const auto value = provider.get(name)) out.add(name, *value);
  }
  return out;
}

}  // namespace ccrelay::dialect
