#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/config_load.hpp>
#include <ccrelay/manage.hpp>
#include <ccrelay/result.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/entrance.hpp"
#include "api/socket_file.hpp"
#include "api/visit.hpp"
#include "loop/loop_thread.hpp"
#include "tls/context.hpp"

namespace ccrelay::api {

/// What the front needs of the relay. Thread-safe, and outlives it.
struct FrontOptions {
  management::Manager& manager;
  /// The configuration in force.
  std::function<std::shared_ptr<const Config>()> config;
  /// Tells the observer.
  std::function<void(Level level, std::string event, std::string message)> note;
};

/// The management over HTTP: a thread of its own with a loop, a Unix socket and a TCP address. What
/// a look at the relay costs is paid there, and by no loop that relays. Made, started and destroyed
/// on one thread; the rest may come from any.
///
/// A relay that starts while the one before still drains has the same socket: it takes the path
/// over, so that whoever connects gets the one or the other, and who is connected stays where he is
/// until that relay has stopped. A TCP address is shared the same way where server.reuse_port is
/// set; else it goes over when the relay before lets go of it.
class Front {
 public:
  explicit Front(FrontOptions options);
  /// Ends at once.
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  /// Ends at once, and asks nothing of the Manager any more; what is said of a configuration that
  /// is in force goes nowhere then. On the thread that made it.
  void stop();

  /// Listens, as [manage] of the configuration in force says. `certificate`: of [manage.tls].
  Result<void> start(const ManagePlace& place, std::optional<tls::Context> certificate);

  /// A configuration is in force; with the certificate of its [manage.tls], if this speaks TLS.
  void took(const ManageConfig& manage, std::optional<tls::Context> certificate);
  bool speaks_tls() const { return public_ && public_->speaks_tls(); }

  /// The relay ends, and will have stopped some time: another one may take the place.
  void relay_drains();
  /// It has stopped: what streams ends, after what there is to say, within a second. Then `ended`,
  /// on the front's thread.
  void end(std::function<void()> ended);

  /// Where it listens: `unix:/path`, `127.0.0.1:9091`.
  std::vector<std::string> addresses() const;

 private:
  Result<void> listen_locally(const ManageConfig& manage, const ManagePlace& place);
  Result<void> listen_publicly();
  void try_again();
  void tell_addresses(const Entrance& entrance, Level level);
  void one_ended();

  const FrontOptions options_;
  std::unique_ptr<loop::LoopThread> thread_;
  std::optional<Rooms> rooms_;
  std::optional<SocketFile> socket_;
  std::optional<Entrance> local_;            // the Unix socket
  std::optional<Entrance> public_;           // TCP
  std::vector<loop::ListenAddress> wanted_;  // by TCP, while another relay has them
  std::optional<base::Timer> again_;
  bool reuse_port_ = false;
  int running_ = 0;  // entrances that have not ended
  std::function<void()> ended_;
};

}  // namespace ccrelay::api
