#pragma once

#include "base/timer_queue.hpp"
#include "tls/keeper.hpp"
#include "worker/tools.hpp"

namespace ccrelay::relay {

/// Takes over a new certificate when its files have changed, without a restart. One per relay;
/// loop's thread.
class TlsWatch {
 public:
  explicit TlsWatch(worker::Tools& tools);

  /// Does nothing when no TLS is spoken.
  void start();
  void stop() { timer_.cancel(); }

 private:
  void look();

  worker::Tools& tools_;
  tls::FileWatch files_;
  base::Timer timer_;
};

}  // namespace ccrelay::relay
