#pragma once

#include <ccrelay/observer.hpp>

#include <memory>
#include <optional>
#include <vector>

#include "base/recycled.hpp"
#include "base/timer_queue.hpp"
#include "exchange/attempt.hpp"
#include "exchange/picker.hpp"

namespace ccrelay::exchange {

/// Told how a search ends: exactly one of the two, unless it is stopped.
class SearchSink {
 public:
  virtual ~SearchSink() = default;
  /// A provider is being asked; an attempt has ended, and its account is the last. Nothing of the
  /// search may be changed in these.
  virtual void on_attempt_begun() {}
  virtual void on_attempt_ended() {}
  /// The attempt whose answer is to be passed on.
  virtual void on_found(std::unique_ptr<Attempt> attempt) = 0;
  /// Everybody who could be asked has failed; `error` is what the log says.
  virtual void on_nothing_found(Answer answer, std::string error) = 0;
};

/// The way from a plan to an answer that can be passed on: attempts one after the other; some at a
/// time after a failure with `routing.race`, and while nobody says anything with
/// `routing.hedge_ms`; repeats in place, and the limits on all of it. Everything about retry and
/// failover is decided here, before the commit point. Owned by the exchange; destroying it cancels
/// its attempts.
class Search final : public AttemptSink, public base::Recycled<Search> {
 public:
  /// `summary` gets the account of each attempt that has ended.
  Search(worker::Tools& tools, const worker::Snapshot& snapshot, const ClientRequest& request,
         Plan plan, RequestSummary& summary, SearchSink& sink);

  void start();
  /// Ends what runs, with this on record. The sink is not told anything.
  void stop(Outcome outcome, std::string_view detail);
  /// The same when the client's patience is over. Only what ran for long is to blame.
  void time_out(std::string_view detail);
  int attempts() const { return attempts_; }
  /// Ends what runs at this provider and asks somebody else, as if it had failed but for the blame.
  void leave(std::string_view provider, std::string_view detail);
  std::size_t running() const { return running_.size(); }
  /// Accounts of those that run, as far as they are.
  void add_running(std::vector<AttemptSummary>& attempts, WallTime wall) const;
  const Plan& plan() const { return picker_.plan(); }

 private:
  // The same provider and key again, after a pause.
  struct Repeat {
    std::size_t candidate;
    std::size_t key;
    TimePoint due;
    bool fresh;  // on a new connection
  };

  void on_answer(Attempt& attempt) override;
  void on_attempt_failed(Attempt& attempt, Failure failure) override;

  void go_on();
  std::size_t width() const;
  void watch_silence();
  void on_silence();
  bool may_begin() const;
  std::optional<Target> next_target();
  void begin(Target target);
  void after_failure(const Target& target, const Failure& failure);
  bool may_be_sent_twice() const;
  bool may_repeat(const Attempt& attempt, const Failure& failure);
  std::vector<Splice> cuts_for(const Target& target) const;
  std::unique_ptr<Attempt> release(Attempt& attempt);
  void end(std::unique_ptr<Attempt> attempt, Outcome outcome, std::string_view detail,
           const Failure* failure);
  void give_up();
  void trace_skips();
  void trace_costs() const;
  void trace_candidates() const;
  void trace(std::string_view event, std::string message,
             std::vector<Note::Field> fields = {}) const;

  worker::Tools& tools_;
  const worker::Snapshot& snapshot_;
  const ClientRequest& request_;
  RequestSummary& summary_;
  SearchSink& sink_;
  Picker picker_;
  std::vector<std::unique_ptr<Attempt>> running_;
  std::vector<Repeat> repeats_;
  base::Timer pause_;
  base::Timer silence_;
  std::size_t hedges_ = 0;  // how many more may run at once, since nobody says anything
  Failures failures_;
  std::optional<TimePoint> first_failure_;
  const worker::Entry* failed_ = nullptr;  // of the last that did, until somebody is asked again
  int attempts_ = 0;
  bool over_ = false;              // somebody has had the last word
  bool without_thinking_ = false;  // a provider rejected a signature: none goes along any more
};

}  // namespace ccrelay::exchange
