#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "effective_config.hpp"
#include "relay_place.hpp"
#include "running_relays.hpp"

namespace ccrelay::app {

/// A running relay as a command looks for it: where, and what is known of it. Whatever asks a relay
/// begins with find_relay(), then meets it, and says nothing secret to one it may not trust.
struct RelayContact {
  RelayPlace place;
  bool named = false;          ///< the address came from --url
  std::string token;           ///< what it asks of its clients; empty = nothing, or it is not known
  bool token_unknown = false;  ///< the configuration has one that can't be read here
  /// The configuration as far as it can be read here, or the built-in one.
  LenientConfig settings;
  /// What this user's relay at that place has written down of itself.
  std::optional<RunningRelay> running;
  std::vector<std::string> proof_keys;
};

/// By --url; else the configuration's address, or where a relay that was started with that
/// configuration listens instead (`serve --listen`). The configuration is read leniently.
Result<RelayContact> find_relay(const AskedRelay& asked);

/// Whether a relay that listens at these addresses is reached at that place.
bool is_among(const std::vector<std::string>& addresses, const RelayPlace& place);

/// Who answers there.
enum class Standing {
  proven,    ///< the relay that is meant
  named,     ///< a relay by its name, at an address that somebody has named
  unproven,  ///< a relay by its name, and no more is known
  stranger,  ///< another program
};
struct Meeting {
  Standing standing = Standing::stranger;
  std::string version;  ///< of a relay
  std::string words;    ///< what a stranger says of itself, fit for a terminal

  /// Whether it may be given a prompt, a login or the relay's own key.
  bool trusted() const { return standing == Standing::proven || standing == Standing::named; }
};
/// Asks who answers, without a secret. ErrorCode::network when nobody does.
Result<Meeting> meet(const RelayContact& contact, std::chrono::milliseconds timeout);

/// Why it may not be trusted, and what to do.
Error not_trusted(const RelayContact& contact, const Meeting& meeting);

}  // namespace ccrelay::app
