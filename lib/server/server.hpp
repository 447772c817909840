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
  int connections_max = 0;  ///< beyond it new ones are closed
  NetworkCounts by_network;
  Counters counters;
  tls::Keeper tls;  ///< with a certificate in it, TLS is spoken
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
  Result<void> listen(const std::vector<loop::ListenAddress>& addresses, bool shared);
  std::vector<loop::ListenAddress> addresses() const;
  /// Stops accepting, closes idle connections, lets the others finish; `on_empty` when none is
  /// left.
  void drain(std::function<void()> on_empty);
  bool draining() const { return draining_; }
  /// Cuts everything.
  void close_all();
  std::size_t connections() const { return connections_.size(); }

  // For connections.
  loop::Loop& loop() { return loop_; }
  HandlerFactory& factory() { return factory_; }
  Counters& counters() { return common_.counters; }
  void remove(Connection& connection);

 private:
  void on_connection(std::unique_ptr<loop::Stream> stream) override;
  Result<void> listen_once(const std::vector<loop::ListenAddress>& addresses, bool shared);

  loop::Loop& loop_;
  HandlerFactory& factory_;
  const ConnectionLimits limits_;
  Common& common_;
  std::vector<std::unique_ptr<loop::Acceptor>> acceptors_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::function<void()> on_empty_;
  CrowdGone crowd_gone_;
  bool draining_ = false;
};

}  // namespace ccrelay::server
