#pragma once

#include <ccrelay/manage.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manage/jobs.hpp"
#include "manage/period_sums.hpp"
#include "manage/ticker.hpp"
#include "worker/shared.hpp"

namespace ccrelay::manage {

/// What the Manager works on: the shared state of a relay, and its workers by the directory. One a
/// relay, which owns it. Thread-safe.
class Core {
 public:
  Core(worker::Shared& shared, const Clock& clock) : shared_(shared), clock_(clock) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  worker::Shared& shared() { return shared_; }
  const Clock& clock() const { return clock_; }
  TimePoint now() const { return clock_.now(); }
  /// A moment of the monotonic clock by the calendar.
  WallTime wall(TimePoint time) const {
    return clock_.wall() + std::chrono::duration_cast<WallTime::duration>(time - clock_.now());
  }
  worker::Tallied tallied() const {
    worker::Tallied sum;
    shared_.tallies.add_to(sum);
    return sum;
  }
  management::Manager& manager() { return manager_; }
  /// Has it done on the thread for what takes long, which then calls `done` with what it gives.
  template <class Work, class Done>
  void job(Work work, Done done) {
    const auto shared_done = std::make_shared<Done>(std::move(done));
    const bool taken = jobs_.add([work = std::move(work), shared_done](const Jobs::Stops& stops) {
      (*shared_done)(work(stops));
    });
    if (taken) return;
    (*shared_done)(management::Refusal{management::Code::resource_exhausted,
                                       "too much is asked at once; ask again in a while"});
  }
  bool add_job(Jobs::Job job) { return jobs_.add(std::move(job)); }
  PeriodSums& periods() { return periods_; }
  const std::shared_ptr<Ticker>& ticker() { return ticker_; }
  /// Ends what runs on threads of its own, and who watches the status.
  void close() { ticker_->close(); }
  /// For one more who reads a stream; resource_exhausted when there are too many.
  management::Reply<worker::Seat> seat();
  /// A reload that somebody has asked for here runs.
  std::atomic<bool>& reloads_now() { return reloads_now_; }
  /// A front serves management there.
  void serves_at(std::string address) {
    const std::lock_guard lock(mutex_);
    served_at_.push_back(std::move(address));
  }
  std::vector<std::string> served_at() const {
    const std::lock_guard lock(mutex_);
    return served_at_;
  }

  /// Why an order can't be carried out as it is, if so; else it is one line and says who.
  std::optional<management::Refusal> check(management::Order& order) const;
  /// Tells the observer what an operator has done.
  void note(const management::Order& order, std::string_view verb, std::string_view kind,
            const std::string& subject, bool changed);

  /// Has `call` see each request that runs, on its worker's thread; false when a worker did not
  /// answer in time. `call` may run when nobody waits any more.
  bool each_running(const std::function<void(worker::RunningRequest&)>& call);

 private:
  worker::Shared& shared_;
  const Clock& clock_;
  std::atomic<bool> reloads_now_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> served_at_;
  management::Manager manager_{*this};
  PeriodSums periods_;
  const std::shared_ptr<Ticker> ticker_ = std::make_shared<Ticker>();  // outlived by readers
  Jobs jobs_;                                                          // ends before the rest does
};

/// What an operator's word looks like; none when there is none, or its time is over.
std::optional<management::AdminOverride> told(const state::OperatorWord& word, TimePoint now);
management::AdminState told(state::Admin admin);
/// "provider", "x", {"a", "b"}: not_found, with what there is.
management::Refusal unknown(std::string_view kind, const std::string& name,
                            const std::vector<std::string>& known);
management::Refusal no_answer();
management::Refusal invalid(std::string message);  ///< invalid_argument
management::Refusal has_stopped();
/// `; did you mean "x"?`, or nothing.
std::string perhaps(std::string_view name, const std::vector<std::string>& known);

}  // namespace ccrelay::manage
