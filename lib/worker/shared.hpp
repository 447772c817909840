#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/ledger.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/telemetry.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/vaults.hpp"
#include "server/server.hpp"
#include "state/client_limits.hpp"
#include "state/homes.hpp"
#include "state/keys.hpp"
#include "state/output_averages.hpp"
#include "state/prompt_caches.hpp"
#include "state/providers.hpp"
#include "state/recall.hpp"
#include "state/refusals.hpp"
#include "state/signatures.hpp"
#include "worker/admission.hpp"
#include "worker/census.hpp"
#include "worker/directory.hpp"
#include "worker/idle_connections.hpp"
#include "worker/labels.hpp"
#include "worker/log_book.hpp"
#include "worker/made_token.hpp"
#include "worker/recent.hpp"
#include "worker/reloads.hpp"
#include "worker/seats.hpp"
#include "worker/snapshot.hpp"
#include "worker/spending.hpp"
#include "worker/tally.hpp"
#include "worker/traces.hpp"
#include "worker/watchers.hpp"

namespace ccrelay::worker {

/// What all workers of a relay share. Thread-safe.
struct Shared {
  explicit Shared(Environment given) : environment(std::move(given)), vaults(environment) {}

  const Environment environment;

  Observer* observer = nullptr;
  std::function<std::vector<std::string>(std::string_view nonce)> proofs;  // may be null
  std::function<ConfigReading()> read_config;  // by the program; may be null
  LoadOptions loading;                         // what a configuration may name
  /// What this relay is called in Via; each one that runs has a name of its own.
  std::string via_name;
  identity::Vaults vaults;
  state::Keys keys;
  state::Providers providers;
  state::Homes homes;
  state::PromptCaches prompts;
  state::OutputAverages outputs;
  state::Signatures signatures;
  state::Recalls recalls;
  state::Refusals refusals;
  state::ClientLimits limits;
  Spending spending;
  Ledger* ledger = nullptr;        // may be null
  Telemetry* telemetry = nullptr;  // may be null
  /// Of new traces, so many are sampled; nothing: requests are not traced.
  std::optional<double> sample_ratio;
  server::Common front;
  Admission admission;
  Labels labels;
  Census census;
  Reloads reloads;
  Directory directory;
  IdleConnections idle_connections;
  Tallies tallies;
  Recent recent;
  Traces traces;
  MadeToken made_token;
  const std::shared_ptr<Watchers> watchers = std::make_shared<Watchers>();  // outlived by readers
  const std::shared_ptr<LogBook> log = std::make_shared<LogBook>();         // likewise
  const std::shared_ptr<Seats> seats = std::make_shared<Seats>();           // likewise
  std::atomic<std::uint64_t> requests_begun{0};  // the last is the number of the last
  std::atomic<std::uint64_t> generation{0};      // of the configuration: one more with each
  WallTime started_wall{};
  std::atomic<bool> draining{false};
  TimePoint started{};                 // set, as the next, before anybody is served
  std::vector<std::string> addresses;  // where it listens

  std::shared_ptr<const Snapshot> snapshot() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }
  /// From now on requests go by this one. What is known of keys, providers and conversations
  /// stays, but for what a person may just have mended.
  void swap(std::shared_ptr<const Snapshot> next) {
    std::vector<const state::Pool*> pools;
    for (const Entry& entry : next->entries) pools.push_back(&entry.pool);
    keys.configure(pools);
    keys.forgive();
    limits.configure(quotas_of(next->config.server.auth.clients));
    const RoutingConfig& routing = next->config.routing;
    homes.limit(static_cast<std::size_t>(routing.conversations_max));
    prompts.limit(static_cast<std::size_t>(routing.conversations_max));
    signatures.limit(static_cast<std::size_t>(routing.signatures_max));
    recalls.resize(static_cast<std::size_t>(next->config.translation.memory_max));
    labels.configure(*next);
    log->configure(next->config.logging.level,
                   static_cast<std::size_t>(next->config.manage.log_lines));
    const ManageConfig& manage = next->config.manage;
    recent.limit(static_cast<std::size_t>(manage.recent_requests));
    traces.configure(manage.trace, static_cast<std::size_t>(manage.recent_requests));
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace ccrelay::worker
