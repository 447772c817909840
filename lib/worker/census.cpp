#include "worker/census.hpp"

#include <algorithm>
#include <utility>

namespace ccrelay::worker {

struct Census::Survey {
  Counts sum;                               // under the lock until nobody is missing, then home's
  std::size_t missing = 0;                  // under the lock
  Member* home = nullptr;                   // listed, or nobody waits any more
  std::function<void(const Counts&)> done;  // on home's thread; empty when nobody waits
};

Census::Member::Member(Census& census, loop::Loop& loop, Figures& figures)
    : census_(census), loop_(loop), figures_(figures), lag_(loop, figures) {
  const std::lock_guard lock(census_.mutex_);
  census_.members_.push_back(this);
}

void Census::Member::retire() {
  const std::lock_guard lock(census_.mutex_);
  if (!std::exchange(listed_, false)) return;
  std::erase(census_.members_, this);
  census_.settle(*this);
  census_.retired_.add(figures_.counts());
}

void Census::Member::answer() {
  lag_.keep_on();
  const std::lock_guard lock(census_.mutex_);
  census_.settle(*this);
}

Census::Ticket::~Ticket() {
  survey_->done = nullptr;
}

std::unique_ptr<Census::Ticket> Census::take(Member& home,
                                             std::function<void(const Counts&)> done) {
  auto survey = std::make_shared<Survey>();
  survey->home = &home;
  survey->done = std::move(done);
  const std::lock_guard lock(mutex_);
  survey->sum = retired_;
  survey->missing = members_.size();
  for (Member* member : members_) {
    member->asked_.push_back(survey);
    // Dropped with the loop if its turn never comes; then the member has retired before.
    member->loop_.post([member] { member->answer(); });
  }
  return std::make_unique<Ticket>(std::move(survey));
}

void Census::watch_lag(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (now - lag_asked_ < LagWatch::patience / 5 && lag_asked_ != TimePoint{}) return;
  lag_asked_ = now;
  for (Member* member : members_) {
    member->loop_.post([member] { member->lag_.keep_on(); });
  }
}

Duration Census::recent_lag(TimePoint now) {
  const std::lock_guard lock(mutex_);
  Duration most{};
  for (const Member* member : members_) most = std::max(most, member->lag_.lately().most(now));
  return most;
}

void Census::settle(Member& member) {
  for (const auto& survey : std::exchange(member.asked_, {})) {
    survey->sum.add(member.figures_.counts());
    if (--survey->missing == 0) finish(survey);
  }
}

void Census::finish(const std::shared_ptr<Survey>& survey) {
  // Who has retired has no handlers any more, and its loop may be gone.
  if (std::find(members_.begin(), members_.end(), survey->home) == members_.end()) return;
  survey->home->loop_.post([survey] {
    const auto done = std::exchange(survey->done, nullptr);
    if (done) done(survey->sum);
  });
}

}  // namespace ccrelay::worker
