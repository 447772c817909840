#pragma once

#include <ccrelay/observer.hpp>
#include <ccrelay/relay.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "identity/desk.hpp"
#include "identity/vaults.hpp"
#include "loop/loop.hpp"
#include "server/server.hpp"
#include "state/homes.hpp"
#include "state/keys.hpp"
#include "state/providers.hpp"
#include "state/refusals.hpp"
#include "state/signatures.hpp"
#include "upstream/client.hpp"
#include "wire/answer_view.hpp"
#include "wire/request_view.hpp"
#include "worker/admission.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::worker {

/// What all workers of a relay share. Thread-safe.
struct Shared {
  explicit Shared(Environment environment) : vaults(std::move(environment)) {}

  Observer* observer = nullptr;
  identity::Vaults vaults;
  state::Keys keys;
  state::Providers providers;
  state::Homes homes;
  state::Signatures signatures;
  state::Refusals refusals;
  server::Common front;
  Admission admission;
  std::atomic<bool> draining{false};

  std::shared_ptr<const Snapshot> snapshot() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }
  /// From now on requests go by this one. What is known of keys, providers and conversations stays.
  void swap(std::shared_ptr<const Snapshot> next) {
    std::vector<const state::Pool*> pools;
    for (const Entry& entry : next->entries) pools.push_back(&entry.pool);
    keys.configure(pools);
    const RoutingConfig& routing = next->config.routing;
    homes.limit(static_cast<std::size_t>(routing.conversations_max));
    signatures.limit(static_cast<std::size_t>(routing.signatures_max));
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;
};

/// Tells the observer, and when a turn in which something was told is over.
class Reporter final : public loop::TurnTask {
 public:
  Reporter(loop::Loop& loop, Observer* observer) : TurnTask(loop), observer_(observer) {}

  void request_finished(const RequestSummary& summary) {
    if (!observer_) return;
    observer_->request_finished(summary);
    schedule();
  }
  bool wants(Level level) const { return observer_ && observer_->note_level() <= level; }
  void note(Level level, std::string_view event, std::string message, std::string request_id = {},
            std::vector<Note::Field> fields = {}) {
    if (!wants(level)) return;
    Note note;
    note.time = loop().clock().wall();
    note.level = level;
    note.event = event;
    note.message = std::move(message);
    note.request_id = std::move(request_id);
    note.fields = std::move(fields);
    observer_->noted(note);
    schedule();
  }

 private:
  void run_at_turn_end() override { observer_->turn_ended(); }
  Observer* observer_;
};

/// What the requests of one worker use. One thread.
struct Tools {
  loop::Loop& loop;
  upstream::Client& upstream;
  identity::Desk& identity;
  Shared& shared;
  Reporter& report;
  base::Rng& rng;
  wire::RequestReader& request_reader;
  wire::AnswerFacts& answer_reader;
};

}  // namespace ccrelay::worker
