#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/config.hpp>
#include <ccrelay/provider.hpp>
#include <ccrelay/relay.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/router.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/network.hpp"
#include "dialect/profiles.hpp"
#include "identity/vaults.hpp"
#include "state/breaker.hpp"
#include "state/keys.hpp"
#include "upstream/client.hpp"
#include "wire/told_cost.hpp"
#include "worker/client_index.hpp"

namespace ccrelay::price {
class Table;
struct Asked;
}  // namespace ccrelay::price

namespace ccrelay::worker {

/// Exact, or a prefix when the pattern ends in `*`.
bool model_matches(std::string_view pattern, std::string_view model);

/// One enabled provider, ready for use.
struct Entry {
  const ProviderConfig* config;
  std::unique_ptr<Provider> provider;
  upstream::Destination destination;
  /// It is not at the address of its vendor, and may be anything, such as a relay: it is told by
  /// whom a request has come (Via), so that none goes round in a circle.
  bool may_be_relay = false;
  std::shared_ptr<identity::Vault> vault;  // where its cloud's identity is asked for, if it has one
  state::Pool pool;                        // of config->keys, same order
  state::Pool identity;                    // of one: the vault's, which has limits as a key does
  int priority;
  int weight;
  milliseconds connect_timeout;
  milliseconds first_byte_timeout;
  milliseconds stream_idle_timeout;
  std::shared_ptr<const price::Table> prices;  // null: no cost is known; else the same for all
  std::uint32_t price_factor = 1000;           // on all of this provider's, in thousandths
  std::shared_ptr<const dialect::Profiles> profiles;  // the same for all
  std::string profile_name;                           // of them
  std::string price_profile;                          // provider::price_profile() it
  std::vector<dialect::ProfileSetting> quirks;        // over it
  wire::CostMember told_cost{};                       // in Anthropic's words
  std::string issuer;                                 // dialect::issuer_of() it

  /// Whether a request for this model may go here.
  bool serves(std::string_view model) const;
  /// The model's name there.
  std::string upstream_model(std::string_view model) const;
  /// What its price is looked for by, of a model by its name there and as an answer named it.
  price::Asked priced(std::string_view sent, std::string_view answered = {}) const;
  /// What a model takes, by its name there.
  dialect::Profile profile(std::string_view upstream_model) const;
};

/// The result of a good configuration. Immutable; a request pins the one it began with.
struct Snapshot {
  Config config;
  std::vector<Entry> entries;  // highest priority first, else in the order of the configuration
  std::shared_ptr<Router> router;
  std::string strategy;       // the router's name
  bool weighs_costs = false;  // the router does
  state::Breaker::Settings breaker;
  base::Networks trusted_proxies;  // of server.trusted_proxies
  ClientIndex clients;             // of server.auth.clients
  TimePoint taken{};               // when it was built

  /// What `options` brings along is used. A router goes over from the snapshot `before`, if there
  /// is one, when its settings are the same: whose turn it is survives a reload.
  /// Identities that are known already are found in `vaults`, as long as `before` lives.
  static Result<std::shared_ptr<const Snapshot>> build(Config config, const RelayOptions& options,
                                                       identity::Vaults& vaults,
                                                       const Snapshot* before = nullptr);
};

}  // namespace ccrelay::worker
