#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "loop/loop.hpp"
#include "loop/tcp.hpp"
#include "server/connection.hpp"
#include "server/crowd_gone.hpp"
#include "server/network_counts.hpp"
#include "tls/keeper.hpp"

namespace ccrelay::server {

/// What the servers of all workers share. Thread-safe, but for the limits, which stay as they are.
struct Common {
  std::atomic<int> open_connections{0};
  int connections_max = 0;  ///< beyond it new ones take the place of silent ones, or are closed
  NetworkCounts by_network;
  Counters counters;
  tls::Keeper tls;  ///< with a certificate in it, TLS is spoken
};

/// How long each step of a gentle end takes; see Relay::stop.
struct DrainTimes {
  milliseconds grace{0};
  milliseconds idle{0};
  milliseconds timeout{0};
};

/// Accepts connections of one worker and owns them. Knows nothing of relaying: what a request means
/// is the factory's business. Loop's thread.
class Server final : public loop::AcceptSink {
 public:
  /// What `common` has is shared by all workers.
  Server(loop::Loop& loop, HandlerFactory& factory, const ConnectionLimits& limits, Common& common);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// On all of the addresses or on none. Where they have port 0, on one free port for all of them.
  Result<void> listen(const std::vector<loop::ListenAddress>& addresses,
                      const loop::ListenOptions& options);
  std::vector<loop::ListenAddress> addresses() const;
  /// Listens no more, and loses nobody who has just come; connections go on as they are. drain()
  /// does it too.
  void stop_accepting();
  /// Ends gently; `on_empty` when no connection is left.
  void drain(const DrainTimes& times, std::function<void()> on_empty);
  bool draining() const { return draining_; }
  /// No connection waits any more for a first request that does not come.
  bool closes_idle() const { return draining_ && acceptors_.empty(); }
  milliseconds idle_limit() const { return times_.idle; }
  /// Cuts everything.
  void close_all();
  std::size_t connections() const { return connections_.size(); }

  // For connections.
  loop::Loop& loop() { return loop_; }
  HandlerFactory& factory() { return factory_; }
  Counters& counters() { return common_.counters; }
  void remove(Connection& connection);
  void has_asked(Connection& connection);
  /// Told the error when no connection can be taken; see AcceptSink.
  void tell_of_failures(std::function<void(int error)> told) { failure_told_ = std::move(told); }

 private:
  void on_connection(std::unique_ptr<loop::Stream> stream) override;
  void on_accept_failed(int error) override;
  Result<void> listen_once(const std::vector<loop::ListenAddress>& addresses,
                           const loop::ListenOptions& options);
  bool make_room();
  void close_acceptors();
  void close_idle();
  void end_now();
  void cut();
  void report_empty();

  loop::Loop& loop_;
  HandlerFactory& factory_;
  const ConnectionLimits limits_;
  Common& common_;
  std::vector<std::unique_ptr<loop::Acceptor>> acceptors_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::function<void()> on_empty_;
  CrowdGone crowd_gone_;
  Silent silent_;
  std::function<void(int error)> failure_told_;
  loop::ListenOptions listening_;
  DrainTimes times_;
  base::Timer step_;  // until accepting ends, then until idle connections are closed
  base::Timer end_;   // until what runs is ended, then until all is cut
  bool turned_away_ = false;
  bool ending_ = false;
  bool draining_ = false;
};

}  // namespace ccrelay::server
