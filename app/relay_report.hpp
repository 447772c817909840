#pragma once

#include <ccrelay/result.hpp>

#include <chrono>
#include <optional>
#include <string>

#include "relay_place.hpp"

namespace ccrelay::app {

/// What a running relay says of itself, its providers and their keys.
struct RelayReport {
  std::string status;  ///< "serving", "degraded" or "not serving"; empty: it does not say
  std::string why;     ///< empty when serving
  std::string about;   ///< lines for a person: version, how long it runs, its configuration
  std::string table;   ///< lines for a person, with the names of the columns; empty without any
  std::string configuration;  ///< the file that it has its configuration from; empty: built in
  /// How long ago it has taken that; none: it does not say.
  std::optional<std::chrono::milliseconds> configuration_age;
  std::string rejected;  ///< the mistakes of the one that was found last, if it can't be used
  std::string ledger;    ///< why it can't be written; empty: it can be, or there is none
  std::string json;      ///< members of an object, as they are: `"relay":{…},"providers":[…]`
};

/// Asks a running relay; blocks up to `timeout`. Nothing in it can move a terminal's cursor,
/// whoever answered. ErrorCode::network when it does not answer or lets nobody with this token see.
Result<RelayReport> relay_report(const RelayPlace& place, const std::string& token,
                                 std::chrono::milliseconds timeout);

/// What a page in the form of GET /v1/providers says, of a relay by that name.
Result<RelayReport> report_of(const std::string& page, const std::string& name);

}  // namespace ccrelay::app
