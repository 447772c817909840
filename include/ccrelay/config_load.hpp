#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/config.hpp>
#include <ccrelay/provider.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/router.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay {

/// Looks up an environment variable; empty optional when it is not set. One that throws makes the
/// loader fail with an Error.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
/// The process's own environment.
[[gnu::visibility("default")]] Environment process_environment();

/// What the loader has to know of the program that it loads for:
/// `load_config(path, {options.provider_types, options.strategies})`.
struct LoadOptions {
  ProviderTypes provider_types = {};  ///< as in RelayOptions
  Strategies strategies = {};         ///< as in RelayOptions
  /// Where `${VAR}` is looked up; null: the process's environment.
  Environment environment = {};
  /// In place of `server.listen`, and checked as that, where whoever loads it knows better; empty =
  /// the file's.
  std::string listen = {};
};

/// TOML text -> Config, `${VAR}`, `${VAR:-default}`, `${file:/path}` and `$$` expanded inside
/// string values. The error lists every mistake of the text at once, one a line, each as
/// `source:line:column: key: what was found; what is allowed`.
[[gnu::visibility("default")]] Result<Config> parse_config(std::string_view toml,
                                                           std::string source,
                                                           const Environment& env);
/// The same with types and strategies of the program's own. What their rules say of settings is
/// checked here; what their factories find comes from Relay::start() and reload().
[[gnu::visibility("default")]] Result<Config> parse_config(std::string_view toml,
                                                           std::string source,
                                                           const LoadOptions& options);

/// Reads and parses a file. Relative paths in it are relative to its folder.
[[gnu::visibility("default")]] Result<Config> load_config(const std::string& path,
                                                          const Environment& env);
[[gnu::visibility("default")]] Result<Config> load_config(const std::string& path,
                                                          const LoadOptions& options);

/// The same, and of what can't be used too the files that were read: what RelayOptions::reload
/// returns.
[[gnu::visibility("default")]] ConfigReading read_config_file(const std::string& path,
                                                              const LoadOptions& options);
/// What a text is worth that somebody has sent who may not see what is on this machine.
struct CheckedConfig {
  Result<Config> config;
  /// Settings whose value is not known, named as changes() names them: what of them differs says
  /// nothing.
  std::set<std::string> unresolved;
};
/// As parse_config(), but `${VAR}` and `${file:}` are not looked up and count as some value, and a
/// file of prices is not read. Relative paths are relative to the folder of `beside`, where that is
/// not empty.
[[gnu::visibility("default")]] CheckedConfig check_config(std::string_view toml, std::string source,
                                                          const std::string& beside,
                                                          const LoadOptions& options);

/// Of what is in a file now, up to 1 MiB: another content has another digest. 0 = it is missing.
/// Against chance, not against an enemy. Never waits for a pipe or a device.
[[gnu::visibility("default")]] std::uint64_t file_digest(const std::string& path);

/// What a program that only asks a running relay needs to know of its configuration.
struct LenientConfig {
  Config config;
  /// All that is wrong, as load_config() says it; empty when nothing is.
  std::string mistakes;
  /// The settings that could not be read, such as `server.auth.api_key`. They are at their default.
  std::set<std::string> unreadable;
};

/// Reads a file as far as it goes: a variable that only the relay's own environment has, or a
/// mistake elsewhere, is no obstacle. Of a file that is no TOML, the lines before the mistake are
/// read. An error when the file itself can't be read.
[[gnu::visibility("default")]] Result<LenientConfig> load_config_leniently(const std::string& path,
                                                                           const Environment& env);

/// The path of the configuration to use: `asked` (as from --config) or $CC_RELAY_CONFIG, which must
/// exist; else the first of $XDG_CONFIG_HOME/cc-relay/config.toml (default ~/.config) and
/// /etc/cc-relay/config.toml that does; never one of the current folder. An empty string when there
/// is none.
[[gnu::visibility("default")]] Result<std::string> find_config(const std::string& asked,
                                                               const Environment& env);

