#include "worker/tally.hpp"

#include <algorithm>
#include <chrono>

#include "base/clipped.hpp"
#include "worker/told_request.hpp"

namespace ccrelay::worker {
namespace {

constexpr std::size_t error_bytes_max = 300;

bool is_a_key(std::string_view key) {
  return !key.empty() && key != "client" && key != "identity";
}

void merge(NameTallies& sum, const NameTallies& more) {
  for (const auto& [name, tally] : more) sum[name].add(tally);
}

}  // namespace

void NameTally::add(const NameTally& more) {
  worker::add(totals, more.totals);
  for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += more.outcomes[i];
  if (more.last_error && (!last_error || last_error->time < more.last_error->time)) {
    last_error = more.last_error;
  }
  if (more.last && (!last || *last < *more.last)) last = more.last;
  in_flight += more.in_flight;
  lately.add(more.lately);
}

SecondTally& Tallied::at(TimePoint now) {
  const std::int64_t second =
      std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  SecondTally& one = seconds[static_cast<std::size_t>(second) % seconds_kept];
  if (one.second != second) {
    one = {};
    one.second = second;
    one.in_flight_max = in_flight;
  }
  return one;
}

void Tallied::add(const Tallied& more) {
  worker::add(totals, more.totals);
  in_flight += more.in_flight;
  streaming += more.streaming;
  merge(providers, more.providers);
  merge(keys, more.keys);
  merge(clients, more.clients);
  for (std::size_t i = 0; i < seconds_kept; ++i) {
    SecondTally& to = seconds[i];
    const SecondTally& from = more.seconds[i];
    if (from.second < to.second) continue;
    if (from.second > to.second) to = {from.second};
    to.requests += from.requests;
    to.failed += from.failed;
    to.input_tokens += from.input_tokens;
    to.output_tokens += from.output_tokens;
    to.in_flight_max += from.in_flight_max;
  }
  first_byte.add(more.first_byte);
  total.add(more.total);
}

NameTally* Tally::at(NameTallies& names, std::string_view name) {
  const auto found = names.find(name);
  if (found != names.end()) return &found->second;
  return names.size() < Tallied::names_max ? &names[std::string(name)] : nullptr;
}

void Tally::begun(std::string_view client, TimePoint now, WallTime wall) {
  const std::lock_guard lock(mutex_);
  ++counts_.in_flight;
  SecondTally& second = counts_.at(now);
  second.in_flight_max = std::max(second.in_flight_max, counts_.in_flight);
  if (NameTally* tally = at(counts_.clients, client)) {
    ++tally->in_flight;
    tally->last = wall;
  }
}

void Tally::passing() {
  const std::lock_guard lock(mutex_);
  ++counts_.streaming;
}

void Tally::ended(const RequestSummary& summary, std::uint64_t number, bool passed, TimePoint now) {
  const std::lock_guard lock(mutex_);
  SecondTally& second = counts_.at(now);
  --counts_.in_flight;
  if (passed) --counts_.streaming;
  // Each sum is made once, and added wherever it counts.
  management::Totals of_request;
  add(of_request, summary);
  management::Totals with_attempts = of_request;
  ++second.requests;
  second.failed += has_failed(summary);
  if (summary.status != 499) counts_.first_byte.at(now).observe(summary.first_byte);
  counts_.total.at(now).observe(summary.total);
  Asked last;
  for (const AttemptSummary& attempt : summary.attempts) {
    management::Totals of_attempt;
    add(of_attempt, attempt);
    add(with_attempts, of_attempt);
    last = attempt_ended(attempt, of_attempt, number, now);
  }
  second.input_tokens += with_attempts.usage.input_tokens;
  second.output_tokens += with_attempts.usage.output_tokens;
  add(counts_.totals, with_attempts);
  if (NameTally* client = at(counts_.clients, summary.client_name)) {
    --client->in_flight;
    add(client->totals, with_attempts);
  }
  if (last.provider) add(last.provider->totals, of_request);
  if (last.key) add(last.key->totals, of_request);
}

Tally::Asked Tally::attempt_ended(const AttemptSummary& attempt,
                                  const management::Totals& of_attempt, std::uint64_t number,
                                  TimePoint now) {
  const bool failed = has_failed(attempt.outcome);
  const auto count = [&](NameTally* tally) {
    if (!tally) return;
    add(tally->totals, of_attempt);
    ++tally->outcomes[static_cast<std::size_t>(attempt.outcome)];
    tally->last = attempt.began;
    if (attempt.outcome != Outcome::cancelled) {
      tally->lately.at(now).add({1, failed ? 1u : 0u});
    }
    if (!failed) return;
    tally->last_error = management::LastError{
        attempt.began + std::chrono::duration_cast<WallTime::duration>(attempt.total),
        attempt.outcome, attempt.status, base::clipped(attempt.detail, error_bytes_max),
        request_id_text(number)};
  };
  Asked asked;
  asked.provider = at(counts_.providers, attempt.provider);
  if (is_a_key(attempt.key)) asked.key = at(counts_.keys, attempt.key);
  count(asked.provider);
  count(asked.key);
  return asked;
}

Tallies::Member::Member(Tallies& tallies) : tallies_(tallies) {
  const std::lock_guard lock(tallies_.mutex_);
  tallies_.members_.push_back(this);
}

Tallies::Member::~Member() {
  const std::lock_guard lock(tallies_.mutex_);
  std::erase(tallies_.members_, this);
}

void Tallies::add_to(Tallied& sum) const {
  const std::lock_guard lock(mutex_);
  for (const Member* member : members_) member->tally_.add_to(sum);
}

}  // namespace ccrelay::worker
