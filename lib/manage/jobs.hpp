#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace ccrelay::manage {

/// A thread for what may take long: reading files and the ledger. It begins with the first job. One
/// job runs at a time, in order; those that wait when this is destroyed are dropped. Thread-safe.
class Jobs {
 public:
  /// True when it is to end soon.
  using Stops = std::function<bool()>;
  using Job = std::function<void(const Stops&)>;

  Jobs() = default;
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// False when too many wait, or no thread is to be had.
  bool add(Job job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

}  // namespace ccrelay::manage
