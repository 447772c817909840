#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/auth.hpp"
#include "relay/snapshot.hpp"

namespace ccrelay::relay {

/// One provider that may be asked.
struct Candidate {
  const Entry* entry;
  Authority authority;
  std::vector<std::size_t> tried_keys;
};

/// The providers for one request, in the order in which they are asked.
struct Plan {
  std::vector<Candidate> candidates;
  /// Why there are none, as an HTTP status and text.
  int status = 0;
  std::string reason;
};

/// Enabled providers that serve the model, offer the operation and may take this client's
/// authority.
Plan make_plan(const Snapshot& snapshot, Operation operation, std::string_view model,
               const Access& access);

}  // namespace ccrelay::relay
