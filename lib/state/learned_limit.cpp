#include "state/learned_limit.hpp"

#include <algorithm>

#include "state/rate_window.hpp"

namespace ccrelay::state {
namespace {

using std::chrono::milliseconds;

// A part is what a limit of one per minute yields in a millisecond: whole numbers only.
constexpr std::int64_t parts = 60'000;
// No debt counts as more than a limit yields in a day, and after two days a budget is whole. The
// highest number of parts is then amount_max * two days in milliseconds, 1.8e17, far below 2^63.
constexpr std::int64_t debt_ms_max = 86'400'000;
constexpr std::int64_t passed_ms_max = 2 * debt_ms_max;
// More requests than this are not on their way with one key.
constexpr std::size_t charges_max = 512;

std::int64_t in_parts(std::uint64_t amount) {
  return static_cast<std::int64_t>(std::min(amount, amount_max)) * parts;
}

// Milliseconds until a limit has yielded this many parts.
milliseconds until(std::int64_t missing, std::uint64_t limit) {
  const auto a_ms = static_cast<std::int64_t>(limit);
  return milliseconds(missing <= 0 ? 0 : (missing + a_ms - 1) / a_ms);
}

}  // namespace

void LearnedLimit::learn(const base::LimitFigures& said, std::uint64_t sequence, TimePoint now) {
  advance(now);
  if (sequence < seen_) return;
  if (said.limit && *said.limit > 0) limit_ = std::min(*said.limit, amount_max);
  if (!said.remaining || (!limit_ && !said.reset)) return;

  seen_ = sequence;
  while (!charges_.empty() && charges_.front().sequence <= sequence) {
    charged_ -= charges_.front().amount;
    charges_.pop_front();
  }
  if (youngest_forgotten_ <= sequence) forgotten_ = 0;

  at_ = std::max(at_, now);
  reset_.reset();
  if (said.reset) reset_ = at_ + std::chrono::ceil<milliseconds>(*said.reset);
  const std::uint64_t remaining = limit_ ? std::min(*said.remaining, *limit_) : *said.remaining;
  level_ = bounded(in_parts(remaining) - in_parts(charged_ + forgotten_));
  known_ = true;
}

std::int64_t LearnedLimit::bounded(std::int64_t level) const {
  if (!limit_) return level;
  const auto limit = static_cast<std::int64_t>(*limit_);
  return std::clamp(level, -debt_ms_max * limit, parts * limit);
}

std::int64_t LearnedLimit::whole_but_charges() const {
  return bounded(in_parts(*limit_) - in_parts(charged_ + forgotten_));
}

void LearnedLimit::advance(TimePoint now) {
  if (!known_ || now <= at_) return;
  if (reset_ && now >= *reset_) {
    const TimePoint reset = *reset_;
    reset_.reset();
    if (!limit_) {
      known_ = false;
      forgotten_ = 0;
      return;
    }
    advance(reset);
    level_ = std::max(level_, whole_but_charges());
    at_ = reset;
  }
  if (!limit_) return;
  const auto passed = std::chrono::floor<milliseconds>(now - at_);
  const auto ms = std::min<std::int64_t>(passed.count(), passed_ms_max);
  level_ = bounded(level_ + ms * static_cast<std::int64_t>(*limit_));
  at_ += passed;
}

void LearnedLimit::charge(std::uint64_t sequence, std::uint64_t amount, TimePoint now) {
  advance(now);
  if (charges_.size() == charges_max) forget_oldest();
  charges_.push_back({sequence, amount});
  charged_ += amount;
  if (known_) level_ = bounded(level_ - in_parts(amount));
}

void LearnedLimit::forget_oldest() {
  const Charge oldest = charges_.front();
  charges_.pop_front();
  charged_ -= oldest.amount;
  // Before the first answer there is nothing that old charges could be subtracted from.
  if (!known_) return;
  forgotten_ += oldest.amount;
  youngest_forgotten_ = oldest.sequence;
}

void LearnedLimit::correct(std::uint64_t sequence, std::uint64_t to, TimePoint now) {
  advance(now);
  const auto charge =
      std::lower_bound(charges_.begin(), charges_.end(), sequence,
                       [](const Charge& a, std::uint64_t wanted) { return a.sequence < wanted; });
  if (charge == charges_.end() || charge->sequence != sequence) return;
  const std::uint64_t from = charge->amount;
  charge->amount = to;
  charged_ += to - from;
  if (known_) level_ = bounded(level_ + in_parts(from) - in_parts(to));
}

TimePoint LearnedLimit::free_at(std::uint64_t amount, TimePoint now) {
  advance(now);
  if (!known_) return now;
  const std::int64_t needed = in_parts(limit_ ? std::min(amount, *limit_) : amount);
  if (level_ >= needed) return now;
  if (!limit_) return *reset_;
  TimePoint free = at_ + until(needed - level_, *limit_);
  if (reset_) free = std::min(free, *reset_ + until(needed - whole_but_charges(), *limit_));
  return free;
}

std::optional<TimePoint> LearnedLimit::reset(TimePoint now) {
  advance(now);
  return known_ ? reset_ : std::nullopt;
}

std::optional<std::uint64_t> LearnedLimit::remaining(TimePoint now) {
  advance(now);
  if (!known_) return {};
  return static_cast<std::uint64_t>(std::max<std::int64_t>(level_, 0) / parts);
}

}  // namespace ccrelay::state
