#pragma once

#include <optional>
#include <string>

#include "relay/client_request.hpp"
#include "relay/plan.hpp"
#include "relay/target.hpp"
#include "relay/worker.hpp"

namespace ccrelay::relay {

/// Walks a plan: the next provider and key that can take the request, reserved for it.
class Picker {
 public:
  Picker(Tools& tools, const Snapshot& snapshot, const ClientRequest& request, Plan plan);

  /// The next target; empty when nobody is left.
  std::optional<Target> next();
  /// The same provider and key once more, if both can.
  std::optional<Target> again(std::size_t candidate, std::size_t key);
  /// Goes on behind this candidate: whatever its key, it can't serve this request.
  void pass_over(std::size_t candidate);

  /// When the first key of the candidates that were not asked for lack of one will be free, of
  /// those that can tell.
  std::optional<TimePoint> soonest() const { return soonest_; }
  const Plan& plan() const { return plan_; }
  /// Candidates that nobody has asked yet.
  int untried() const;
  /// How often the candidate was asked again in place.
  int& repeats(std::size_t candidate) { return plan_.candidates[candidate].repeats; }

 private:
  std::optional<Target> try_candidate(std::size_t index, bool force);
  std::optional<Target> reserve(std::size_t index, const std::vector<std::size_t>& barred,
                                bool force);
  void trace(const Candidate& candidate, std::string_view why) const;

  Tools& tools_;
  const Snapshot& snapshot_;
  const ClientRequest& request_;
  Plan plan_;
  std::optional<TimePoint> soonest_;
};

}  // namespace ccrelay::relay
