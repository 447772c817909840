#include <ccrelay/checks.hpp>
#include <ccrelay/relay.hpp>

#include <pthread.h>
#include <signal.h>
#include <uv.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/timer_queue.hpp"
#include "checks/probe.hpp"

namespace ccrelay {
namespace {

using checks::Probe;
using worker::Entry;
using worker::Snapshot;

/// A write to who has gone is SIGPIPE, whose default would end the program. The calling thread is
/// left as it was.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before_);
    was_pending_ = is_pending();
  }
  ~NoPipeSignal() {
    if (!was_pending_ && is_pending()) {
      sigset_t pipe;
      sigemptyset(&pipe);
      sigaddset(&pipe, SIGPIPE);
      int taken = 0;
      sigwait(&pipe, &taken);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  static bool is_pending() {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
  }
  sigset_t before_;
  bool was_pending_ = false;
};

// In the order of the configuration; those of a snapshot go by priority.
std::vector<const Entry*> wanted_entries(const Snapshot& snapshot, const std::string& only) {
  std::vector<const Entry*> out;
  for (const Entry& entry : snapshot.entries) {
    if (only.empty() || entry.config->name == only) out.push_back(&entry);
  }
  std::sort(out.begin(), out.end(),
            [](const Entry* a, const Entry* b) { return a->config < b->config; });
  return out;
}

// `awake` lives until the loop has ended.
std::vector<ProviderCheck> probe_all(uv_loop_t& uv, uv_async_t& awake, const Snapshot& snapshot,
                                     const ProviderCheckOptions& options) {
  loop::Loop loop(uv, Clock::system());
  upstream::Client client(loop);
  identity::Desk desk(loop, client);
  std::vector<std::unique_ptr<Probe>> probes;
  std::size_t open = 0;
  for (const Entry* entry : wanted_entries(snapshot, options.only)) {
    probes.push_back(
        std::make_unique<Probe>(Probe::Tools{loop, client, desk}, *entry, [&open, &uv] {
          if (--open == 0) uv_stop(&uv);
        }));
  }
  if (!options.offline && !probes.empty()) {
    open = probes.size();
    for (const auto& probe : probes) probe->begin();
    base::Timer limit(loop.timers(), [&probes, &options, &uv] {
      for (const auto& probe : probes) probe->give_up(options.timeout);
      uv_stop(&uv);
    });
    limit.arm(loop.now() + options.timeout);
    // A loop waits for handles alone, and a name may be all that it is waiting for.
    uv_async_init(&uv, &awake, nullptr);
    uv_run(&uv, UV_RUN_DEFAULT);
    uv_close(reinterpret_cast<uv_handle_t*>(&awake), nullptr);
  }
  std::vector<ProviderCheck> results;
  for (const auto& probe : probes) results.push_back(probe->result());
  // What they have buried refers to the client, which goes before the loop does.
  probes.clear();
  loop.empty_graveyard();
  return results;
}

}  // namespace

Result<std::vector<ProviderCheck>> check_providers(const Config& config,
                                                   const ProviderCheckOptions& options) {
  const NoPipeSignal no_pipe_signal;
  identity::Vaults vaults(options.environment ? options.environment : process_environment());
  const auto snapshot = Snapshot::build(config, RelayOptions{}, vaults);
  if (!snapshot) return snapshot.error();
  uv_loop_t uv;
  if (auto made = loop::init_loop(uv); !made) return made.error();
  uv_async_t awake;
  std::vector<ProviderCheck> results = probe_all(uv, awake, **snapshot, options);
  uv_run(&uv, UV_RUN_DEFAULT);  // the handles' close callbacks
  uv_loop_close(&uv);
  return results;
}

}  // namespace ccrelay
