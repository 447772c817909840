#include "relay/parts.hpp"

#include <ccrelay/config_load.hpp>

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "api/front.hpp"
#include "base/assert.hpp"
#include "config/address.hpp"
#include "http/via.hpp"
#include "relay/bound_addresses.hpp"
#include "relay/descriptors.hpp"

namespace ccrelay {

using relay::WorkerTree;
using worker::Snapshot;

namespace {

// A variable that can't be looked up is none, and so is a proof that can't be made.
template <class Answer>
std::function<Answer(std::string_view)> guarded(std::function<Answer(std::string_view)> call) {
  if (!call) return nullptr;
  return [call = std::move(call)](std::string_view asked) -> Answer {
    try {
      return call(asked);
    } catch (...) {
      return {};
    }
  };
}

// One that throws traces nothing.
std::optional<double> sample_ratio_of(const Telemetry* telemetry) {
  try {
    return telemetry ? telemetry->sample_ratio() : std::nullopt;
  } catch (...) {
    return {};
  }
}

void run_loop(uv_loop_t* uv) {
  // A client that left turns a write into SIGPIPE, whose default would end the program.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  uv_run(uv, UV_RUN_DEFAULT);
}

// The program reads its configuration for a reload, and for whoever asks what the file is worth:
// for one of them at a time.
RelayOptions one_reading_at_a_time(RelayOptions options) {
  if (!options.reload) return options;
  const auto mutex = std::make_shared<std::mutex>();
  options.reload = [mutex, read = std::move(options.reload)] {
    const std::lock_guard lock(*mutex);
    return read();
  };
  if (!options.reloaded) return options;
  options.reloaded = [mutex, ended = std::move(options.reloaded)](const Config* config) {
    const std::lock_guard lock(*mutex);
    ended(config);
  };
  return options;
}

std::function<void()> guarded_end(std::function<void(const Config*)> reloaded) {
  return [reloaded = std::move(reloaded)] {
    try {
      if (reloaded) reloaded(nullptr);
    } catch (...) {
      // The program's own affair.
    }
  };
}

// Of a file that is only judged: the program is told that the configuration of before stays.
std::function<ConfigReading()> judged(const RelayOptions& options) {
  if (!options.reload) return {};
  return [read = options.reload, ended = guarded_end(options.reloaded)] {
    try {
      ConfigReading reading = read();
      ended();
      return reading;
    } catch (...) {
      ended();
      throw;
    }
  };
}

}  // namespace

Relay::Parts::Parts(RelayOptions options)
    : options_(one_reading_at_a_time(std::move(options))),
      clock_(options_.clock ? *options_.clock : Clock::system()),
      shared_(options_.environment ? guarded(options_.environment) : process_environment()),
      manage_(shared_, clock_) {
  shared_.observer = options_.observer;
  shared_.ledger = options_.ledger;
  shared_.telemetry = options_.telemetry;
  shared_.sample_ratio = sample_ratio_of(options_.telemetry);
  shared_.spending.use(options_.ledger);
  shared_.read_config = judged(options_);
  shared_.loading = {options_.provider_types, options_.strategies, options_.environment, {}};
  shared_.proofs = guarded(options_.proofs);
  // Never from a seed that another relay may have too.
  shared_.via_name = fmt::format("{}{:016x}", http::relay_name_begin, base::Rng::system_seed());
  seed_ = options_.random_seed ? options_.random_seed : base::Rng::system_seed();
}

Relay::Parts::~Parts() {
  if (front_) front_->stop();  // it asks the workers
  for (auto& worker : workers_) {
    if (!worker->thread.joinable()) continue;
    worker->tree->loop().post([tree = worker->tree.get(), uv = &worker->own_loop] {
      tree->close_all();
      uv_stop(uv);
    });
    worker->thread.join();
  }
  reload_.reset();
  shared_.watchers->close();
  shared_.log->close();
  manage_.close();
  for (auto& worker : workers_) {
    worker->tree.reset();
    if (!worker->owns_loop) continue;
    uv_run(&worker->own_loop, UV_RUN_DEFAULT);  // the handles' close callbacks
    CCRELAY_ASSERT(uv_loop_close(&worker->own_loop) == 0, "every handle was closed");
  }
}

Result<void> Relay::Parts::load(Config config) {
  const std::lock_guard one_at_a_time(load_mutex_);
  const auto before = shared_.snapshot();
  // Before they are read: what changes meanwhile is another then.
  relay::FilesRead files{config.files, relay::files_of(config)};
  std::optional<tls::Context> certificate;
  const bool speaks_tls = workers_.empty() || shared_.front.tls.enabled();
  if (config.server.tls.enabled() && speaks_tls) {
    auto read = tls::load_context(config.server.tls, config.server.enable_http2, clock_.wall());
    if (!read) return read.error();
    certificate.emplace(std::move(*read));
  }
  auto of_management = manage_certificate(config.manage);
  if (!of_management) return of_management.error();
  auto snapshot =
      worker::Snapshot::build(std::move(config), options_, shared_.vaults, before.get());
  if (!snapshot) return snapshot.error();
  // Not what the configuration says of them: a file that has changed does not move them.
  if (auto fits = relay::check_addresses(addresses_, **snapshot); !fits) return fits;
  if (front_) {
    auto fits = relay::check_management(front_->addresses(), front_->speaks_tls(),
                                        (*snapshot)->config.manage);
    if (!fits) return fits;
  }
  if (!before || !changes(before->config, (*snapshot)->config).empty()) ++shared_.generation;
  shared_.swap(std::move(*snapshot));
  if (certificate) {
    warnings_ = certificate->warnings;
    shared_.front.tls.use(std::move(*certificate));
  }
  if (*of_management) {
    for (const std::string& warning : (*of_management)->warnings) warnings_.push_back(warning);
  }
  if (front_) {
    front_->took(shared_.snapshot()->config.manage, std::move(*of_management));
  } else {
    manage_certificate_ = std::move(*of_management);
  }
  if (workers_.empty()) {
    files_ = std::move(files);
  } else {
    workers_.front()->tree->loop().post(
        [this, warnings = std::exchange(warnings_, {}), files = std::move(files)] {
          report(warnings);
          reload_->took(files);
        });
  }
  return {};
}

void Relay::Parts::report(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    workers_.front()->tree->reporter().note(Level::warn, "certificate_warning", warning);
  }
}

