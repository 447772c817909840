#include "observe/figures.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ccrelay::observe {

namespace {

// The last digits of `value`, with zeros in front.
template <std::size_t Count>
void put_digits(char* to, std::int64_t value) {
  for (std::size_t i = Count; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

void append_time(std::string& out, WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(whole - day);
  char text[] = "0000-00-00T00:00:00.000Z";
  put_digits<4>(text, static_cast<int>(date.year()));
  put_digits<2>(text + 5, static_cast<unsigned>(date.month()));
  put_digits<2>(text + 8, static_cast<unsigned>(date.day()));
  put_digits<2>(text + 11, clock.hours().count());
  put_digits<2>(text + 14, clock.minutes().count());
  put_digits<2>(text + 17, clock.seconds().count());
  put_digits<3>(text + 20, clock.subseconds().count());
  out.append(text, sizeof text - 1);
}

void append_usd(std::string& out, std::int64_t nano_usd) {
  constexpr std::int64_t nanos = 1'000'000'000;
  out += std::to_string(nano_usd / nanos);
  char decimals[10] = {'.'};
  put_digits<9>(decimals + 1, nano_usd % nanos);
  out.append(decimals, sizeof decimals);
}

void append_milliseconds(std::string& out, Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  const auto positive = count < 0 ? 0 : count;
  char text[32];
  char* end = std::to_chars(text, text + 24, positive / 1000).ptr;
  *end++ = '.';
  put_digits<3>(end, positive % 1000);
  out.append(text, end + 3);
}

Level level_of(const RequestSummary& request) {
  if (request.local) return Level::debug;
  if (request.status >= 500 || request.ending == Ending::broken) return Level::error;
  return request.status >= 400 ? Level::warn : Level::info;
}

const AttemptSummary* answering(const RequestSummary& request) {
  const auto& attempts = request.attempts;
  // With nobody well the client may have got the words of an earlier one.
  const auto said =
      std::find_if(attempts.rbegin(), attempts.rend(),
                   [&](const AttemptSummary& attempt) { return attempt.status == request.status; });
  if (said != attempts.rend()) return &*said;
  return attempts.empty() ? nullptr : &attempts.back();
}

}  // namespace ccrelay::observe
