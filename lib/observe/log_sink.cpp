#include "observe/log_sink.hpp"

#include <ccrelay/clock.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace ccrelay::observe {

LogSink::LogSink(std::unique_ptr<LogTarget> target, Remark remark)
    : target_(std::move(target)), remark_(std::move(remark)) {}

LogSink::~LogSink() {
  const Clock& clock = Clock::system();
  const TimePoint deadline = clock.now() + last_flush;
  const std::lock_guard lock(mutex_);
  while (write() && waiting() > 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.now());
    if (left.count() <= 0) return;
    target_->wait_writable(left);
  }
}

void LogSink::collect(std::string_view line) {
  const std::lock_guard lock(mutex_);
  tell_dropped();
  if (dropped_ > 0 || !append(line)) ++dropped_;
  if (waiting() > collect_bytes_max) write();
}

void LogSink::flush() {
  const std::lock_guard lock(mutex_);
  write();
}

bool LogSink::append(std::string_view line) {
  if (waiting() + line.size() > buffer_bytes_max) return false;
  if (written_ > 0 && buffer_.size() + line.size() > buffer_.capacity()) {
    buffer_.erase(0, written_);
    written_ = 0;
  }
  buffer_ += line;
  return true;
}

void LogSink::tell_dropped() {
  // Not before half of the buffer is free: else every second line would be such a remark.
  if (dropped_ == 0 || waiting() > buffer_bytes_max / 2) return;
  const std::string line = remark_(fmt::format("{} log line{} dropped: nobody took them in time",
                                               dropped_, dropped_ == 1 ? " was" : "s were"));
  if (append(line)) dropped_ = 0;
}

void LogSink::reopen_if_asked() {
  if (!reopen_.exchange(false)) return;
  const Result<void> opened = target_->reopen();
  if (!opened) append(remark_(opened.error().message + "; still writing to the old file"));
}

// False when waiting for the target is of no use.
bool LogSink::write() {
  reopen_if_asked();
  bool hope = true;
  while (true) {
    if (waiting() == 0) tell_dropped();
    if (waiting() == 0) break;
    const std::optional<std::size_t> taken =
        target_->write_some(std::string_view(buffer_).substr(written_));
    hope = taken.has_value();
    if (taken.value_or(0) == 0) break;
    written_ += *taken;
  }
  if (waiting() == 0) {
    buffer_.clear();
    written_ = 0;
  }
  return hope;
}

}  // namespace ccrelay::observe
