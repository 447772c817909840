#pragma once

#include <ccrelay/manage_logs.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "worker/log_book.hpp"
#include "worker/seats.hpp"

namespace ccrelay::manage {

/// The queue behind a LogSubscription: filters, bounds, counts what it drops. Thread-safe, and
/// nothing in it blocks or grows without bound.
class LogReader final : public worker::LogWatcher {
 public:
  static constexpr std::size_t bytes_max = 1 << 20;

  /// `ids`: of the one request that is asked for, as lines may name it; empty = of all.
  LogReader(management::LogWatch watch, std::vector<std::string> ids,
            std::shared_ptr<worker::LogBook> book, worker::Seat seat);

  // By whoever logs.
  void take(const worker::LinePtr& line) override;
  void close() override;
  /// Lines of before, none of which was told: in the order of time the last of those that fit are,
  /// then what came since.
  void begin(const std::vector<worker::LinePtr>& before);

  // By the reader.
  std::size_t take(std::vector<management::LogEvent>& into, std::size_t most);
  void on_ready(std::function<void()> wake);
  bool wait(std::chrono::milliseconds longest);
  bool is_over() const;
  /// Nobody reads any more.
  void end();

 private:
  bool fits(const management::LogLine& line) const;
  void push(const worker::LinePtr& line);
  void lose(std::uint64_t lines);
  void wake();

  const std::shared_ptr<worker::LogBook> book_;  // may outlive the relay
  const worker::Seat seat_;
  const management::LogWatch watch_;
  const std::vector<std::string> ids_;
  const std::string contains_;  // in small letters
  const std::size_t lines_max_;
  // Where `line` is null, so many were lost there.
  struct Waiting {
    worker::LinePtr line;
    std::uint64_t lost = 0;
  };
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::function<void()> wake_;
  std::deque<Waiting> queue_;
  std::vector<worker::LinePtr> early_;  // while those of before are looked for
  std::uint64_t early_lost_ = 0;        // behind them
  std::size_t bytes_ = 0;
  bool has_begun_ = false;
  bool is_over_ = false;
};

}  // namespace ccrelay::manage
