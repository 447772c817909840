#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/timer_queue.hpp"
#include "front/front.hpp"
#include "relay/prober.hpp"
#include "server/server.hpp"
#include "worker/tools.hpp"

namespace ccrelay::relay {

/// One worker: a loop and everything that lives on it. Members are destroyed from the bottom up, so
/// that nobody outlives what it refers to. Belongs to the loop's thread.
class WorkerTree {
 public:
  WorkerTree(uv_loop_t& uv, const Clock& clock, worker::Shared& shared, const Config& config,
             std::uint64_t seed);
  ~WorkerTree();

  Result<void> listen(const std::vector<loop::ListenAddress>& addresses,
                      const loop::ListenOptions& options) {
    return server_.listen(addresses, options);
  }
  std::vector<loop::ListenAddress> addresses() const { return server_.addresses(); }
  /// Ends gently, then tells. Once.
  void drain(const server::DrainTimes& times, std::function<void()> on_empty);
  void close_all();
  /// One worker of a relay checks the providers whose breaker is open.
  void start_checks() { prober_.start(); }

  /// This thread turns its loop from now on.
  void bind() { listed_.bind(); }
  loop::Loop& loop() { return loop_; }
  worker::Reporter& reporter() { return reporter_; }

 private:
  void report_accept_failure(int error);

  loop::Loop loop_;
  worker::Figures figures_;
  worker::Census::Member member_;
  worker::Reporter reporter_;
  worker::Directory::Member listed_;
  worker::Tallies::Member tallied_;
  upstream::Client upstream_;
  worker::IdleConnections::Member idle_;
  identity::Desk identity_;
  base::Rng rng_;
  wire::RequestReader request_reader_;
  worker::BodyMemory bodies_;
  wire::AnswerFacts answer_reader_;
  worker::Tools tools_;
  Prober prober_;
  front::Front front_;
  server::Server server_;
  bool drains_ = false;
  std::optional<TimePoint> failure_reported_;
};

}  // namespace ccrelay::relay
