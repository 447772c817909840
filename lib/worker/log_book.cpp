#include "worker/log_book.hpp"

#include <utility>

namespace ccrelay::worker {
namespace {

constexpr std::size_t field_bytes = 100;  // a node of the map beside its texts

void use_level(Observer* observer, std::optional<Level> level) {
  if (!observer) return;
  try {
    observer->use_level(level);
  } catch (...) {
    // The program's own affair.
  }
}

}  // namespace

std::size_t bytes_of(const management::LogLine& line) {
  std::size_t bytes = sizeof line + line.event.size() + line.message.size() + line.id.size() +
                      line.request_id.size();
  for (const auto& [name, value] : line.fields) bytes += field_bytes + name.size() + value.size();
  return bytes;
}

void LogBook::configure(Level level, std::size_t lines) {
  configured_ = level;
  const std::lock_guard lock(mutex_);
  lines_max_ = lines;
  while (lines_.size() > lines_max_) {
    bytes_ -= bytes_of(*lines_.front());
    lines_.pop_front();
  }
}

bool LogBook::set_level(std::optional<Level> level, std::optional<TimePoint> until,
                        Observer* observer) {
  const std::lock_guard lock(mutex_);
  const int next = level ? static_cast<int>(*level) : -1;
  until_ = level ? until : std::nullopt;
  const bool changed = wanted_.exchange(next) != next;
  use_level(observer, level);
  return changed;
}

std::optional<Level> LogBook::wanted(TimePoint now, Observer* observer) {
  if (!has_level()) return {};
  const std::lock_guard lock(mutex_);
  if (until_ && *until_ <= now) {
    until_.reset();
    wanted_ = -1;
    use_level(observer, {});
  }
  const int wanted = wanted_;
  return wanted < 0 ? std::nullopt : std::optional(static_cast<Level>(wanted));
}

std::optional<TimePoint> LogBook::until() const {
  const std::lock_guard lock(mutex_);
  return until_;
}

void LogBook::add(management::LogLine line) {
  const auto shared = std::make_shared<const management::LogLine>(std::move(line));
  const std::lock_guard lock(mutex_);
  for (const auto& watcher : watchers_) watcher->take(shared);
  lines_.push_back(shared);
  bytes_ += bytes_of(*shared);
  while (!lines_.empty() && (lines_.size() > lines_max_ || bytes_ > bytes_max)) {
    bytes_ -= bytes_of(*lines_.front());
    lines_.pop_front();
  }
}

void LogBook::tell(management::LogLine line) {
  const auto shared = std::make_shared<const management::LogLine>(std::move(line));
  const std::lock_guard lock(mutex_);
  for (const auto& watcher : watchers_) watcher->take(shared);
}

std::optional<std::vector<LinePtr>> LogBook::watch(std::shared_ptr<LogWatcher> watcher) {
  const std::lock_guard lock(mutex_);
  if (closed_) return {};
  watchers_.push_back(std::move(watcher));
  watchers_count_ = watchers_.size();
  return std::vector<LinePtr>(lines_.begin(), lines_.end());
}

void LogBook::leave(const LogWatcher& watcher) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watchers_, [&](const auto& one) { return one.get() == &watcher; });
  watchers_count_ = watchers_.size();
}

void LogBook::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& watcher : std::exchange(watchers_, {})) watcher->close();
  watchers_count_ = 0;
}

}  // namespace ccrelay::worker
