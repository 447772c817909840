#include <string>

#include "effective_config.hpp"
#include "relay_place.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* listen_public_id = "listen.public";

}  // namespace

void check_listen_public(const Facts& facts, Findings& out) {
  const ServerConfig& server = facts.config.server;
  const RelayPlace place(server);
  if (place.is_unix() || is_loopback(host_and_port(server.listen).host)) {
    out.ok(listen_public_id, server.listen, "reached from this machine alone");
    return;
  }
  const bool open = relay_secret(server.auth).empty() && server.auth.clients.empty() &&
                    !server.auth.allow_subscription;
  if (open && !server.allow_public_without_auth) {
    out.error(listen_public_id, server.listen,
              "other machines reach it, and nothing says who may use it",
              "set server.auth.api_key, or listen on 127.0.0.1");
  } else if (open) {
    out.warning(listen_public_id, server.listen,
                "everybody who reaches it spends the keys of its providers",
                "set server.auth.api_key, and take allow_public_without_auth out");
  }
  if (!server.tls.enabled()) {
    out.warning(listen_public_id, server.listen,
                "other machines reach it, and keys and prompts travel in clear",
                "give it a certificate (server.tls), or have a proxy in front that speaks TLS");
  } else if (!open) {
    out.ok(listen_public_id, server.listen, "other machines reach it by TLS, with a credential");
  }
}

}  // namespace ccrelay::app::checks
