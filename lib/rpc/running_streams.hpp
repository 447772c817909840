#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>

namespace ccrelay::rpc {

/// A stream that can be told that the relay stops.
class Stoppable {
 public:
  virtual ~Stoppable() = default;
  /// It ends behind what is queued. Any thread.
  virtual void stop() = 0;
};

/// The streams that run, to end them. Thread-safe.
class RunningStreams {
 public:
  /// One that begins when all have been told to end is told at once.
  void add(std::weak_ptr<Stoppable> stream);
  void stop_all();

 private:
  std::mutex mutex_;
  std::list<std::weak_ptr<Stoppable>> streams_;
  bool is_stopped_ = false;
};

}  // namespace ccrelay::rpc
