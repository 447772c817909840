#include "manage/status_reader.hpp"

#include <algorithm>
#include <utility>

namespace ccrelay::manage {
namespace {
constexpr std::int32_t interval_default_ms = 1000;
constexpr int history_max = 300;
}  // namespace

StatusReader::StatusReader(const management::StatusWatch& watch, Look look,
                           std::shared_ptr<Ticker> ticker, worker::Seat seat)
    : interval_(watch.interval_ms > 0 ? watch.interval_ms : interval_default_ms),
      history_seconds_(watch.history_seconds),
      ticker_(std::move(ticker)),
      seat_(std::move(seat)),
      look_(std::move(look)),
      next_(Time::max()) {}

Ticked::Time StatusReader::due() const {
  const std::lock_guard lock(mutex_);
  return is_due_ || !look_ ? Time::max() : next_;
}

void StatusReader::ring() {
  const std::lock_guard lock(mutex_);
  is_due_ = true;
  ready_.notify_all();
  if (wake_) wake_();
}

// Waits for a look that is being taken.
void StatusReader::close() {
  const std::lock_guard lock(mutex_);
  look_ = nullptr;
  ready_.notify_all();
  if (wake_) wake_();
}

bool StatusReader::take(management::Status& into) {
  {
    const std::lock_guard lock(mutex_);
    if (!look_ || !is_due_) return false;
    // Seconds that have passed since the last look are new, however many those are.
    into = look_(told_ ? history_max : history_seconds_);
    if (told_) {
      std::erase_if(into.history,
                    [this](const management::Sample& one) { return one.time <= *told_; });
    }
    if (!into.history.empty()) {
      told_ = into.history.back().time;
    } else if (!told_) {
      told_ = into.time;
    }
    is_due_ = false;
    next_ = std::chrono::steady_clock::now() + interval_;
  }
  ticker_->changed();
  return true;
}

void StatusReader::on_ready(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
  if (wake_ && (is_due_ || !look_)) wake_();
}

bool StatusReader::wait(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return ready_.wait_for(lock, longest, [this] { return is_due_ || !look_; });
}

bool StatusReader::is_over() const {
  const std::lock_guard lock(mutex_);
  return !look_;
}

void StatusReader::end() {
  ticker_->remove(*this);
}

}  // namespace ccrelay::manage
