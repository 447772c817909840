#pragma once

#include <ccrelay/clock.hpp>

#include <string>
#include <string_view>

#include "worker/shared.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::front {

/// How one provider is, for programs and for people.
struct ProviderState {
  /// "ok", "half_open", or what keeps it from taking a request now.
  std::string_view health;
  std::string words;  ///< `left out 21 s more after 5 failures: connection refused`
  state::ProviderNews news;
  bool is_silent = false;  ///< it said nothing when it was asked last: others go first

  bool can_serve() const { return health == "ok" || health == "half_open"; }
  bool is_well() const { return health == "ok" && !news.failing && !is_silent; }
};
/// Its health but for what operators have said of it.
std::string_view health_of(const worker::Entry& entry, const state::ProviderView& view,
                           worker::Shared& shared, const Clock& clock);
ProviderState state_of(const worker::Entry& entry, worker::Shared& shared, const Clock& clock);

/// Whether the relay does what it is there for, and what is in the way.
struct Verdict {
  std::string_view status;  ///< "serving", "degraded" or "not serving"
  std::string why;          ///< empty when serving
};
Verdict verdict_on(const worker::Snapshot& snapshot, worker::Shared& shared, const Clock& clock);

/// `850 ms`, `21 s`, `4 min`, `3 h 12 min`.
std::string span_text(Duration span);
/// `2026-01-01T00:00:00Z`
std::string time_text(WallTime time);

}  // namespace ccrelay::front
