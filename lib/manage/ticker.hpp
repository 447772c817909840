#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ccrelay::manage {

/// Someone who is told that it is time.
class Ticked {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~Ticked() = default;
  /// When that is next; Time::max() = not before something has changed.
  virtual Time due() const = 0;
  /// It is. On the ticker's thread; must not block.
  virtual void ring() = 0;
  /// It never will be again.
  virtual void close() = 0;
};

/// A thread that waits for what is due, so that no loop that relays has to; it begins with the
/// first who wants it and sleeps while nobody does. Thread-safe; outlived by those it rings for.
class Ticker {
 public:
  ~Ticker() { close(); }

  /// False when it has been closed, or no thread is to be had.
  bool add(std::shared_ptr<Ticked> one);
  void remove(const Ticked& one);
  /// What somebody said of due() is another now.
  void changed();
  void close();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Ticked>> all_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace ccrelay::manage
