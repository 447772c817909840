#pragma once

#include <ccrelay/manage.hpp>

#include <memory>

#include "rpc/gate.hpp"
#include "rpc/pool.hpp"
#include "rpc/running_streams.hpp"

namespace ccrelay::rpc {

/// What every service stands on. Outlives the server, and all of its calls.
struct Front {
  explicit Front(management::Manager& of) : manager(of), gate(of.access()) {}

  management::Manager& manager;
  Gate gate;
  RunningStreams streams;
  /// Shared with what may ring when the front has gone, see Stream.
  std::shared_ptr<Pool> pool = std::make_shared<Pool>(2);
};

}  // namespace ccrelay::rpc