Result<void> Relay::Parts::open(uv_loop_t* uv) {
  if (uv) farewell_ = std::make_unique<relay::Farewell>(*uv, options_.stopped);
  const auto snapshot = shared_.snapshot();
  const ServerConfig& config = snapshot->config.server;
  const int count = uv ? 1 : config.workers;
  shared_.front.connections_max =
      std::min(config.max_connections, relay::connections_possible(count));
  shared_.front.by_network.limit(config.max_connections_per_address);
  auto addresses = wanted_addresses(config);
  if (!addresses) return addresses.error();
  if (auto fits = relay::check_addresses(*addresses, *snapshot); !fits) return fits;
  const bool inherited = !options_.listen_sockets.empty();
  const loop::ListenOptions listening{count > 1, config.reuse_port && !inherited};
  // SO_REUSEPORT would let a second relay of the same user share the port without a word: a plain
  // bind finds out first.
  if (listening.shared && !listening.reuse && !inherited && addresses->front().port() != 0) {
    if (auto taken = probe(*addresses, snapshot->config); !taken) return taken.error();
  }
  for (int i = 0; i < count; ++i) {
    auto worker = std::make_unique<Worker>();
    if (!uv) {
      if (auto made = loop::init_loop(worker->own_loop); !made) return made.error();
      worker->owns_loop = true;
    }
    worker->tree = std::make_unique<WorkerTree>(uv ? *uv : worker->own_loop, clock_, shared_,
                                                snapshot->config, seed_ + 0x5bd1e995u * i);
    WorkerTree& tree = *worker->tree;
    workers_.push_back(std::move(worker));
    if (auto done = tree.listen(*addresses, listening); !done) return done.error();
    // With port 0 the first worker gets one; the others share it.
    *addresses = tree.addresses();
  }
  workers_.front()->tree->start_checks();
  make_reload();
  addresses_ = *addresses;
  shared_.started = clock_.now();
  shared_.started_wall = clock_.wall();
  if (uv) workers_.front()->tree->bind();
  for (const auto& address : addresses_) shared_.addresses.push_back(address.text());
  // A free port that was asked for is known now.
  if (auto fits = relay::check_addresses(addresses_, *snapshot); !fits) return fits;
  if (auto opened = open_management(); !opened) return opened;
  report(std::exchange(warnings_, {}));
  report_descriptors(config.max_connections);
  report_addresses(config.tls.enabled());
  reload_->start(std::exchange(files_, {}));
  return {};
}