/// Where the ledger is: `ledger.path`, else `usage.db` in the first folder of $STATE_DIRECTORY (as
/// systemd sets it), else `cc-relay/usage.db` in $XDG_STATE_HOME or ~/.local/state. Empty when
/// nothing of this is known.
[[gnu::visibility("default")]] std::string ledger_path(const LedgerConfig& ledger,
                                                       const Environment& env);

/// Where the management of the relay that listens at `listen` (an address as Relay::addresses()
/// tells it, or `server.listen`) has its Unix socket and the file of a token that it makes:
/// `manage.socket`; with `auto` `PORT.sock` in $XDG_RUNTIME_DIR/cc-relay, where that is a folder of
/// this user's, else in /run/cc-relay, where that is this process's to write.
struct ManagePlace {
  std::string folder;  ///< of both, which need not be there yet; empty: there is no place for them
  std::string socket;  ///< path; empty: none
  std::string port;  ///< `8787`; of a relay on a Unix socket `unix-` and eight digits of its path's
                     ///< hash. `PORT.token` is the file's name
};
[[gnu::visibility("default")]] ManagePlace manage_place(const ManageConfig& manage,
                                                        std::string_view listen,
                                                        const Environment& env);

/// The prices that the relay knows without being told: share/cc-relay/prices.toml, which is
/// compiled in. Read at the first call, from any thread; it lives as long as the process.
[[gnu::visibility("default")]] const std::vector<PriceRow>& shipped_prices();

/// What is served without any file: loopback 8787 and a provider for each key in the environment
/// (ANTHROPIC_API_KEY, ZAI_API_KEY, MINIMAX_API_KEY; OLLAMA_HOST), or Anthropic with the client's
/// own credential when there is none.
[[gnu::visibility("default")]] Config default_config(const Environment& env);

/// Checks what plain data can get wrong: ranges, duplicate names, a public address without
/// authentication, features this version does not have. parse_config has done it already; a
/// program that fills a Config itself gets it from Relay. The error lists every mistake.
[[gnu::visibility("default")]] Result<void> validate(const Config& config);
/// The same where `routing.strategy` may be one of the program's own.
[[gnu::visibility("default")]] Result<void> validate(const Config& config,
                                                     const Strategies& strategies);

/// What is no mistake, but hardly what was meant: `parse_config`'s warnings, then those about plain
/// data, each of them one line that says what to do. For whoever starts or checks a relay.
[[gnu::visibility("default")]] std::vector<std::string> warnings_of(const Config& config);

/// Whether `server.tls` can be served with: reads its files and says what Relay::start() would say,
/// which file can't be used and why; what is no mistake, but hardly meant, are the warnings. `now`
/// is wall time. Nothing is wrong where there is no certificate. `section` is where `tls` stands,
/// for messages: `manage.tls` is the other one.
[[gnu::visibility("default")]] Result<std::vector<std::string>> check_certificate(
    const TlsConfig& tls, WallTime now, std::string_view section = "server.tls");

/// The whole effective configuration as TOML, each secret shown as `***`; settings of a program's
/// own too.
[[gnu::visibility("default")]] std::string show_config(const Config& config);

/// A setting in which two configurations differ.
struct ConfigChange {
  std::string key;  ///< as in the file: `server.listen`, `providers.NAME.keys`
  /// Read when the relay starts, and not again: Relay::reload leaves it as it was.
  bool needs_restart = false;
  /// How it differs, for a person: `failover → round_robin`, of keys `+1 -0`, as config show has
  /// it, secrets as `***`; empty where that is too much to say.
  std::string words = {};
  /// Its values as show_config() has them, secrets as `"***"`; empty where there is none, as of a
  /// provider that has come or gone.
  std::string old_value = {};
  std::string new_value = {};
};

/// What differs between two configurations, in the order of the file. A provider that has come or
/// gone is `providers.NAME`, another order of the same ones `providers`; a proxy of the environment
/// has its variable's name.
[[gnu::visibility("default")]] std::vector<ConfigChange> changes(const Config& before,
                                                                 const Config& after);

/// A commented configuration to begin with; it parses as it stands.
[[gnu::visibility("default")]] std::string_view config_template();

}  // namespace ccrelay
