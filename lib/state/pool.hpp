#pragma once

#include <ccrelay/config.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::state {

/// What the configuration lets a key use, per minute; 0 = none.
struct KeyLimits {
  std::uint64_t requests = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::uint64_t tokens = 0;  ///< input and output together
  int in_flight = 0;         ///< requests at once; 0 = none

  bool operator==(const KeyLimits&) const = default;
};

struct PoolKey {
  std::string fingerprint;  ///< the same secret has the same one, wherever it stands
  KeyLimits limits;
  int weight = 1;  ///< below 1 counts as 1
  /// Whose record it is: the same secret at the same address has one. Empty: the fingerprint is.
  std::string id = {};
  std::string name = {};  ///< what people call it; may be empty

  const std::string& record_id() const { return id.empty() ? fingerprint : id; }
  /// How people are told of it: `team-a (5f1c0a9e)`, or the fingerprint alone.
  std::string label() const { return name.empty() ? fingerprint : name + " (" + fingerprint + ")"; }
};

/// The keys of one provider entry. Immutable, belongs to a snapshot; what is known of the keys
/// themselves is with Keys.
struct Pool {
  std::string provider;
  PoolStrategy strategy = PoolStrategy::least_loaded;
  std::vector<PoolKey> keys;
};

/// One request in search of a key. What it refers to is valid during the call.
struct Ask {
  const Pool& pool;
  std::string_view model;                 ///< as sent to the provider
  const std::vector<std::size_t>& tried;  ///< indexes into the pool that are out of the question
  std::uint64_t input_estimate = 0;       ///< tokens
  /// False for count_tokens and other endpoints, which have limits of their own: nothing is
  /// charged, and no rest holds them up.
  bool counts_tokens = true;
  std::optional<std::uint64_t> conversation{};  ///< hash of its identity, if it has one
  std::string_view home{};              ///< fingerprint of the key wanted first; may be empty
  bool spread_by_conversation = false;  ///< choose by conversation instead of by strategy
  std::uint64_t random = 0;             ///< any number, for the strategies that draw
};

}  // namespace ccrelay::state
