#include "rpc/running_streams.hpp"

#include <utility>

namespace ccrelay::rpc {

void RunningStreams::add(std::weak_ptr<Stoppable> stream) {
  bool is_stopped = false;
  {
    const std::lock_guard lock(mutex_);
    streams_.remove_if([](const auto& each) { return each.expired(); });
    is_stopped = is_stopped_;
    if (!is_stopped) streams_.push_back(stream);
  }
  if (!is_stopped) return;
  if (const auto running = stream.lock()) running->stop();
}

void RunningStreams::stop_all() {
  std::list<std::weak_ptr<Stoppable>> streams;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    streams.swap(streams_);
  }
  for (const auto& stream : streams) {
    if (const auto running = stream.lock()) running->stop();
  }
}

}  // namespace ccrelay::rpc
