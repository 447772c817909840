#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/config.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/router.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct uv_loop_s;

namespace ccrelay {

class Ledger;
class Telemetry;
namespace management {
class Manager;
}

/// What a program may bring along; none of it changes after the start. Everything pointed to
/// outlives the relay. What is called may throw (but for the clock), which never ends the program:
/// what it costs stands beside Provider, Router and Observer.
struct RelayOptions {
  Observer* observer = nullptr;  ///< told about requests; none by default
  /// Where what was used and what it cost is kept, and read from for the budgets of clients: made
  /// by make_ledger(), and told of requests as the observer is. None by default: then budgets are
  /// counted in memory, by days of UTC. A reload tells it nothing: call Ledger::reconfigure() in
  /// `reloaded`.
  Ledger* ledger = nullptr;
  /// Who hands traces and figures of requests to an OpenTelemetry collector, told of requests as
  /// the observer is: made by make_telemetry(). None by default: then the client's `traceparent`
  /// goes to providers as it came.
  Telemetry* telemetry = nullptr;
  const Clock* clock = nullptr;   ///< the system's by default
  std::uint64_t random_seed = 0;  ///< for retry jitter and request ids; 0 = from the system
  /// Further provider types: `type` in the configuration -> how to make one. The loader wants to
  /// know them too (LoadOptions).
  ProviderTypes provider_types;
  /// Further words for `routing.strategy`. As above.
  Strategies strategies;
  /// Orders the providers whatever `routing.strategy` says. Thread-safe.
  std::shared_ptr<Router> router;
  /// Where the identities of clouds are looked for, by the variables that each cloud's own tools
  /// read; null: the process's environment. Thread-safe. One that throws has no such variable.
  std::function<std::optional<std::string>(std::string_view name)> environment;
  /// Shows a program on this machine that this is the relay it means, before it says anything
  /// secret: what GET /?nonce=N says in `proofs`, such as an HMAC of N by a key that both know.
  /// Only clients on the loopback or a Unix socket are answered, and N is 16 to 128 letters and
  /// digits. Called on the workers' threads; null, or one that throws: there are no proofs.
  std::function<std::vector<std::string>(std::string_view nonce)> proofs;
  /// Called once, when a stop() has run its course and stopped() is true. For attach(): on the
  /// loop, with nothing of the relay on the stack, so that the relay may be destroyed in it. For
  /// start(): on a worker's thread, before wait() returns; the relay must not be destroyed in it.
  /// Not called when the relay is destroyed before. What it throws is dropped.
  std::function<void()> stopped;
  /// Sockets that listen already, TCP or Unix, as a service manager passes them: served in place of
  /// `server.listen`. The relay takes copies, and the caller may close its own. Whoever else has
  /// one, such as systemd, keeps its clients waiting while no relay runs, instead of refused.
  std::vector<int> listen_sockets;
  /// Reads the configuration again, such as `[=] { return read_config_file(path, {}); }`: when one
  /// of its files has changed (`server.watch_config`), at reload() without a configuration, and at
  /// `POST /-/reload`; and when somebody asks what the file is worth (Manager::validate_config),
  /// which changes nothing. What it returns goes the way of reload(config), and the observer is
  /// told: `reloaded`, `reload_failed`. Which files to watch it says itself (ConfigReading::files);
  /// at the start those of Config::files are. Called on a thread of its own, never twice at once; a
  /// mistake may cause a second call, as the file may be half written. Null: the relay reads its
  /// certificate again when that has changed, and no more.
  std::function<ConfigReading()> reload;
  /// Called behind each of these on the same thread: with what is in force now, or null where the
  /// one before stays. What it throws is dropped.
  std::function<void(const Config* config)> reloaded;
};

/// The whole relay: listens, relays, reports. Start here.
///
/// Either it runs its own threads (start) or lives on a libuv loop of the embedding program
/// (attach). There is no global state: a process may hold several. No signals are handled, nothing
/// is printed, no exception leaves it. Which member may be called from where stands beside each;
/// from an Observer, beside that.
class [[gnu::visibility("default")]] Relay {
 public:
  /// Listens and serves on `config.server.workers` threads of its own. When this returns, clients
  /// can connect. The error says what is wrong with the configuration or the address.
  static Result<std::unique_ptr<Relay>> start(Config config, RelayOptions options = {});

