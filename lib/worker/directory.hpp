#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "loop/loop.hpp"
#include "worker/reporter.hpp"
#include "worker/running.hpp"

namespace ccrelay::worker {

/// The workers of a relay, for whoever has something to ask or to tell them from another thread.
/// Thread-safe; outlives its members.
class Directory {
 private:
  struct Round;

 public:
  /// One worker. Belongs to its tree; but for the constructor, everything on its loop's thread.
  class Member {
   public:
    Member(Directory& directory, loop::Loop& loop, Reporter& report);
    ~Member() { retire(); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    /// This thread is the one that turns its loop from now on.
    void bind();
    /// It will not serve anybody any more; who waits for it is told now.
    void retire();
    Running& running() { return running_; }
    Reporter& report() { return report_; }

   private:
    friend class Directory;
    Directory& directory_;
    loop::Loop& loop_;
    Reporter& report_;
    Running running_;
    std::thread::id thread_;                     // under the lock, as the next two
    std::vector<std::shared_ptr<Round>> asked_;  // not answered yet
    bool listed_ = true;
  };

  /// One step of what a worker is asked to do; true when that is all. What it refers to outlives
  /// it: it may run when nobody waits any more.
  using Step = std::function<bool(Member&)>;
  /// Has each worker go through steps of its own, one a turn of its loop, and waits until all have
  /// come to an end, for a second at most: then false. On a worker's own thread its steps run at
  /// once.
  bool ask(const std::function<Step()>& make_steps);
  /// Whether the caller is on the thread of a worker's loop.
  bool is_workers_thread();
  /// Has the first worker do this, some time, unless it has stopped.
  void tell_first(std::function<void(Member&)> call);

 private:
  static void go_on(Member& member, const std::shared_ptr<Round>& round,
                    const std::shared_ptr<Step>& step);
  void settle(Member& member, const std::shared_ptr<Round>& round);

  std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<Member*> members_;
};

}  // namespace ccrelay::worker
