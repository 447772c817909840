#include <ccrelay/observer.hpp>

#include "catch.hpp"

namespace ccrelay {

TEST_CASE("outcomes, endings and levels have the words of their enumerators", "[observe]") {
  CHECK(to_string(Outcome::success) == "success");
  CHECK(to_string(Outcome::transport) == "transport");
  CHECK(to_string(Outcome::rate_limited) == "rate_limited");
  CHECK(to_string(Outcome::overloaded) == "overloaded");
  CHECK(to_string(Outcome::failed) == "failed");
  CHECK(to_string(Outcome::timed_out) == "timed_out");
  CHECK(to_string(Outcome::key_refused) == "key_refused");
  CHECK(to_string(Outcome::not_here) == "not_here");
  CHECK(to_string(Outcome::rejected) == "rejected");
  CHECK(to_string(Outcome::stream_broken) == "stream_broken");
  CHECK(to_string(Outcome::cancelled) == "cancelled");
  CHECK(to_string(Ending::complete) == "complete");
  CHECK(to_string(Ending::client_gone) == "client_gone");
  CHECK(to_string(Ending::client_stalled) == "client_stalled");
  CHECK(to_string(Ending::broken) == "broken");
  CHECK(to_string(Ending::shutdown) == "shutdown");
  CHECK(to_string(Ending::by_operator) == "operator");
  CHECK(to_string(Level::debug) == "debug");
  CHECK(to_string(Level::info) == "info");
  CHECK(to_string(Level::warn) == "warn");
  CHECK(to_string(Level::error) == "error");
}

}  // namespace ccrelay
