#include "config/environment.hpp"

#include <fmt/format.h>
#include <ccrelay/config_load.hpp>

#include <filesystem>

namespace ccrelay {
namespace {

constexpr std::string_view of_the_machine = "/etc/cc-relay/config.toml";

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Result<std::string> demanded(const std::string& path, std::string_view by) {
  if (is_there(path)) return path;
  return Error{ErrorCode::config,
               fmt::format("configuration file {}, named by {}, does not exist; name another one, "
                           "or write one with: cc-relay config init --output {}",
                           path, by, path)};
}

/// $XDG_CONFIG_HOME or ~/.config; empty when neither is known.
std::filesystem::path config_home(const Environment& env) {
  // The XDG base directory specification says to ignore a relative path.
  const std::filesystem::path named = config::first_set(env, {"XDG_CONFIG_HOME"});
  if (named.is_absolute()) return named;
  const std::filesystem::path home = config::first_set(env, {"HOME"});
  return home.empty() ? home : home / ".config";
}

}  // namespace

Result<std::string> find_config(const std::string& asked, const Environment& env) {
  if (!asked.empty()) return demanded(asked, "--config");
  const auto named = config::first_set(env, {"CC_RELAY_CONFIG"});
  if (!named.empty()) return demanded(named, "CC_RELAY_CONFIG");
  // Never the current folder: who made it would decide where keys and logins go.
  if (const auto home = config_home(env); !home.empty()) {
    const auto path = home / "cc-relay" / "config.toml";
    if (is_there(path)) return path.string();
  }
  return is_there(of_the_machine) ? std::string(of_the_machine) : std::string();
}

}  // namespace ccrelay
