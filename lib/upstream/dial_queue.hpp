#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "loop/loop.hpp"
#include "upstream/dial.hpp"

namespace ccrelay::upstream {

/// Those that wait for a connection to one origin, and the dials that run for them. While its name
/// is not known only some dials run: each look-up has a thread of curl's, and one that hangs can't
/// be ended, so that a crowd and its retries would have as many as there are requests. Once the
/// name is known, curl's cache has it for all others. A dial whose waiter leaves goes on for the
/// next one. Owned by the client; loop's thread; outlives its waiters.
class DialQueue final : private loop::TurnTask {
 public:
  /// Look-ups at once.
  static constexpr std::size_t lookups_max = 4;

  DialQueue(loop::Loop& loop, Dialers& dialers, const Origin& origin)
      : TurnTask(loop), dialers_(dialers), origin_(origin) {}

  /// Asks for a connection; the waiter is told once, perhaps within this call if curl does not take
  /// the configuration.
  void want(DialSink& waiter);
  /// It is not told any more.
  void forget(DialSink& waiter);

 private:
  // A dial and who it is for; nobody, when its waiter has left and its look-up goes on.
  class Running final : private DialSink {
   public:
    Running(DialQueue& queue, DialSink& waiter)
        : waiter(&waiter), queue_(queue), dial_(queue.dialers_, queue.origin_, *this) {}
    CURLcode start() { return dial_.start(); }

    DialSink* waiter;
    bool looks_up = true;

   private:
    void on_name_known() override;
    void on_dialed(std::unique_ptr<Channel> channel) override;
    void on_dial_failed(const DialFailure& failure) override;

    DialQueue& queue_;
    Dial dial_;
  };

  void run_at_turn_end() override;
  void start_more();
  std::size_t looking_up() const;
  DialSink* take_waiter();
  void drop_useless();
  void retire(const Running& running);

  Dialers& dialers_;
  const Origin& origin_;
  std::vector<std::unique_ptr<Running>> running_;
  std::deque<DialSink*> waiting_;
};

}  // namespace ccrelay::upstream
