#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "loop/loop.hpp"
#include "worker/counts.hpp"
#include "worker/figures.hpp"
#include "worker/lag_watch.hpp"

namespace ccrelay::worker {

/// Adds up what all workers have counted: each is asked on its own thread, between two things that
/// it does, so that what it tells is of one moment. Thread-safe; outlives its members.
class Census {
 private:
  struct Survey;

 public:
  /// One worker. Belongs to its tree; but for the constructor, everything on its loop's thread.
  class Member {
   public:
    Member(Census& census, loop::Loop& loop, Figures& figures);
    ~Member() { retire(); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    /// It will not serve anybody any more. What it has counted stays in the sum; who waits for it
    /// is told now.
    void retire();

   private:
    friend class Census;
    void answer();

    Census& census_;
    loop::Loop& loop_;
    Figures& figures_;
    LagWatch lag_;
    std::vector<std::shared_ptr<Survey>> asked_;  // the next three under the census' lock
    bool listed_ = true;
  };

  /// A sum that is wanted. Destroying it takes the wish back.
  class Ticket {
   public:
    Ticket(std::shared_ptr<Survey> survey) : survey_(std::move(survey)) {}
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    std::shared_ptr<Survey> survey_;
  };

  /// Calls `done` on the thread of `home`, whose loop calls this, in one of its next turns.
  std::unique_ptr<Ticket> take(Member& home, std::function<void(const Counts&)> done);

  /// Has workers look how late their loops are, for some minutes from now.
  void watch_lag(TimePoint now);
  /// How late one of them was in the last ten seconds at most, as far as it was looked at.
  Duration recent_lag(TimePoint now);

 private:
  void settle(Member& member);
  void finish(const std::shared_ptr<Survey>& survey);

  std::mutex mutex_;
  std::vector<Member*> members_;
  Counts retired_;  // of members that have gone
  TimePoint lag_asked_{};
};

}  // namespace ccrelay::worker
