#pragma once

#include <ccrelay/observer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ccrelay::ledger {

// Of each part of a request its figures stand apart from its texts: those are packed as they are.

struct ChargeFigures {
  ChargeKind kind = ChargeKind::message;
  bool assumed_ttl = false, billed = true, partial = false;
  Tokens tokens;
  std::optional<std::uint64_t> thinking, web_searches, est_input, est_output;
  std::optional<std::int64_t> cost_nano_usd;
};

struct AttemptFigures {
  Outcome outcome = Outcome::success;
  Payer payer = Payer::the_operator;
  int status = 0;
  Duration connect{}, first_byte{}, total{};
};

struct RowFigures {
  WallTime began{}, ended{};
  bool stream = false;
  Ending ending = Ending::complete;
  int status = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0, pings = 0;
  Duration queue{}, first_byte{}, total{};
};

/// What a ledger keeps of a request: its columns and nothing else, so that what waits is small. Its
/// texts are somebody else's (`packed.hpp`).
struct Row : RowFigures {
  struct Charge : ChargeFigures {
    std::string_view model, price;
  };
  struct Attempt : AttemptFigures {
    std::string_view provider, key, model, service_tier, speed, geo;
    std::vector<Charge> charges;
  };
  std::string_view request_id, client, session, agent, parent_agent, model, endpoint;
  std::vector<Attempt> attempts;
};

/// The name of a period in the file: `d:2026-11-29`, `m:2026-11`. Held in place.
class PeriodName {
 public:
  PeriodName() = default;
  explicit PeriodName(std::string_view name);
  std::string_view view() const { return {text_.data(), length_}; }

 private:
  std::array<char, 23> text_{};
  std::uint8_t length_ = 0;
};

/// What a request takes from budgets. Nano-USD.
struct Spending {
  std::int64_t spent = 0;
  /// The periods in which it ended; empty where nothing was spent.
  PeriodName day, month;
};

/// A request with what it adds to budgets.
struct Entry {
  Row row;
  Spending spending;
};

/// Whether it is kept at all. Not of those who look whether the relay is well, nor of those whose
/// credential nobody knows: they cost nothing, and could push out what others did.
bool is_kept(const RequestSummary& request);

/// What it takes from a budget, for `spend`. Nano-USD.
std::int64_t spent_by(const RequestSummary& request);

/// A word for why a request failed; empty when it did not.
std::string_view error_word(const Row& row);

}  // namespace ccrelay::ledger
