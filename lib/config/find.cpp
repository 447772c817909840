#include "config/environment.hpp"

#include <fmt/format.h>
#include <ccrelay/config_load.hpp>

#include <filesystem>
#include <system_error>

namespace ccrelay {
namespace {

constexpr std::string_view of_the_machine = "/etc/cc-relay/config.toml";

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// `by` says who named it, where the user may not know: a path that he has just typed needs no
/// word.
Result<std::string> demanded(const std::string& path, std::string_view by) {
  std::error_code why;
  if (std::filesystem::exists(path, why)) return path;
  if (why) {  // most likely a folder that this user may not enter
    return Error{ErrorCode::config,
                 fmt::format("configuration file {}{} can't be reached: {}; let the user who runs "
                             "this read it, and enter its folder",
                             path, by, why.message())};
  }
  return Error{ErrorCode::config,
               fmt::format("configuration file {}{} does not exist; name another one, or write one "
                           "with: cc-relay config init --output {}",
                           path, by, path)};
}

/// What the variable names, or the folder in ~; empty when neither is known.
std::filesystem::path xdg_folder(const Environment& env, std::string_view variable,
                                 std::string_view in_home) {
  // The XDG base directory specification says to ignore a relative path.
  const std::filesystem::path named = config::first_set(env, {variable});
  if (named.is_absolute()) return named;
  const std::filesystem::path home = config::first_set(env, {"HOME"});
  return home.empty() ? home : home / in_home;
}

}  // namespace

Result<std::string> find_config(const std::string& asked, const Environment& env) {
  if (!asked.empty()) return demanded(asked, "");
  const auto named = config::first_set(env, {"CC_RELAY_CONFIG"});
  if (!named.empty()) return demanded(named, ", named by CC_RELAY_CONFIG,");
  // Never the current folder: who made it would decide where keys and logins go.
  if (const auto home = xdg_folder(env, "XDG_CONFIG_HOME", ".config"); !home.empty()) {
    const auto path = home / "cc-relay" / "config.toml";
    if (is_there(path)) return path.string();
  }
  return is_there(of_the_machine) ? std::string(of_the_machine) : std::string();
}

std::string ledger_path(const LedgerConfig& ledger, const Environment& env) {
  constexpr std::string_view name = "usage.db";
  if (!ledger.path.empty()) return ledger.path;
  // systemd.exec(5): several are separated by colons.
  const std::string state = config::first_set(env, {"STATE_DIRECTORY"});
  if (const std::filesystem::path first = state.substr(0, state.find(':')); !first.empty()) {
    return (first / name).string();
  }
  const auto home = xdg_folder(env, "XDG_STATE_HOME", ".local/state");
  return home.empty() ? std::string() : (home / "cc-relay" / name).string();
}

}  // namespace ccrelay
