#include "figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace ccrelay::app::top {
namespace {

constexpr const char* untold = "n/a";

std::tm local(std::int64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm out{};
  ::localtime_r(&seconds, &out);
  return out;
}

std::string formatted(const std::tm& time, const char* pattern) {
  std::array<char, 64> out{};
  const std::size_t length = std::strftime(out.data(), out.size(), pattern, &time);
  return std::string(out.data(), length);
}

// `unit` apart from 1000 of it: 812, 18k, 1.2M; each with `gap` and `end` behind it.
std::string scaled(double value, const char* gap, const char* end) {
  static constexpr const char* letters[] = {"", "k", "M", "G", "T"};
  std::size_t step = 0;
  while (value >= 999.5 && step < 4) {
    value /= 1000;
    ++step;
  }
  const int decimals = step >= 2 && value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}{}{}", value, decimals, gap, letters[step], end);
}

}  // namespace

std::string grouped(Number count) {
  if (!count) return untold;
  std::string digits = fmt::format("{}", *count);
  const int first = digits[0] == '-' ? 1 : 0;
  for (int at = static_cast<int>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ' ');
  }
  return digits;
}

std::string brief(Number count) {
  if (!count) return untold;
  if (*count < 10'000) return fmt::format("{}", *count);
  return scaled(static_cast<double>(*count), "", "");
}

std::string brief(Real count) {
  return count ? brief(Number(std::llround(*count))) : untold;
}

std::string rate(Real per_second) {
  if (!per_second) return untold;
  if (*per_second >= 9999.5) return brief(per_second);
  return fmt::format("{:.1f}", *per_second);
}

std::string took(std::int64_t us) {
  const double ms = static_cast<double>(us) / 1000;
  if (ms < 9.95) return fmt::format("{:.1f} ms", ms);
  if (ms < 999.5) return fmt::format("{:.0f} ms", ms);
  if (ms < 9'995) return fmt::format("{:.2f} s", ms / 1000);
  if (ms < 99'950) return fmt::format("{:.1f} s", ms / 1000);
  const std::int64_t seconds = us / 1'000'000;
  return fmt::format("{} m {:02} s", seconds / 60, seconds % 60);
}

std::string age(std::int64_t us) {
  const std::int64_t seconds = std::max<std::int64_t>(us, 0) / 1'000'000;
  if (seconds < 100) return fmt::format("{:.1f}s", std::floor(static_cast<double>(us) / 1e5) / 10);
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d{:02}h", seconds / 86'400, seconds / 3600 % 24);
}

std::string wait(std::int64_t ms) {
  const std::int64_t seconds = (std::max<std::int64_t>(ms, 0) + 999) / 1000;
  if (seconds < 120) return fmt::format("{}s", seconds);
  if (seconds < 7200) return fmt::format("{}m", (seconds + 59) / 60);
  if (seconds < 172'800) return fmt::format("{}h", (seconds + 3599) / 3600);
  return fmt::format("{}d", (seconds + 86'399) / 86'400);
}

std::string uptime(std::int64_t ms) {
  const std::int64_t seconds = std::max<std::int64_t>(ms, 0) / 1000;
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  const std::string hours = fmt::format("{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60);
  return seconds < 86'400 ? hours : fmt::format("{}d {}", seconds / 86'400, hours);
}

std::string percent(double ratio) {
  const double hundredths = ratio * 100;
  return hundredths < 9.95 ? fmt::format("{:.1f} %", hundredths) : whole_percent(ratio);
}

std::string whole_percent(double ratio) {
  return fmt::format("{:.0f} %", ratio * 100);
}

std::string money(Number nano_usd) {
  if (!nano_usd) return untold;
  const std::int64_t cents = std::llround(static_cast<double>(*nano_usd) / 1e7);
  return fmt::format("${}.{:02}", grouped(cents / 100), std::abs(cents % 100));
}

std::string money_limit(std::int64_t nano_usd) {
  const std::string all = money(nano_usd);
  return all.size() > 3 && all.substr(all.size() - 3) == ".00" ? all.substr(0, all.size() - 3)
                                                               : all;
}

std::string memory(Number bytes) {
  if (!bytes) return untold;
  double value = static_cast<double>(*bytes) / 1024;
  if (value < 1) return fmt::format("{} B", *bytes);
  static constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB"};
  std::size_t step = 0;
  while (value >= 1023.5 && step < 3) {
    value /= 1024;
    ++step;
  }
  return fmt::format("{:.{}f} {}", value, value < 9.95 ? 1 : 0, units[step]);
}

std::string size(Number bytes) {
  return bytes ? scaled(static_cast<double>(*bytes), " ", "B") : untold;
}

std::string size_brief(Number bytes) {
  return bytes ? scaled(static_cast<double>(*bytes), "", "") : untold;
}

std::string clock(Time time) {
  return time ? formatted(local(*time), "%H:%M:%S") : "--:--:--";
}

std::string until(std::int64_t time, std::int64_t now) {
  const std::tm then = local(time);
  const std::tm today = local(now);
  if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday) {
    return formatted(then, "%H:%M");
  }
  constexpr std::int64_t six_days = 6LL * 86'400'000;
  return formatted(then, time > now && time - now < six_days ? "%a %H:%M" : "%d %b %H:%M");
}

std::string ago(std::int64_t ms) {
  if (ms < 10'000) return "now";
  const std::int64_t seconds = ms / 1000;
  if (seconds < 120) return fmt::format("{}s", seconds);
  if (seconds < 7200) return fmt::format("{}m", seconds / 60);
  if (seconds < 172'800) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86'400);
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string bar(double ratio, int cells) {
  const double full = std::clamp(ratio, 0.0, 1.0) * cells;
  const auto filled = static_cast<std::size_t>(std::lround(full));
  return "[" + std::string(filled, '#') +
         std::string(static_cast<std::size_t>(cells) - filled, '-') + "]";
}

std::string sparkline(const std::vector<double>& values, int columns) {
  static constexpr const char* levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto room = static_cast<std::size_t>(std::max(columns, 0));
  const std::size_t count = std::min(values.size(), room);
  double greatest = 0;
  for (std::size_t i = values.size() - count; i < values.size(); ++i) {
    greatest = std::max(greatest, values[i]);
  }
  std::string out(room - count, ' ');
  for (std::size_t i = values.size() - count; i < values.size(); ++i) {
    const double part = greatest > 0 ? values[i] / greatest : 0;
    out += levels[std::clamp(static_cast<int>(std::ceil(part * 7)), 0, 7)];
  }
  return out;
}

Time time_of(const std::string& text) {
  std::tm time{};
  int fraction_at = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &time.tm_year, &time.tm_mon,
                  &time.tm_mday, &time.tm_hour, &time.tm_min, &time.tm_sec, &fraction_at) != 6) {
    return {};
  }
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  std::int64_t ms = static_cast<std::int64_t>(::timegm(&time)) * 1000;
  auto at = static_cast<std::size_t>(fraction_at);
  if (at < text.size() && text[at] == '.') {
    int weight = 100;
    for (++at; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0; ++at) {
      ms += (text[at] - '0') * weight;
      weight /= 10;
    }
  }
  int hours = 0;
  int minutes = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-') &&
      std::sscanf(text.c_str() + at + 1, "%2d:%2d", &hours, &minutes) == 2) {
    const std::int64_t offset = (hours * 60LL + minutes) * 60'000;
    ms += text[at] == '+' ? -offset : offset;
  }
  return ms;
}

}  // namespace ccrelay::app::top
