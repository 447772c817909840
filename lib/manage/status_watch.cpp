#include <fmt/format.h>

#include <memory>
#include <utility>

#include "manage/core.hpp"
#include "manage/status_reader.hpp"
#include "manage/told.hpp"

namespace ccrelay::management {

Reply<std::unique_ptr<StatusSubscription>> Manager::watch_status(const StatusWatch& watch) {
  const std::int32_t interval = watch.interval_ms;
  if (interval != 0 && (interval < 100 || interval > 60'000)) {
    return manage::invalid(
        fmt::format("interval_ms: {} is neither 0 nor from 100 to 60000", interval));
  }
  if (watch.history_seconds < 0 || watch.history_seconds > 300) {
    return manage::invalid(
        fmt::format("history_seconds: {} is not from 0 to 300", watch.history_seconds));
  }
  auto seat = core_.seat();
  if (!seat) return seat.refusal();
  const auto reader = std::make_shared<manage::StatusReader>(
      watch, [&core = core_](int seconds) { return manage::told_status(core, seconds); },
      core_.ticker(), std::move(*seat));
  if (!core_.ticker()->add(reader)) return manage::has_stopped();
  return std::make_unique<StatusSubscription>(reader);
}

StatusSubscription::StatusSubscription(std::shared_ptr<manage::StatusReader> reader)
    : reader_(std::move(reader)) {}

StatusSubscription::~StatusSubscription() {
  reader_->on_ready(nullptr);
  reader_->end();
}

bool StatusSubscription::take(Status& into) {
  return reader_->take(into);
}
void StatusSubscription::on_ready(std::function<void()> wake) {
  reader_->on_ready(std::move(wake));
}
bool StatusSubscription::wait(std::chrono::milliseconds longest) {
  return reader_->wait(longest);
}
bool StatusSubscription::is_over() const {
  return reader_->is_over();
}

}  // namespace ccrelay::management
