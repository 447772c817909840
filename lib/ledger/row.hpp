#pragma once

#include <ccrelay/observer.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ccrelay::ledger {

/// What a ledger keeps of a request: its columns and nothing else, so that what waits is small.
/// A value type.
struct Row {
  struct Attempt {
    std::string provider;
    std::string key;
    std::string model;
    Outcome outcome = Outcome::success;
    int status = 0;
    Duration connect{}, first_byte{}, total{};
    UsageReport usage;
  };
  WallTime began{}, ended{};
  std::string request_id, client, session, agent, parent_agent, model, endpoint;
  bool stream = false;
  int status = 0;
  Ending ending = Ending::complete;
  std::uint64_t bytes_in = 0, bytes_out = 0, pings = 0;
  Duration queue{}, first_byte{}, total{};
  std::vector<Attempt> attempts;
};

/// Whether it is kept at all. Not of those who look whether the relay is well, nor of those whose
/// credential nobody knows: they cost nothing, and could push out what others did.
bool is_kept(const RequestSummary& request);
Row row_of(const RequestSummary& request);

/// What it takes from a budget, for `spend`. Nano-USD.
std::int64_t spent_by(const RequestSummary& request);

/// A word for why a request failed; empty when it did not.
std::string_view error_word(const Row& row);

}  // namespace ccrelay::ledger
