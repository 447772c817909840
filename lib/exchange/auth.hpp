#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/client_index.hpp"

namespace ccrelay::exchange {

/// What `cc-relay config cc init` writes as a token: it opens nothing and goes nowhere.
inline constexpr std::string_view placeholder_token = "managed-by-cc-relay";

/// What a client's credentials are good for.
struct Access {
  bool admitted = false;
  bool presented = false;      ///< there was a credential, good or not
  bool opens_metrics = false;  ///< one was metrics.bearer_secret, which opens nothing else
  /// Who it is, for log, metrics and ledger: `default` for a key of the relay, `subscription`,
  /// a client's name where it has a key of its own, `anonymous` where nothing is asked for, else
  /// `unknown`.
  std::string_view client = "unknown";
  /// With a key of its own: what it may do. Of the configuration that the request began with.
  const ClientConfig* who = nullptr;
  std::string refusal;  ///< why not, for the client
  /// Whose key it presented that opens nothing any more.
  const ClientConfig* barred = nullptr;
  /// Whether the operator's keys may be spent on this client. Not when it came in only because any
  /// Bearer token does (server.auth.allow_subscription).
  bool may_spend_keys = false;
  /// The credentials that are the client's own: what was not consumed by the relay's own check.
  /// Only of the fields that Anthropic's API takes them in.
  Headers own;
  /// One of them looks like Anthropic's (`sk-ant-`).
  bool own_is_anthropic = false;
};

/// Whether everybody who reaches the relay may use it.
bool is_open(const AuthConfig& auth);

/// Checks a client's credentials at this time. Whatever opens the relay, or its metrics, is
/// consumed: it never reaches a provider; so is what opens its management, and opens nothing here:
/// `manage_tokens`, and `made_token` if that is not empty. `clients` are those of `auth`. A client
/// may send it in the field of any vendor's (`x-api-key`, `Authorization: Bearer`,
/// `x-goog-api-key`, `api-key`), or as `query_key` (take_query_key()).
Access check_access(const AuthConfig& auth, const worker::ClientIndex& clients,
                    const Headers& headers, WallTime now, const Secret& metrics_secret = {},
                    const std::vector<ManageToken>& manage_tokens = {},
                    std::string_view made_token = {}, std::string_view query_key = {});

/// Of a client in another dialect than Anthropic's: its own credential is for whoever else it
/// speaks to, and is sent to nobody, unless it is one of Anthropic's.
void keep_own_of_anthropic(Access& access);

/// Whose credential a provider gets for a client.
enum class Authority : std::uint8_t {
  none,
  key,       ///< one of the configuration's
  client,    ///< the client's own
  identity,  ///< the operator's, at the provider's cloud
};
/// Whether anything is known of such a credential that outlasts the request: limits, refusals.
constexpr bool has_record(Authority authority) {
  return authority == Authority::key || authority == Authority::identity;
}
/// Empty: this client may not use this provider.
std::optional<Authority> choose_authority(const ProviderConfig& config, const Provider& provider,
                                          bool has_keys, const Access& access);

}  // namespace ccrelay::exchange
