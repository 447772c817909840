#include <ccrelay/config_load.hpp>
#include <ccrelay/log_observer.hpp>
#include <ccrelay/relay.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"
#include "config_check.hpp"
#include "demo.hpp"
#include "descriptor_limit.hpp"
#include "effective_config.hpp"
#include "freed_memory.hpp"
#include "grpc_module.hpp"
#include "inherited_sockets.hpp"
#include "own_ledger.hpp"
#include "own_telemetry.hpp"
#include "presence.hpp"
#include "service_notify.hpp"
#include "signals.hpp"
#include "watchdog.hpp"

namespace ccrelay::app {
namespace {

Level level_named(const std::string& name) {
  for (const Level level : {Level::debug, Level::info, Level::warn}) {
    if (to_string(level) == name) return level;
  }
  return Level::error;
}

void apply(const ServeOptions& options, Config& config) {
  if (!options.listen.empty()) config.server.listen = options.listen;
  if (!options.manage.empty()) config.manage.listen = options.manage;
  if (!options.grpc.empty()) config.grpc.listen = options.grpc;
  if (options.debug) {
    config.logging.level = Level::debug;
    config.routing.debug = true;
  }
  if (!options.log_level.empty()) config.logging.level = level_named(options.log_level);
  if (options.log_format == "json") config.logging.format = LogFormat::json;
  if (options.log_format == "text") config.logging.format = LogFormat::text;
}

// The demo takes only what was asked for by --config, and its own provider.
ConfigReading wanted_config(const ServeOptions& options, const Demo* demo) {
  ConfigReading reading = demo != nullptr && options.config.empty()
                              ? ConfigReading{Config{}}
                              : effective_reading(options.config, options.listen);
  if (!reading.config) return reading;
  set_own_defaults(*reading.config);
  if (demo != nullptr) {
    reading.config->providers = {demo->provider()};
    auto& prices = reading.config->prices;
    prices.insert(prices.begin(), demo->price());
  }
  apply(options, *reading.config);
  return reading;
}

std::string provider_names(const Config& config) {
  std::string names;
  for (const ProviderConfig& provider : config.providers) {
    if (!provider.enabled) continue;
    if (!names.empty()) names += ", ";
    names += provider.name;
  }
  return names.empty() ? "none" : names;
}

void print_demo_call(const std::string& url, const Config& config) {
  const AuthConfig& auth = config.server.auth;
  const bool locked = !auth.api_key.empty() || !auth.bearer_secret.empty() || !auth.clients.empty();
  say(
      fmt::format("Try it:\n\n"
                  "curl -N {}/v1/messages -H 'content-type: application/json' {}\\\n"
                  "  -d '{{\"model\":\"demo\",\"max_tokens\":200,\"stream\":true,"
                  "\"messages\":[{{\"role\":\"user\",\"content\":\"Hello, relay!\"}}]}}'\n\n",
                  url, locked ? "-H 'x-api-key: YOUR-RELAY-KEY' " : ""));
}

// Where it listens and what it has read always; what to do next is for a person.
void greet(const Relay& relay, const Config& config, bool demo) {
  const std::string_view scheme = config.server.tls.enabled() ? "https://" : "http://";
  std::string places;
  for (const std::string& address : relay.addresses()) {
    if (!places.empty()) places += ", ";
    if (address.rfind("unix:", 0) != 0) places += scheme;
    places += address;
  }
  say(fmt::format("cc-relay {} listening on {}\n", version(), places));
  if (demo) {
    const std::string first = places.substr(0, places.find(','));
    const bool is_unix = first.rfind("unix:", 0) == 0;
    print_demo_call(
        is_unix ? fmt::format("--unix-socket {} {}relay", first.substr(5), scheme) : first, config);
  } else {
    const std::string keyless = without_key(config);
    say(fmt::format(
        "  configuration: {}\n{}",
        config.source.empty() ? "built in (write one with: cc-relay config init)" : config.source,
        keyless.empty() ? "" : fmt::format("  without key:   {}\n", keyless)));
    if (::isatty(STDERR_FILENO) == 1) {
      say(
          fmt::format("  providers:     {}\n"
                      "  next:          cc-relay config cc init   (or: cc-relay claude)\n",
                      provider_names(config)));
    }
  }
}

// How long that may take, so that the service manager waits as long, and a little more.
std::string stopping(const Config& config) {
  const std::chrono::microseconds longest = config.server.shutdown_grace +
                                            config.server.shutdown_timeout +
                                            config.timeouts.client_linger + std::chrono::seconds(5);
  return fmt::format("STOPPING=1\nSTATUS=finishing requests\nEXTEND_TIMEOUT_USEC={}",
                     longest.count());
}

// A running relay and what the signals do to it.
class Serving {
 public:
  /// `grpc` may be null.
  Serving(const Config& started_with, LogObserver& log, Relay& relay, management::GrpcServer* grpc,
          Signals& signals)
      : started_with_(started_with),
        log_(log),
        relay_(relay),
        grpc_(grpc),
        signals_(signals),
        watchdog_(relay) {}
  ~Serving() {
    if (waiter_.joinable()) waiter_.join();
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  /// Until the relay has come to a gentle end.
  void run() {
    while (!ended_) {
      switch (const int signal = signals_.next(watchdog_.until_due())) {
        case 0:
          watchdog_.ask();
          break;
        case SIGINT:
        case SIGTERM:
          stop(signal);
          break;
        case SIGHUP:
          relay_.reload();
          break;
        case SIGUSR1:
          log_.reopen();
          note(Level::info, "log_reopened", "the log file was opened again");
          break;
        default:
          break;
      }
    }
  }

 private:
  void stop(int signal) {
    if (waiter_.joinable()) ::_exit(128 + signal);  // the second one: at once
    notify_service(stopping(started_with_));
    if (grpc_) grpc_->drain();
    relay_.stop();
    if (const std::size_t running = relay_.in_flight(); running > 0) {
      say(fmt::format("cc-relay: finishing {} request{}; once more to stop at once\n", running,
                      running == 1 ? "" : "s"));
    }
    waiter_ = std::thread([this] {
      relay_.wait();
      if (grpc_) grpc_->stop();
      ended_ = true;
      signals_.poke();
    });
  }

  void note(Level level, std::string_view event, std::string message) {
    Note made;
    made.time = Clock::system().wall();
    made.level = level;
    made.event = event;
    made.message = std::move(message);
    log_.noted(made);
    log_.turn_ended();
  }

  const Config& started_with_;
  LogObserver& log_;
  Relay& relay_;
  management::GrpcServer* const grpc_;
  Signals& signals_;
  Watchdog watchdog_;
  std::thread waiter_;
  std::atomic<bool> ended_ = false;
};

}  // namespace

int serve(const ServeOptions& asked) {
  Signals signals;  // before any thread
  raise_descriptor_limit();
  keep_freed_memory();
  const Result<std::vector<int>> sockets = take_inherited_sockets();
  if (!sockets) return complain(sockets.error().message);
  ServeOptions options = asked;
  if (!sockets->empty()) {
    if (!asked.listen.empty()) {
      say("cc-relay: --listen is not used: the sockets that were passed (LISTEN_FDS) are\n");
    }
    options.listen = socket_address(sockets->front());
  }

  std::unique_ptr<Demo> demo;
  if (options.demo) {
    Result<std::unique_ptr<Demo>> started = Demo::start();
    if (!started) return complain(started.error().message);
    demo = *std::move(started);
  }
  const Result<Config> config = wanted_config(options, demo.get()).config;
  if (!config) return complain(config.error().message);
  // This one from now on: when it is gone, what lies in another place was not meant.
  if (!config->source.empty()) options.config = config->source;
  if (const auto missing = missing_files(*config); !missing.empty()) {
    for (const std::string& one : missing) complain(one);
    return 1;
  }
  for (const std::string& warning : warnings_of(*config)) say_warning(warning);
  for (const std::string& warning : missing_for_providers(*config)) say_warning(warning);

  Result<std::unique_ptr<LogObserver>> log = make_log_observer(config->logging);
  if (!log) return complain(log.error().message);

  RelayOptions relay_options;
  relay_options.observer = log->get();
  OwnLedger ledger(**log);
  if (const auto opened = ledger.open(*config); !opened) return complain(opened.error().message);
  relay_options.ledger = ledger.get();
  const Result<std::unique_ptr<Telemetry>> telemetry = open_telemetry(*config, **log);
  if (!telemetry) return complain(telemetry.error().message);
  relay_options.telemetry = telemetry->get();
  Presence presence;
  relay_options.proofs = [&presence](std::string_view nonce) { return presence.proofs(nonce); };
  relay_options.listen_sockets = *sockets;
  relay_options.reload = [&options, &demo, &ledger] {
    notify_reloading();
    ConfigReading reading = wanted_config(options, demo.get());
    if (!reading.config) return reading;
    const auto fits = ledger.check(*reading.config);
    return fits ? reading : ConfigReading{fits.error(), reading.config->files};
  };
  std::mutex announcing;  // a file may change while the relay is being announced
  relay_options.reloaded = [&log, &ledger, &presence, &announcing](const Config* now) {
    const std::lock_guard lock(announcing);
    if (now != nullptr) {
      ledger.follow(*now);
      (*log)->set_level(now->logging.level);
      presence.reloaded(now->server.auth);
    }
    notify_service("READY=1");
  };
  Result<std::unique_ptr<Relay>> relay = Relay::start(*config, relay_options);
  if (!relay) return complain(relay.error().message);
  for (const int socket : *sockets) ::close(socket);  // the relay has its own
  // Ends before the relay.
  const auto grpc = serve_grpc((*relay)->manager(), *config);
  if (!grpc) return complain(grpc.error().message);

  {
    const std::lock_guard lock(announcing);
    presence.listens((*relay)->addresses(), (*relay)->manage_addresses(), *config);
  }
  greet(**relay, *config, options.demo);
  if (*grpc) say(fmt::format("  management:    {}\n", (*grpc)->address()));
  notify_service("READY=1\nSTATUS=serving");
  Serving(*config, **log, **relay, grpc->get(), signals).run();
  return 0;
}

void add_serve(CLI::App& app, CommandLine& line) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App* command =
      add_command(app, "serve", "Run the relay until SIGTERM or Ctrl-C",
                  "  cc-relay serve\n"
                  "  cc-relay serve --demo              try it without any key\n"
                  "  cc-relay serve --config relay.toml --log-format json\n"
                  "Signals: SIGHUP reads the configuration again, SIGUSR1 reopens the log "
                  "file.",
                  line, [&line, options] {
                    options->config = line.asked.config;
                    return serve(*options);
                  });
  add_text(*command, "--listen", options->listen, "Address and port to listen on", "ADDRESS");
  add_text(*command, "--manage", options->manage, "Address and port of the management to listen on",
           "ADDRESS");
  add_text(*command, "--grpc", options->grpc, "The same for its gRPC, or unix:/path", "ADDRESS");
  add_choice(*command, "--log-level", options->log_level, "Least level to log", "LEVEL",
             {"debug", "info", "warn", "error"});
  add_choice(*command, "--log-format", options->log_format, "json or text", "FORMAT",
             {"json", "text"});
  add_flag(*command, "--debug", options->debug, "Log level debug, and debug headers in answers");
  add_flag(*command, "--demo", options->demo, "Answer from a built-in fake provider");
}

}  // namespace ccrelay::app
