#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "exchange/client_request.hpp"
#include "exchange/plan.hpp"
#include "exchange/target.hpp"

namespace ccrelay::exchange {

/// Walks a plan: the next provider and key that can take the request, reserved for it. What it
/// reserves of outlives it; time is passed in.
class Picker {
 public:
  Picker(state::Keys& keys, state::Providers& providers, base::Rng& rng,
         const worker::Snapshot& snapshot, const ClientRequest& request, Plan plan);

  /// The next target; empty when nobody is left. `all_have_failed`: nobody else is being asked, so
  /// those whose breaker is open are.
  std::optional<Target> next(bool all_have_failed, TimePoint now);
  /// The next at a provider that is not among these candidates.
  std::optional<Target> next_beside(const std::vector<std::size_t>& asked, TimePoint now);
  /// The same provider and key once more, if both can.
  std::optional<Target> again(std::size_t candidate, std::size_t key, TimePoint now);
  /// Goes on behind this candidate: whatever its key, it can't serve this request.
  void pass_over(std::size_t candidate);

  /// What those candidates wait for that have not failed but have no key free.
  state::Outlook outlook(TimePoint now) const;
  const Plan& plan() const { return plan_; }
  /// Somebody who could not take the request, and a fixed word for why.
  struct Skip {
    std::string_view provider;
    std::string_view why;
  };
  /// Those met since this was asked last, for the trace.
  std::vector<Skip> take_skips() { return std::exchange(skips_, {}); }
  /// Candidates that nobody has asked yet.
  int untried() const;
  /// How often the candidate was asked again in place.
  int& repeats(std::size_t candidate) { return plan_.candidates[candidate].repeats; }
  /// What the candidate has refused of the request.
  Healing& healing(std::size_t candidate) { return plan_.candidates[candidate].healing; }

 private:
  std::optional<Target> try_candidate(std::size_t index, bool force, TimePoint now);
  state::Ask ask(const Candidate& candidate, const std::vector<std::size_t>& barred) const;
  std::optional<Target> reserve(std::size_t index, const std::vector<std::size_t>& barred,
                                bool force, TimePoint now);
  void skip(const Candidate& candidate, std::string_view why);

  state::Keys& keys_;
  state::Providers& providers_;
  base::Rng& rng_;
  const worker::Snapshot& snapshot_;
  const ClientRequest& request_;
  Plan plan_;
  std::vector<Skip> skips_;
};

}  // namespace ccrelay::exchange
