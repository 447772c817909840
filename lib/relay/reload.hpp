#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/timer_queue.hpp"
#include "loop/file_watch.hpp"
#include "loop/loop.hpp"
#include "relay/reload_job.hpp"
#include "worker/reporter.hpp"
#include "worker/shared.hpp"

namespace ccrelay::relay {

/// Has the configuration read again when one of its files has changed, or somebody asks for it, and
/// tells how that went. Reading and checking is a job on a thread of its own, one at a time; what
/// comes meanwhile causes one more. One per relay, on the loop of its first worker; its owner
/// destroys it before that loop.
///
/// A change is looked at when there was quiet for 100 ms, a second after its first event at the
/// latest. Then the contents decide: only what is none of what was read last, good or bad, is read,
/// so that taking a mistake back makes the relay well again. A file that is missing then is given
/// two seconds, one with a mistake another reading after 200 ms: it may be half written.
class Reload {
 public:
  Reload(loop::Loop& loop, worker::Reporter& report, worker::Shared& shared, ReloadCalls calls);
  ~Reload();
  Reload(const Reload&) = delete;
  Reload& operator=(const Reload&) = delete;

  /// Watches what the configuration in force was read from.
  void start(FilesRead files);
  /// Nothing is read any more.
  void stop();
  /// Reads it whatever the files say.
  void ask(worker::Reloads::Done done);
  /// A configuration is in force that was read from these.
  void took(FilesRead files);

 private:
  enum class Cause { own, change, missing, asked, again };

  void on_change();
  void run(Cause cause);
  void finish(JobResult result);
  void settle(const JobResult& result);
  /// `look`: what is not watched yet may have changed.
  void watch(bool look = true);
  void tell_taken(const JobResult& result);
  void tell_rejected(const JobResult& result);
  void answer(const worker::ReloadOutcome& outcome);
  bool watches() const;

  loop::Loop& loop_;
  worker::Reporter& report_;
  worker::Shared& shared_;
  const ReloadCalls calls_;
  const Config started_with_;
  FilesRead last_;  // read, good or bad
  bool stopped_ = false;
  TimePoint first_event_{};    // of those that quiet_ is armed for
  Cause cause_ = Cause::own;   // of the job that runs
  std::optional<Cause> next_;  // after it
  TimePoint begun_{};
  std::string unwatched_;                         // the error that was told last
  std::vector<worker::Reloads::Done> asking_;     // by the next job
  std::vector<worker::Reloads::Done> answering_;  // by the one that runs, or runs again
  loop::FileWatch files_;
  base::Timer quiet_;
  base::Timer missing_;
  base::Timer again_;
  std::thread thread_;  // joinable: a job runs
};

}  // namespace ccrelay::relay
