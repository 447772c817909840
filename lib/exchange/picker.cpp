#include "exchange/picker.hpp"

#include <algorithm>
#include <numeric>

namespace ccrelay::exchange {
namespace {

// What a request is expected to take of limits before the provider has counted it. Of a
// conversation that goes on where it was, the provider has cached what it saw before, and cached
// tokens don't count against its limits.
std::uint64_t input_estimate(const ClientRequest& request, const Plan& plan, bool at_home) {
  std::uint64_t bytes = request.body.size();
  if (at_home && plan.home && bytes >= plan.home->body_bytes) bytes -= plan.home->body_bytes;
  return tokens_of(bytes);
}

std::string_view words_of(state::Obstacle obstacle) {
  switch (obstacle) {
    case state::Obstacle::breaker:
      return "its breaker is open";
    case state::Obstacle::disabled:
      return "an operator has disabled it";
    default:
      return "it has max_in_flight requests";
  }
}

}  // namespace

Picker::Picker(state::Keys& keys, state::Providers& providers, base::Rng& rng,
               const worker::Snapshot& snapshot, const ClientRequest& request, Plan plan)
    : keys_(keys),
      providers_(providers),
      rng_(rng),
      snapshot_(snapshot),
      request_(request),
      plan_(std::move(plan)) {}

std::optional<Target> Picker::next(bool all_have_failed, TimePoint now) {
  for (std::size_t i = 0; i < plan_.candidates.size(); ++i) {
    if (plan_.candidates[i].passed_over) continue;
    if (auto target = try_candidate(i, false, now)) return target;
  }
  if (!all_have_failed) return {};
  // A provider is shut out by its breaker only while there is somebody else to ask.
  for (std::size_t i = 0; i < plan_.candidates.size(); ++i) {
    Candidate& candidate = plan_.candidates[i];
    if (candidate.passed_over || !candidate.shut) continue;
    if (auto target = try_candidate(i, true, now)) return target;
  }
  return {};
}

std::optional<Target> Picker::next_beside(const std::vector<std::size_t>& asked, TimePoint now) {
  for (std::size_t i = 0; i < plan_.candidates.size(); ++i) {
    if (plan_.candidates[i].passed_over) continue;
    if (std::find(asked.begin(), asked.end(), i) != asked.end()) continue;
    if (auto target = try_candidate(i, false, now)) return target;
  }
  return {};
}

std::optional<Target> Picker::try_candidate(std::size_t index, bool force, TimePoint now) {
  Candidate& candidate = plan_.candidates[index];
  if (candidate.authority != Authority::key && !candidate.tried_keys.empty()) {
    return {};  // one credential, one chance
  }
  auto target = reserve(index, candidate.tried_keys, force, now);
  if (target) candidate.tried_keys.push_back(target->key);
  return target;
}

std::optional<Target> Picker::again(std::size_t candidate, std::size_t key, TimePoint now) {
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < plan_.candidates[candidate].pool().keys.size(); ++i) {
    if (i != key) others.push_back(i);
  }
  return reserve(candidate, others, plan_.candidates[candidate].shut, now);
}

state::Ask Picker::ask(const Candidate& candidate, const std::vector<std::size_t>& barred) const {
  const bool at_home = plan_.home && plan_.home->provider == candidate.entry->config->name;
  return {candidate.pool(),
          candidate.model,
          barred,
          input_estimate(request_, plan_, at_home),
          request_.operation == Operation::messages,
          request_.conversation,
          at_home ? std::string_view(plan_.home->key) : std::string_view(),
          plan_.follows,
          rng_.next()};
}

state::Outlook Picker::outlook(TimePoint now) const {
  state::Outlook all;
  all.refused = !plan_.candidates.empty();
  all.disabled = all.refused;
  for (const Candidate& candidate : plan_.candidates) {
    if (candidate.passed_over || !has_record(candidate.authority)) {
      all.refused = all.disabled = false;
      continue;
    }
    const auto one = keys_.outlook(ask(candidate, {}), now);
    all.refused = all.refused && one.refused;
    all.disabled = all.disabled && one.disabled;
    all.busy = all.busy || one.busy;
    const bool is_sooner = one.soonest && (!all.soonest || *one.soonest < *all.soonest);
    if (is_sooner) all.soonest = one.soonest;
    // What ends by itself is more use to a client than what does not.
    if (one.told && (is_sooner || (!all.told && one.refused))) {
      all.told = one.told;
      all.of_account = one.of_account;
    }
  }
  return all;
}

std::optional<Target> Picker::reserve(std::size_t index, const std::vector<std::size_t>& barred,
                                      bool force, TimePoint now) {
  Candidate& candidate = plan_.candidates[index];
  const worker::Entry& entry = *candidate.entry;
  const std::string& name = entry.config->name;
  auto taken = providers_.take(name, snapshot_.breaker, entry.config->max_in_flight, now, force,
                               work_of(request_.operation));
  if (!taken) {
    candidate.shut = candidate.shut || taken.refusal == state::Obstacle::breaker;
    skip(candidate, words_of(taken.refusal));
    return {};
  }
  Target target;
  target.candidate = index;
  target.entry = &entry;
  target.authority = candidate.authority;
  target.model = candidate.model;
  target.dialect = candidate.dialect;
  target.provider_lease = std::move(*taken.lease);
  target.why = "strategy";
  target.health = taken.state;
  target.was_silent = taken.was_silent;
  if (!has_record(candidate.authority)) return target;

  auto choice = keys_.choose(ask(candidate, barred), now);
  if (!choice.index) {
    skip(candidate, "no key is free");
    return {};
  }
  target.key = *choice.index;
  target.key_lease = std::move(choice.lease);
  if (candidate.authority == Authority::key) target.why = choice.why;
  return target;
}

int Picker::untried() const {
  return static_cast<int>(std::count_if(
      plan_.candidates.begin(), plan_.candidates.end(), [](const Candidate& candidate) {
        return candidate.tried_keys.empty() && !candidate.passed_over;
      }));
}

void Picker::pass_over(std::size_t candidate) {
  plan_.candidates[candidate].passed_over = true;
}

void Picker::skip(const Candidate& candidate, std::string_view why) {
  skips_.push_back({candidate.entry->config->name, why});
}

}  // namespace ccrelay::exchange
