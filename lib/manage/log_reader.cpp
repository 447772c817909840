#include "manage/log_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"

namespace ccrelay::manage {
namespace {

using management::LogLine;
using worker::LinePtr;

constexpr std::int32_t lines_default = 1024;

std::string in_small_letters(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

LogReader::LogReader(management::LogWatch watch, std::vector<std::string> ids,
                     std::shared_ptr<worker::LogBook> book, worker::Seat seat)
    : book_(std::move(book)),
      seat_(std::move(seat)),
      watch_(std::move(watch)),
      ids_(std::move(ids)),
      contains_(in_small_letters(watch_.contains)),
      lines_max_(
          static_cast<std::size_t>(watch_.queue_lines > 0 ? watch_.queue_lines : lines_default)) {}

void LogReader::end() {
  book_->leave(*this);
}

bool LogReader::fits(const LogLine& line) const {
  if (line.level < watch_.min_level) return false;
  const bool is_of_it = ids_.empty() || std::any_of(ids_.begin(), ids_.end(), [&](const auto& id) {
                          return line.id == id || line.request_id == id;
                        });
  return is_of_it &&
         (contains_.empty() || in_small_letters(line.message).find(contains_) != std::string::npos);
}

// ---- by whoever logs

void LogReader::take(const LinePtr& line) {
  const std::lock_guard lock(mutex_);
  if (is_over_ || !fits(*line)) return;
  if (!has_begun_) {
    if (early_.size() < lines_max_) {
      early_.push_back(line);
    } else {
      ++early_lost_;
    }
    return;
  }
  const bool was_empty = queue_.empty();
  push(line);
  if (was_empty) wake();
}

void LogReader::push(const LinePtr& line) {
  const std::size_t bytes = worker::bytes_of(*line);
  if (queue_.size() < lines_max_ && bytes_ + bytes <= bytes_max) {
    queue_.push_back({line, 0});
    bytes_ += bytes;
    return;
  }
  lose(1);
}

void LogReader::lose(std::uint64_t lines) {
  book_->dropped(lines);
  if (queue_.empty() || queue_.back().line) queue_.push_back({nullptr, 0});
  queue_.back().lost += lines;
}

void LogReader::begin(const std::vector<LinePtr>& before) {
  const std::lock_guard lock(mutex_);
  std::vector<LinePtr> fit;
  for (const LinePtr& line : before) {
    if (fits(*line)) fit.push_back(line);
  }
  const std::size_t count = std::min(fit.size(), static_cast<std::size_t>(watch_.tail));
  for (std::size_t i = fit.size() - count; i < fit.size(); ++i) push(fit[i]);
  if (!watch_.no_follow) {
    for (const LinePtr& line : early_) push(line);
    if (early_lost_ > 0) lose(early_lost_);
  }
  early_.clear();
  has_begun_ = true;
  if (watch_.no_follow) is_over_ = true;
  wake();
}

void LogReader::close() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  wake();
}

void LogReader::wake() {
  if (queue_.empty() && !is_over_) return;
  ready_.notify_all();
  if (wake_) wake_();
}

// ---- by the reader

std::size_t LogReader::take(std::vector<management::LogEvent>& into, std::size_t most) {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (; count < most && !queue_.empty(); ++count) {
    const Waiting& next = queue_.front();
    if (next.line) {
      into.emplace_back(*next.line);
      bytes_ -= worker::bytes_of(*next.line);
    } else {
      into.emplace_back(management::LinesLost{next.lost});
    }
    queue_.pop_front();
  }
  return count;
}

void LogReader::on_ready(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
  if (wake_ && (!queue_.empty() || is_over_)) wake_();
}

bool LogReader::wait(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return ready_.wait_for(lock, longest, [this] { return !queue_.empty() || is_over_; });
}

bool LogReader::is_over() const {
  const std::lock_guard lock(mutex_);
  return is_over_;
}

}  // namespace ccrelay::manage
