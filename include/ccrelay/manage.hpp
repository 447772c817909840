#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/manage_access.hpp>
#include <ccrelay/manage_config.hpp>
#include <ccrelay/manage_events.hpp>
#include <ccrelay/manage_logs.hpp>
#include <ccrelay/manage_page.hpp>
#include <ccrelay/manage_status.hpp>
#include <ccrelay/manage_types.hpp>
#include <ccrelay/manage_usage.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ccrelay::manage {
class Core;
}

namespace ccrelay::management {

/// Looks at a running relay and steers it: Relay::manager(). What a front of the management API
/// shows is what is told here, and no front knows more of the relay.
///
/// Thread: any, several at once; not from an Observer. Looks read counters and state that workers
/// keep, each item consistent in itself, and do no I/O. What is about running requests is asked of
/// their workers, who answer between two things that they do: it waits for a second at most
/// (deadline_exceeded), and on the thread of an attached relay's loop it is done at once.
///
/// Actions are idempotent: asking for what is already so succeeds with `changed` false. When one
/// has returned, it holds on every worker. What operators set goes above health, affinity and
/// strategy, survives a reload for what kept its name, and is forgotten at a restart. Each is told
/// to the observer as a note `managed`. While the relay drains, all but cancel() are unavailable.
///
/// Names are compared exactly; an unknown one is not_found, and says what there is.
class [[gnu::visibility("default")]] Manager {
 public:
  explicit Manager(manage::Core & core) : core_(core) {}
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// Who may come in; for fronts.
  Access& access() {
    return access_;
  }

  ServerInfo info() const;
  /// A front says where it serves management, for ServerInfo::management_addresses.
  void serves_at(std::string address);
  /// With the last `history_seconds` seconds, 0 to 300.
  Reply<Status> status(int history_seconds = 0) const;
  /// What is in force: every setting, also those nobody wrote, and where each comes from.
  EffectiveConfig config() const;
  /// Says what a configuration is worth and what it would change; changes nothing. Empty is the
  /// file as it is now, as reload() would read it (failed_precondition without one). In a text, of
  /// 1 MiB at most (resource_exhausted), `${VAR}` and `${file:}` are not looked up and count as
  /// some value. `done` is called once, perhaps on another thread, which it must not keep for long.
  void validate_config(std::string toml, std::function<void(const Reply<Validation>&)> done) const;

  /// All of the configuration, in its order.
  std::vector<Provider> providers() const;
  Reply<Provider> provider(const std::string& name) const;
  /// All of the configuration, each once even when several providers use it.
  std::vector<Key> keys() const;
  Reply<Key> key(const std::string& fingerprint) const;
  /// Those of the configuration, in its order, then others that were seen since the start.
  std::vector<Client> clients() const;
  Reply<Client> client(const std::string& name) const;
  /// The same by pages. Keys of one provider, where `provider` is not empty.
  Reply<Page<Provider>> list_providers(const PageAsk& page) const;
  Reply<Page<Key>> list_keys(const std::string& provider, const PageAsk& page) const;
  Reply<Page<Client>> list_clients(const PageAsk& page) const;

  /// Those that run, oldest first; or those that ended lately, newest first, of which the relay
  /// remembers `manage.recent_requests`. Without attempts.
  Reply<std::vector<Request>> requests(const RequestFilter& filter = {}, bool ended = false) const;
  /// The same by pages. What begins or ends meanwhile may be missing, and is never there twice.
  Reply<Page<Request>> list_requests(const RequestFilter& filter, bool ended, const PageAsk& page)
      const;
  /// By its id, or the newest with this X-Request-ID; with its attempts and, where they were
  /// recorded, the decisions about it. From then on they are, for a minute, of all that run.
  Reply<Request> request(const std::string& id) const;

  /// From when this returns it gets no request on any worker. What runs goes on, unless it is asked
  /// to end: what has not sent a byte to its client then goes to the next provider.
  Reply<Changed<Provider>> disable_provider(const std::string& name, const Order& order);
  /// New conversations go elsewhere; those at home there stay until they were silent for five
  /// minutes, or the time is up. Then it is disabled.
  Reply<Changed<Provider>> drain_provider(const std::string& name, const Order& order);
  /// Takes the two back. failed_precondition where the configuration itself says `enabled = false`.
  Reply<Changed<Provider>> enable_provider(const std::string& name, const Order& order);
  /// Closes its breaker and forgets the failures in a row.
  Reply<Changed<Provider>> reset_breaker(const std::string& name, const Order& order);

  /// From when this returns it is used for no request, at any provider. What runs goes on.
  Reply<Changed<Key>> disable_key(const std::string& fingerprint, const Order& order);
  Reply<Changed<Key>> enable_key(const std::string& fingerprint, const Order& order);
  /// Forgets cool-downs and refusals; with `reset_budgets` also what was used of its windows and
  /// what the provider told of them.
  Reply<Changed<Key>> reset_key(const std::string& fingerprint, bool reset_budgets,
                                const Order& order);

  /// Ends a request that runs, by its id alone: its transfer is cancelled, its client gets an
  /// error, in-band when bytes have gone out; no provider and no key is blamed. One that has ended
  /// lately: `changed` false.
  Reply<Changed<Request>> cancel(const std::string& id, const Order& order);

  /// Tells what happens to requests from now on, in order for each of them. At most 16 watch at
  /// once (resource_exhausted). While nobody does, a request pays one branch for it.
  Reply<std::unique_ptr<Subscription>> watch(const RequestWatch& watch = {});

  /// Sums of the ledger. Read on a thread for that, for five seconds at most (deadline_exceeded);
  /// failed_precondition without one. A page is as of the first. `done` as of validate_config().
  void query_usage(const UsageQuery& query, std::function<void(const Reply<UsageReport>&)> done)
      const;
  /// The single requests behind them, likewise; new entries do not shift the pages.
  void list_usage_records(const UsageRecordsQuery& query,
                          std::function<void(const Reply<UsageRecords>&)> done) const;

  /// The whole again and again.
  Reply<std::unique_ptr<StatusSubscription>> watch_status(const StatusWatch& watch = {});

  /// How much is logged.
  LogLevelState log_level() const;
  /// Sets it over the configuration's, for a while (`ttl`) or until it is set again; `unspecified`
  /// takes it back. A reload keeps it, a restart forgets it.
  Reply<Changed<LogLevelState>> set_log_level(LogLevel level, const Order& order);
  /// Lines as they are made, behind lines of before, of which the relay remembers
  /// `manage.log_lines` and the requests that ended lately. The level stays as it is: at `info`
  /// there are no debug lines to see.
  Reply<std::unique_ptr<LogSubscription>> watch_logs(const LogWatch& watch);

  /// Has the configuration read again, as Relay::reload() does, and tells how that went: `done` is
  /// called once, on another thread, and must not block; not at all when the relay is destroyed
  /// before. A bad file changes nothing: failed_precondition, with every mistake, one a line, and
  /// as Refusal::diagnostics. While another reload runs: aborted.
  void reload(const Order& order, std::function<void(const Reply<ReloadReport>&)> done);

 private:
  manage::Core& core_;
  Access access_{core_};
};

}  // namespace ccrelay::management
