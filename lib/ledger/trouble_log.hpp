#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/observer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "ledger/trouble.hpp"

namespace ccrelay::ledger {

/// Decides when trouble is worth a line: at once, then at most once a minute with counts; of a lock
/// only after five seconds, since it goes as a rule. And when the next attempt is due. Pure.
class TroubleLog {
 public:
  /// A line for the log.
  struct Line {
    Level level = Level::error;
    std::string words;
  };

  std::optional<Line> failed(const Trouble& trouble, std::size_t waiting, TimePoint now);
  std::optional<Line> well(std::size_t waited, TimePoint now);

  bool in_trouble() const { return trouble_.has_value(); }
  const std::optional<Trouble>& trouble() const { return trouble_; }
  /// When to try again: after a lock each 50 ms for a second, then each second; else after 1 s, 2
  /// s, … 30 s.
  TimePoint retry() const { return retry_; }

 private:
  std::optional<Trouble> trouble_;
  TimePoint began_{}, retry_{};
  std::uint64_t tries_ = 0;
  bool said_ = false;  // of this trouble
  // What comes and goes is not told each time either.
  std::optional<Fault> told_;
  TimePoint told_at_{};
};

}  // namespace ccrelay::ledger