  /// Serves on a loop that the caller owns and turns (`workers` must be 1). Create, use and destroy
  /// the relay on that loop's thread, and turn the loop once more after destroying it: libuv frees
  /// handles a turn later. The program ignores SIGPIPE, as libuv asks of it. The relay keeps the
  /// loop alive (uv_run() goes on) until a stop() has run its course; RelayOptions::stopped says
  /// when that is.
  static Result<std::unique_ptr<Relay>> attach(uv_loop_s & loop, Config config,
                                               RelayOptions options = {});

  /// Ends at once: connections are cut, transfers cancelled, threads joined. For a gentle end call
  /// stop() and wait() first.
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// The port it listens on; of use when port 0 was asked for. Thread-safe.
  std::uint16_t port() const;
  /// All addresses it listens on, as `127.0.0.1:8787` or `[::1]:8787`. Thread-safe.
  std::vector<std::string> addresses() const;
  /// Where its management listens ([manage]): the same, and `unix:/path`. Thread-safe.
  std::vector<std::string> manage_addresses() const;

  /// Ends gently. At once /health says 503 and each answer is the last one of its connection; for
  /// `server.shutdown_grace` new connections are taken all the same. Then none are, but for those
  /// that wait already; running requests have `server.shutdown_timeout` to finish. What is left is
  /// told so, a stream by an error event, anything else by 503, and gets `timeouts.client_linger`
  /// to take that. Returns at once. Thread-safe; further calls do nothing.
  void stop();
  /// Blocks until a stop() has run its course. Only for start(); not from an Observer. Thread-safe.
  void wait();
  /// True once a stop() has run its course. Thread-safe.
  bool stopped() const;

  /// Takes a new configuration for requests that arrive from now on; running ones keep theirs, and
  /// the providers and the router that belong to it. A bad one changes nothing; so is one that
  /// would leave the addresses it listens on open to everybody, or that has one of them as a
  /// provider. What is known of keys, providers, conversations and limits survives for what kept
  /// its name.
  ///
  /// A setting that is read at the start alone is taken without an error and has no effect until
  /// the next start. Which those are: changes(before, after) in config_load.hpp says it of each
  /// that differs (ConfigChange::needs_restart), and the head of docs/configuration.md lists them.
  /// `logging` is the Observer's, whom nobody tells. RelayOptions stay. Thread-safe; may be called
  /// from an Observer.
  Result<void> reload(Config config);
  /// Has it read by RelayOptions::reload, and goes by what that says, as above. Returns at once;
  /// the observer is told. Thread-safe; may be called from an Observer.
  void reload();

  /// Calls `turned` once the loop of every worker has come round to the question: none of them
  /// hangs. One that does, such as in a call of the embedding program's, keeps it from being called
  /// until it goes on; what a watchdog makes of that is the program's. It is called on the thread
  /// of the worker that came last, must return soon, and may throw, which is dropped. A question
  /// is forgotten when the relay stops or is destroyed. Costs nothing but when it is asked.
  /// Thread-safe; may be called from an Observer.
  void when_turned(std::function<void()> turned);

  /// Looks at the relay and steers it (manage.hpp); it lives as long as the relay does.
  /// Thread-safe.
  management::Manager& manager();

  /// Requests being relayed at this moment, over all workers. Thread-safe.
  std::size_t in_flight() const;

 private:
  class Parts;
  explicit Relay(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// The version of the library, such as "0.1.0".
[[gnu::visibility("default")]] std::string_view version();

}  // namespace ccrelay
