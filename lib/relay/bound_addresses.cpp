#include "relay/bound_addresses.hpp"

#include <fmt/format.h>

#include "config/address.hpp"
#include "config/own_address.hpp"
#include "config/problems.hpp"
#include "exchange/auth.hpp"

namespace ccrelay::relay {
namespace {

Error open_to_all(const std::string& address) {
  return {ErrorCode::config,
          fmt::format("the relay listens on {}, which other machines can reach, and nothing says "
                      "who may use it; set server.auth.api_key (or another of server.auth), or "
                      "server.allow_public_without_auth = true",
                      address)};
}

}  // namespace

Result<void> check_addresses(const std::vector<loop::ListenAddress>& addresses,
                             const worker::Snapshot& snapshot) {
  const ServerConfig& server = snapshot.config.server;
  for (const auto& bound : addresses) {
    const auto address = config::parse_listen(bound.text());
    if (!address) continue;
    if (exchange::is_open(server.auth) && !server.allow_public_without_auth &&
        !config::is_loopback(*address)) {
      return open_to_all(bound.text());
    }
    for (const worker::Entry& entry : snapshot.entries) {
      if (!entry.destination.proxy.empty()) continue;  // it is another machine's address there
      if (!config::leads_to(entry.provider->base_url(), *address)) continue;
      return Error{ErrorCode::config, config::leads_to_itself(entry.config->name, bound.text())};
    }
  }
  return {};
}

Result<void> check_management(const std::vector<std::string>& addresses, bool tls,
                              const ManageConfig& manage) {
  std::vector<config::Problem> problems;
  for (const std::string& address : addresses) {
    config::find_public_problems("manage.listen", address, manage, problems);
  }
  for (const config::Problem& problem : problems) {
    // That TLS is switched off is in force after a restart.
    if (problem.because_of == "manage.tls" && tls) continue;
    return Error{ErrorCode::config, problem.message};
  }
  return {};
}

}  // namespace ccrelay::relay