void Relay::Parts::make_reload() {
  WorkerTree& tree = *workers_.front()->tree;
  reload_ = std::make_unique<relay::Reload>(
      tree.loop(), tree.reporter(), shared_,
      relay::ReloadCalls{options_.reload, [this](Config config) { return load(std::move(config)); },
                         options_.reloaded, [this] { return renew_manage_certificate(); }});
  if (!options_.reload) return;
  shared_.reloads.ask = [this](worker::Reloads::Done done) { ask_reload(std::move(done)); };
}

void Relay::Parts::ask_reload(worker::Reloads::Done done) {
  workers_.front()->tree->loop().post(
      [this, done = std::move(done)]() mutable { reload_->ask(std::move(done)); });
}

Result<std::vector<loop::ListenAddress>> Relay::Parts::wanted_addresses(
    const ServerConfig& config) const {
  if (options_.listen_sockets.empty()) {
    auto addresses = loop::resolve_listen(config.listen);
    if (!addresses) return addresses;
    for (auto& address : *addresses) {
      address.access = {config::parse_mode(config.unix_mode).value_or(0600), config.unix_owner};
    }
    return addresses;
  }
  std::vector<loop::ListenAddress> addresses;
  for (const int socket : options_.listen_sockets) {
    auto address = loop::address_of_socket(socket);
    if (!address) return address.error();
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

void Relay::Parts::report_descriptors(int connections_wanted) {
  const int possible = shared_.front.connections_max;
  // A few that are missing of the default are not worth a line each time.
  if (possible >= connections_wanted - connections_wanted / 10) return;
  workers_.front()->tree->reporter().note(
      Level::warn, "descriptors",
      fmt::format("there are descriptors for {} client connections, fewer than the {} of "
                  "server.max_connections; allow more (ulimit -n, LimitNOFILE=)",
                  possible, connections_wanted));
}

void Relay::Parts::report_addresses(bool tls) {
  for (const auto& address : addresses_) {
    const std::string_view scheme = address.is_unix() ? "" : tls ? "https://" : "http://";
    workers_.front()->tree->reporter().note(
        Level::info, "listening", fmt::format("listening on {}{}", scheme, address.text()));
  }
}

Result<void> Relay::Parts::run_threads() {
  for (auto& worker : workers_) {
    try {
      worker->thread = std::thread([one = worker.get()] {
        one->tree->bind();
        run_loop(&one->own_loop);
      });
    } catch (const std::system_error& error) {
      return Error{
          ErrorCode::internal,
          fmt::format("cannot start worker thread {} of {} (server.workers): {}",
                      &worker - workers_.data() + 1, workers_.size(), error.code().message())};
    }
  }
  return {};
}

void Relay::Parts::stop() {
  if (shared_.draining.exchange(true)) return;
  const auto snapshot = shared_.snapshot();
  const ServerConfig& config = snapshot->config.server;
  const server::DrainTimes times{config.shutdown_grace, config.shutdown_idle,
                                 config.shutdown_timeout};
  running_ = workers_.size();
  if (front_) front_->relay_drains();
  for (auto& worker : workers_) {
    worker->tree->loop().post([this, tree = worker->tree.get(), times] {
      tree->reporter().note(Level::info, "draining", "stopping; running requests may finish");
      if (tree == workers_.front()->tree.get()) reload_->stop();
      tree->drain(times, [this] { worker_done(); });
    });
  }
}

void Relay::Parts::when_turned(std::function<void()> turned) {
  const auto missing = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (auto& worker : workers_) {
    worker->tree->loop().post([missing, turned] {
      if (--*missing == 0) relay::call_guarded(turned);
    });
  }
}

void Relay::Parts::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return told_; });
}

bool Relay::Parts::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

Result<void> Relay::Parts::probe(const std::vector<loop::ListenAddress>& addresses,
                                 const Config& config) {
  uv_loop_t uv;
  Result<void> result = loop::init_loop(uv);
  if (!result) return result;
  {
    WorkerTree tree(uv, clock_, shared_, config, seed_);
    result = tree.listen(addresses, {});
  }
  uv_run(&uv, UV_RUN_DEFAULT);
  uv_loop_close(&uv);
  return result;
}

}  // namespace ccrelay
