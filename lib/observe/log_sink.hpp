#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "observe/log_target.hpp"

namespace ccrelay::observe {

/// Collects whole lines of several threads and hands them to a LogTarget, never waiting for it.
/// Lines for which there is no room are dropped and counted; as soon as there is room a line says
/// how many. Owned by the LogObserver. Thread-safe.
class LogSink {
 public:
  /// What waits for a stalled reader.
  static constexpr std::size_t buffer_bytes_max = 1 << 20;
  /// What is collected before it is written without waiting for flush().
  static constexpr std::size_t collect_bytes_max = 64 << 10;
  /// What the destructor may take to write the rest.
  static constexpr std::chrono::milliseconds last_flush{250};

  /// Makes a whole log line of what the sink itself has to say.
  using Remark = std::function<std::string(std::string_view message)>;

  LogSink(std::unique_ptr<LogTarget> target, Remark remark);
  ~LogSink();
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  /// Takes a line, newline included.
  void collect(std::string_view line);
  /// Writes as much as the target takes now.
  void flush();
  /// The target is opened again before the next write.
  void reopen() { reopen_ = true; }

 private:
  std::size_t waiting() const { return buffer_.size() - written_; }
  bool append(std::string_view line);
  bool write();
  void reopen_if_asked();
  void tell_dropped();

  std::mutex mutex_;
  std::unique_ptr<LogTarget> target_;
  Remark remark_;
  std::string buffer_;
  std::size_t written_ = 0;  // of buffer_
  std::uint64_t dropped_ = 0;
  std::atomic<bool> reopen_ = false;
};

}  // namespace ccrelay::observe
