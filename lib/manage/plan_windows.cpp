#include "manage/plan_windows.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/utf8.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::manage {
namespace {

// What the provider says may be anything.
std::optional<double> number_of(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos) return {};
  try {
    const double number = std::stod(text);
    return std::isfinite(number) && number < 1e12 ? std::optional(number) : std::nullopt;
  } catch (...) {
    return {};
  }
}

// Seconds since 1970, or a date.
std::optional<WallTime> time_of(const std::string& text) {
  if (const auto seconds = number_of(text)) {
    constexpr double year_2200 = 7.2e9;
    if (*seconds > year_2200) return {};
    return WallTime(std::chrono::seconds(static_cast<std::int64_t>(*seconds)));
  }
  return wire::parse_rfc3339(text);
}

std::string_view without(std::string_view name, std::string_view ending) {
  return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : std::string_view();
}

}  // namespace

std::vector<management::PlanWindow> plan_windows(
    const std::vector<std::pair<std::string, std::string>>& figures) {
  std::vector<management::PlanWindow> out;
  for (const auto& [name, value] : figures) {
    const std::string_view window = without(name, "-utilization");
    const auto used = number_of(value);
    if (window.empty() || !used) continue;
    management::PlanWindow& one = out.emplace_back();
    one.name = window;
    one.utilization = *used;
    for (const auto& [other, said] : figures) {
      if (without(other, "-reset") == window) one.reset_time = time_of(said);
      if (without(other, "-status") == window) one.status = base::as_utf8(said);
    }
    one.name = base::as_utf8(std::move(one.name));
  }
  return out;
}

}  // namespace ccrelay::manage
