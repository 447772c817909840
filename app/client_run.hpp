#pragma once

#include <ccrelay/result.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "background_relay.hpp"
#include "effective_config.hpp"
#include "settings_edit.hpp"

namespace ccrelay::app {

/// A client that a command runs through the relay.
struct RunClient {
  std::string_view program;  ///< as it is called, and the command
  std::string_view name;     ///< as people call it
  std::string_view install;  ///< how one gets it
  const char* certificates;  ///< the variable that names a file of those that it trusts
};

/// The relay for it, started if need be. `fit` is asked before that whether anything keeps the
/// client from a relay at that URL.
Result<UsedRelay> relay_for(const RunClient& client, const AskedRelay& asked,
                            const std::function<Result<void>(const std::string& url)>& fit);

/// What is presented to the relay: its token, or the placeholder.
std::string token_for(const RelayContact& contact);

/// Whether the relay is on this machine, so that no proxy may be asked for it.
bool is_direct(const RelayContact& contact, const std::string& url);

/// NO_PROXY and no_proxy with the relay in them, where the environment names a proxy and the relay
/// is on this machine.
std::vector<SettingsValue> no_proxy_for(const RelayContact& contact, const std::string& url);

/// Runs the program in a child, which alone gets a changed environment (an empty value takes a
/// variable out), and returns its exit code. Ctrl-C is the program's business alone; SIGTERM and
/// SIGHUP are passed on to it.
int run_client(const RunClient& client, const std::vector<std::string>& arguments,
               const std::vector<SettingsValue>& env);

/// What it is run with.
struct RunPlan {
  std::vector<std::string> arguments;
  std::vector<SettingsValue> env;
};

/// All of it for a client that is told everything by its arguments and its environment; the relay's
/// certificate and proxies are seen to here. Returns the exit code.
int run_through_relay(
    const RunClient& client, const AskedRelay& asked,
    const std::function<Result<void>(const std::string& url)>& fit,
    const std::function<RunPlan(const std::string& url, const std::string& token)>& plan);

}  // namespace ccrelay::app
