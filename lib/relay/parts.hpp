#pragma once

#include <ccrelay/relay.hpp>

#include <uv.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "manage/core.hpp"
#include "relay/farewell.hpp"
#include "relay/reload.hpp"
#include "relay/worker_tree.hpp"
#include "tls/context.hpp"

namespace ccrelay::api {
class Front;
}

namespace ccrelay {

/// The workers of one relay and what they share. With threads of its own each worker has a loop of
/// its own; attached there is one worker on the caller's loop. Made, opened and destroyed on one
/// thread; load() and stop() may come from any.
class Relay::Parts {
 public:
  explicit Parts(RelayOptions options);
  ~Parts();

  /// Takes a configuration: checked as a whole, then swapped in. A bad one changes nothing.
  Result<void> load(Config config);
  /// Has the configuration read again by RelayOptions::reload. Any thread.
  void ask_reload(worker::Reloads::Done done);
  /// Listens. `uv` null: on loops that run_threads() will turn.
  Result<void> open(uv_loop_t* uv);
  Result<void> run_threads();
  void when_turned(std::function<void()> turned);
  void stop();
  void wait();
  bool stopped() const;

  worker::Shared& shared() { return shared_; }
  management::Manager& manager() { return manage_.manager(); }
  const std::vector<loop::ListenAddress>& addresses() const { return addresses_; }
  std::vector<std::string> manage_addresses() const;

 private:
  struct Worker {
    uv_loop_t own_loop;
    bool owns_loop = false;
    std::unique_ptr<relay::WorkerTree> tree;
    std::thread thread;
  };

  Result<void> probe(const std::vector<loop::ListenAddress>& addresses, const Config& config);
  Result<std::vector<loop::ListenAddress>> wanted_addresses(const ServerConfig& config) const;
  void make_reload();
  void report(const std::vector<std::string>& warnings);
  void report_descriptors(int connections_wanted);
  void report_addresses(bool tls);
  void worker_done();
  void tell_stopped();
  /// Of [manage.tls], where that is spoken.
  Result<std::optional<tls::Context>> manage_certificate(const ManageConfig& manage);
  /// Reads it again; its warnings, or nothing where there is none.
  Result<std::optional<std::vector<std::string>>> renew_manage_certificate();
  Result<void> open_management();

  std::mutex load_mutex_;
  std::vector<std::string> warnings_;  // of a certificate, until somebody can be told
  relay::FilesRead files_;             // of the first configuration
  const RelayOptions options_;
  const Clock& clock_;
  std::uint64_t seed_;
  worker::Shared shared_;
  manage::Core manage_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<relay::Reload> reload_;  // on the first worker's loop
  std::vector<loop::ListenAddress> addresses_;
  std::atomic<std::size_t> running_{0};
  mutable std::mutex mutex_;
  std::condition_variable done_;
  bool stopped_ = false;
  bool told_ = false;  // RelayOptions::stopped has returned, or will be called
  std::unique_ptr<relay::Farewell> farewell_;       // attached only
  std::optional<tls::Context> manage_certificate_;  // until there is a front
  std::unique_ptr<api::Front> front_;  // of the management; none where it is nowhere to be reached
};

}  // namespace ccrelay
