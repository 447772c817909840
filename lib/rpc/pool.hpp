#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ccrelay::rpc {

/// The threads on which calls of the Manager are made: it may wait for a worker for a second, and
/// grpc's own threads are for its connections. Thread-safe.
class Pool {
 public:
  /// So many may wait before no more are taken from callers.
  static constexpr std::size_t jobs_max = 1024;

  explicit Pool(int threads);
  /// As stop().
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Has it done soon, or not at all once it has stopped. A job must not throw.
  void post(std::function<void()> job);
  /// The same for what callers may ask as often as they like: false when too many wait already.
  bool offer(std::function<void()> job);
  /// Drops what waits, and returns when what runs is done. Not from a job.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool is_stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ccrelay::rpc
