#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/manage_types.hpp>
#include <ccrelay/manage_usage.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ccrelay::ledger {

/// An attempt as the ledger has it.
struct StoredAttempt {
  std::string provider, key, model;
  std::optional<Outcome> outcome;
  management::TokenUsage usage;
  management::Cost cost;
};

/// A request that was relayed, as the ledger has it.
struct StoredRequest {
  std::int64_t id = 0;  ///< in the ledger; later ones were written later
  WallTime began{};
  std::string request_id, client, session, agent, endpoint, model;
  bool stream = false;
  int status = 0;
  std::optional<Ending> ending;
  std::uint64_t bytes_in = 0, bytes_out = 0, pings = 0;
  std::int64_t first_byte_us = 0, total_us = 0;
  std::vector<StoredAttempt> attempts;
  bool partial = false;        ///< some usage was not told
  bool without_usage = false;  ///< there are charges, and none was told
  bool unpriced = false;       ///< of a charge no price is known
};

/// Which, and in which order.
struct WalkAsk {
  std::optional<WallTime> since, until;  ///< of their beginning; until is exclusive
  /// Only those that had been written then; 0 = all.
  std::int64_t last_id = 0;
  management::UsageFilter filter;
  bool newest_first = false;
  /// Newest first: only those behind this one, by its time in ms and id.
  std::optional<std::pair<std::int64_t, std::int64_t>> behind;
  std::function<bool()> stops;  ///< asked again and again; may be null
};

/// What there was.
struct WalkEnd {
  std::optional<WallTime> first;  ///< the oldest entry of the ledger
  std::int64_t last_id = 0;       ///< of the newest that was looked at
  bool stopped = false;           ///< by `stops`: not all was seen
};

/// Shows each to `see`, until that returns false. Blocks. Errors as read_usage() has them.
Result<WalkEnd> walk_usage(const std::string& path, const WalkAsk& ask,
                           const std::function<bool(const StoredRequest&)>& see);

}  // namespace ccrelay::ledger
