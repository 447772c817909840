#include "watchdog.hpp"

#include <ccrelay/relay.hpp>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "service_notify.hpp"

namespace ccrelay::app {
namespace {

using std::chrono::microseconds;

constexpr std::uint64_t interval_usec_min = 2000;
constexpr std::uint64_t interval_usec_max = 24ull * 3600 * 1'000'000;

std::optional<std::uint64_t> number_in(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return {};
  const std::string_view digits(text);
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return {};
  return number;
}

std::optional<microseconds> wanted_interval() {
  const auto usec = number_in("WATCHDOG_USEC");
  if (!usec || *usec == 0) return {};
  const bool for_another = std::getenv("WATCHDOG_PID") != nullptr &&
                           number_in("WATCHDOG_PID") != static_cast<std::uint64_t>(::getpid());
  if (for_another) return {};
  return microseconds(std::clamp(*usec, interval_usec_min, interval_usec_max) / 2);
}

}  // namespace

Watchdog::Watchdog(Relay& relay)
    : relay_(relay),
      interval_(wanted_interval()),
      due_(std::chrono::steady_clock::now()),
      asked_(std::make_shared<std::atomic<bool>>(false)) {}

std::optional<microseconds> Watchdog::until_due() const {
  if (!interval_) return {};
  const auto left =
      std::chrono::duration_cast<microseconds>(due_ - std::chrono::steady_clock::now());
  return std::max(left, microseconds(0));
}

void Watchdog::ask() {
  if (!interval_) return;
  due_ = std::chrono::steady_clock::now() + *interval_;
  if (asked_->exchange(true)) return;
  relay_.when_turned([asked = asked_] {
    asked->store(false);
    notify_service("WATCHDOG=1");
  });
}

}  // namespace ccrelay::app
