#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exchange/auth.hpp"
#include "state/keys.hpp"
#include "state/providers.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::exchange {

/// Where an attempt goes, on whose account, and what has been reserved for it there. Dropping it
/// gives back what was reserved.
struct Target {
  std::size_t candidate = 0;  ///< index into the plan
  const worker::Entry* entry = nullptr;
  Authority authority = Authority::none;
  std::string model;                     ///< as sent there
  Dialect dialect = Dialect::anthropic;  ///< what it is asked in
  bool without_reasoning = false;        ///< none of the client's goes along
  std::size_t key = 0;                   ///< index into the entry's keys, with Authority::key
  state::ProviderLease provider_lease;
  state::KeyLease key_lease;
  bool was_silent = false;       ///< the provider, when it was asked last
  bool fresh = false;            ///< on a new connection: the pooled one was lost
  bool may_be_repeated = false;  ///< if a pooled one is lost, it is asked again
  Unsupported left_out;          ///< what it has refused of this request
  std::string_view why;          ///< a fixed word: what chose the key
  state::Breaker::State health = state::Breaker::State::closed;  ///< of the provider's breaker then

  std::string_view fingerprint() const {
    if (authority == Authority::client) return "client";
    if (authority == Authority::identity) return "identity";
    return authority == Authority::key ? std::string_view(entry->pool.keys[key].fingerprint)
                                       : std::string_view();
  }
  /// How people are told of the key: with its name, if it has one.
  std::string key_label() const {
    return authority == Authority::key ? entry->pool.keys[key].label() : std::string(fingerprint());
  }
};

}  // namespace ccrelay::exchange
