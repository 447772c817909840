#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/throw_log.hpp"
#include "exchange/client_request.hpp"
#include "exchange/forecast.hpp"
#include "exchange/healing.hpp"
#include "state/homes.hpp"
#include "state/providers.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::exchange {

/// Counting tokens has a breaker of its own.
inline state::Work work_of(Operation operation) {
  return operation == Operation::count_tokens ? state::Work::counting : state::Work::answering;
}

/// One provider that may be asked.
struct Candidate {
  const worker::Entry* entry;
  Authority authority;
  std::string model;  ///< its name there
  Dialect dialect;    ///< what it is asked in
  std::vector<std::size_t> tried_keys;
  int repeats = 0;                ///< in place
  Healing healing = {};           ///< what it has refused of this request
  state::ProviderView view = {};  ///< what was known of the provider when the plan was made
  bool shut = false;              ///< its breaker admits nothing now
  bool passed_over = false;       ///< it has failed this request
  bool is_home = false;           ///< the request's conversation lives there
  /// What the request is expected to cost there, where it is weighed and that is known.
  std::optional<std::int64_t> expected_nano_usd = {};

  RouteCandidate as_router_sees_it() const;
  /// What it is asked with, where has_record().
  const state::Pool& pool() const {
    return authority == Authority::identity ? entry->identity : entry->pool;
  }
};

/// The providers for one request, in the order in which they are asked.
struct Plan {
  std::vector<Candidate> candidates;
  /// Where its conversation lives, if that is known.
  std::optional<state::Home> home;
  /// Its conversation has begun elsewhere or before: keys are chosen by it and not by load.
  bool follows = false;
  /// A fixed word for what put the first candidate first: `new`, the strategy; `home`; `away`, the
  /// home can't take it; `rendezvous`, the home is not remembered.
  std::string_view affinity = "new";
  /// Why there are no candidates, as an HTTP status and text.
  int status = 0;
  std::string reason;
  bool for_person = false;  ///< trying again mends nothing: somebody has to
  bool barred = false;      ///< who could serve it may not be asked for this client
};

/// What a plan is made of beside the configuration and the request.
struct Moment {
  const state::Providers& providers;
  state::Homes& homes;
  CostsKnown costs;
  TimePoint now;
  WallTime wall;               ///< the same by the calendar
  std::uint64_t random;        ///< fresh for each request
  base::ThrowLog throws = {};  ///< told of what a router throws
};

/// Enabled providers that serve the model, offer the operation in the client's dialect or one that
/// the relay translates to, and may take this client's authority, by priority.
Plan candidates(const worker::Snapshot& snapshot, Operation operation, Dialect dialect,
                std::string_view model, const Access& access);

/// The candidates as the strategy orders them, the conversation's home first where the strategy
/// allows it, those shut by their breaker last.
Plan make_plan(const Moment& moment, const worker::Snapshot& snapshot,
               const ClientRequest& request);

}  // namespace ccrelay::exchange
