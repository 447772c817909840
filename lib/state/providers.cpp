#include "state/providers.hpp"

#include <utility>

namespace ccrelay::state {

ProviderLease::ProviderLease(ProviderLease&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      record_(other.record_),
      breaker_(other.breaker_),
      permit_(other.permit_),
      was_silent_(other.was_silent_) {}

ProviderLease& ProviderLease::operator=(ProviderLease&& other) noexcept {
  if (this != &other) {
    settle(Breaker::Mark::neutral, {}, {});
    owner_ = std::exchange(other.owner_, nullptr);
    record_ = other.record_;
    breaker_ = other.breaker_;
    permit_ = other.permit_;
    was_silent_ = other.was_silent_;
  }
  return *this;
}

ProviderLease::~ProviderLease() {
  settle(Breaker::Mark::neutral, {}, {});
}

std::optional<Transition> ProviderLease::settle(Breaker::Mark mark,
                                                std::optional<Duration> first_byte, TimePoint now,
                                                Heard heard) {
  if (!owner_) return {};
  const std::lock_guard lock(std::exchange(owner_, nullptr)->mutex_);
  --record_->in_flight;
  if (first_byte) record_->latency.add(*first_byte, now);
  if (std::exchange(was_silent_, false)) record_->silence.over();
  switch (heard) {
    case Heard::nothing_yet:
      break;
    case Heard::a_head:
      record_->silence.heard();
      break;
    case Heard::silence:
      record_->silence.timed_out(now);
      break;
    case Heard::others:
      record_->silence.overtaken(now);
      break;
  }
  return breaker_->settle(permit_, mark, now);
}

void ProviderLease::hear() {
  if (!owner_) return;
  const std::lock_guard lock(owner_->mutex_);
  record_->silence.heard();
  if (std::exchange(was_silent_, false)) record_->silence.over();
}

ProviderView Providers::view(std::string_view name, TimePoint now, Work work) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(name);
  if (found == records_.end()) return {};
  const ProviderRecord& record = found->second;
  const Breaker& breaker = work == Work::counting ? record.counting : record.breaker;
  return {breaker.state(now),
          breaker.would_admit(now),
          breaker.failures(),
          breaker.half_open_at(),
          record.in_flight,
          record.latency.average(now),
          record.silence.asked_last(now),
          record.silence.times(),
          record.silence.until(),
          record.word.at(now),
          record.breaker.opened()};
}

Place Providers::take(std::string_view name, const Breaker::Settings& settings, int in_flight_max,
                      TimePoint now, bool force, Work work) {
  const std::lock_guard lock(mutex_);
  ProviderRecord& known = record(name);
  Breaker& breaker = work == Work::counting ? known.counting : known.breaker;
  breaker.configure(settings);
  Place place;
  place.state = breaker.state(now);
  if (known.word.at(now) == Admin::disabled) {
    place.refusal = Obstacle::disabled;
    return place;
  }
  if (in_flight_max > 0 && known.in_flight >= static_cast<unsigned>(in_flight_max)) {
    place.refusal = Obstacle::in_flight;
    return place;
  }
  const auto permit = force ? breaker.force(now) : breaker.admit(now);
  if (!permit) {
    place.refusal = Obstacle::breaker;
    return place;
  }
  ++known.in_flight;
  place.lease.emplace();
  place.lease->owner_ = this;
  place.lease->record_ = &known;
  place.lease->breaker_ = &breaker;
  place.lease->permit_ = *permit;
  if (known.silence.times() > 0) {
    known.silence.asked();
    place.was_silent = place.lease->was_silent_ = true;
  }
  return place;
}

std::optional<Transition> Providers::check_succeeded(std::string_view name, TimePoint now) {
  const std::lock_guard lock(mutex_);
  ProviderRecord& known = record(name);
  known.news.failing = false;
  return known.breaker.check_succeeded(now);
}

void Providers::note_failure(std::string_view name, std::string why, WallTime now) {
  const std::lock_guard lock(mutex_);
  record(name).news = {true, std::move(why), now};
}

void Providers::note_success(std::string_view name) {
  const std::lock_guard lock(mutex_);
  record(name).news.failing = false;
}

ProviderNews Providers::news(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(name);
  return found == records_.end() ? ProviderNews() : found->second.news;
}

bool Providers::order(std::string_view name, OperatorWord word, TimePoint now) {
  const std::lock_guard lock(mutex_);
  OperatorWord& known = record(name).word;
  const Admin before = known.at(now);
  if (word.state == Admin::draining && before == Admin::disabled) return false;
  known = std::move(word);
  return known.at(now) != before;
}

OperatorWord Providers::word(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(name);
  return found == records_.end() ? OperatorWord() : found->second.word;
}

Admin Providers::admin(std::string_view name, TimePoint now) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(name);
  return found == records_.end() ? Admin::enabled : found->second.word.at(now);
}

bool Providers::reset_breaker(std::string_view name) {
  const std::lock_guard lock(mutex_);
  ProviderRecord& known = record(name);
  const bool answering = known.breaker.reset();
  return known.counting.reset() || answering;
}

ProviderRecord& Providers::record(std::string_view name) {
  const auto found = records_.find(name);
  return found != records_.end() ? found->second : records_[std::string(name)];
}

}  // namespace ccrelay::state
