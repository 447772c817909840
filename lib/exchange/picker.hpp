#pragma once

#include <optional>
#include <string>

#include "exchange/client_request.hpp"
#include "exchange/plan.hpp"
#include "exchange/target.hpp"
#include "worker/worker.hpp"

namespace ccrelay::exchange {

/// Walks a plan: the next provider and key that can take the request, reserved for it.
class Picker {
 public:
  Picker(worker::Tools& tools, const worker::Snapshot& snapshot, const ClientRequest& request,
         Plan plan);

  /// The next target; empty when nobody is left. `all_have_failed`: nobody else is being asked, so
  /// those whose breaker is open are.
  std::optional<Target> next(bool all_have_failed);
  /// The same provider and key once more, if both can.
  std::optional<Target> again(std::size_t candidate, std::size_t key);
  /// Goes on behind this candidate: whatever its key, it can't serve this request.
  void pass_over(std::size_t candidate);

  /// What those candidates wait for that have not failed but have no key free.
  state::Outlook outlook() const;
  const Plan& plan() const { return plan_; }
  /// Candidates that nobody has asked yet.
  int untried() const;
  /// How often the candidate was asked again in place.
  int& repeats(std::size_t candidate) { return plan_.candidates[candidate].repeats; }
  /// The same without what it has refused.
  int& reductions(std::size_t candidate) { return plan_.candidates[candidate].reductions; }

 private:
  std::optional<Target> try_candidate(std::size_t index, bool force);
  state::Ask ask(const Candidate& candidate, const std::string& model,
                 const std::vector<std::size_t>& barred) const;
  std::optional<Target> reserve(std::size_t index, const std::vector<std::size_t>& barred,
                                bool force);
  void trace(const Candidate& candidate, std::string_view why) const;

  worker::Tools& tools_;
  const worker::Snapshot& snapshot_;
  const ClientRequest& request_;
  Plan plan_;
};

}  // namespace ccrelay::exchange
