#pragma once

#include <ccrelay/provider.hpp>

#include <memory>
#include <string>
#include <vector>

#include "base/timer_queue.hpp"
#include "upstream/client.hpp"
#include "worker/tools.hpp"

namespace ccrelay::relay {

/// Asks providers whose breaker is open whether they are well again, with a cheap request through
/// the same client as any other (`[health.health_check]`). A good answer lets real requests in
/// before the breaker's time is over. One per relay; loop's thread.
class Prober {
 public:
  explicit Prober(worker::Tools& tools);
  ~Prober();

  /// Asks for the first time one interval from now.
  void start();
  void stop();

 private:
  class Probe;

  void run();
  void arm();
  void ended(Probe& probe);

  worker::Tools& tools_;
  base::Timer timer_;
  std::vector<std::unique_ptr<Probe>> running_;
};

}  // namespace ccrelay::relay
