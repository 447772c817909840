#pragma once

#include <ccrelay/result.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "effective_config.hpp"
#include "settings_file.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace ccrelay::app {

struct CommandLine;

/// What a client's settings shall say of the relay.
struct WantedRelay {
  std::string url;          ///< without `/v1`
  std::string token;        ///< empty: the client keeps its own login
  std::string certificate;  ///< the relay's own, a file; empty = none
  bool direct = true;       ///< it is on this machine, so no proxy may be asked for it
};

struct ClientFile {
  SettingsFile file;
  std::vector<SettingsValue> values;
};

/// A client that `config CLIENT init` points at the relay, and `config CLIENT remove` back.
struct ConfiguredClient {
  std::string_view word;        ///< CLIENT
  std::string_view name;        ///< as people call it
  std::string_view token_name;  ///< whose value is not shown
  std::string_view login_note;  ///< what to do when no provider has a key
  /// Its settings, with what they shall hold; for a remove the values do not count. They are
  /// changed in their order, and all of them or none.
  Result<std::vector<ClientFile>> (*files)(const WantedRelay& relay);
  /// Says what would lead the client elsewhere all the same, and what to do about it.
  void (*warn)(const WantedRelay& relay);
  /// After a remove; may be null.
  void (*removed)(const RestoredSettings& restored);
};

int config_client_init(const ConfiguredClient& client, const AskedRelay& asked, bool own_login);
int config_client_remove(const ConfiguredClient& client);

/// Of a client without a directory for its settings: `HOME` or the variable of its own.
Error no_settings_folder(std::string_view name, std::string_view variable);

/// Says it when a proxy would be asked for a relay on this machine; `none` are the exceptions.
void warn_of_proxy(std::string_view name, const WantedRelay& relay, const std::string& proxy,
                   const std::string& none);
/// The same by the variables of the environment.
void warn_of_proxy(std::string_view name, const WantedRelay& relay);

/// Adds `config WORD` with its init, which `run` does, and its remove; returns the init.
CLI::App* add_config_client(CLI::App& config, CommandLine& line, const ConfiguredClient& client,
                            const std::string& sets, std::function<int()> run);

}  // namespace ccrelay::app
