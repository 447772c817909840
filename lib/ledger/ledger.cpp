#include <ccrelay/ledger.hpp>

#include <signal.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "ledger/keeper.hpp"
#include "ledger/queue.hpp"
#include "ledger/row.hpp"
#include "ledger/spend.hpp"

namespace ccrelay {
namespace {

using ledger::Keeper;

// At the end: for whom somebody else's lock is in the way.
constexpr int last_tries = 20;
constexpr std::chrono::milliseconds last_wait{50};

// Threads start with the signals of their maker; the program's are its main thread's to take.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

/// The thread, and what loops hand to it.
class ThreadedLedger final : public Ledger {
 public:
  ThreadedLedger(LedgerOptions options, const Clock& clock, TimeZone zone)
      : options_(std::move(options)),
        clock_(clock),
        queue_(options_.queue_max),
        spend_(std::move(zone)),
        keeper_(options_, clock_, queue_, spend_) {}

  ~ThreadedLedger() override {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  /// Opens the file on the caller's thread, so that budgets are known when this returns.
  Result<void> start() {
    keeper_.turn(Keeper::Urgency::now);
    for (int i = 0; i < last_tries && options_.required && is_locked(); ++i) wait_and_try();
    if (const auto& trouble = keeper_.trouble(); trouble && options_.required) {
      return Error{ErrorCode::config, "the ledger is required and can't be written: " +
                                          trouble->words + " (ledger.required, ledger.path)"};
    }
    const AllSignalsBlocked during;
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void request_finished(const RequestSummary& request) override {
    if (!ledger::is_kept(request)) return;
    ledger::Entry entry{ledger::row_of(request), ledger::spent_by(request), {}, {}};
    if (entry.spent != 0) {
      ledger::Periods periods = spend_.add(request.client_name, request.time, entry.spent);
      entry.day = std::move(periods.day);
      entry.month = std::move(periods.month);
    }
    queue_.add(std::move(entry), clock_.now());
  }

  // Once for all of a turn, and not at all while the thread knows that something waits.
  void turn_ended() override {
    if (!queue_.wants_waking()) return;
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    wake_.notify_one();
  }

  bool flush() override {
    std::unique_lock lock(mutex_);
    const std::uint64_t ticket = ++asked_;
    wake_.notify_one();
    served_changed_.wait(lock, [&] { return served_ >= ticket; });
    return queue_.size() == 0;
  }

  std::int64_t spent(std::string_view client, BudgetPeriod period) const override {
    return spend_.spent(client, period, clock_.wall());
  }
  WallTime period_end(BudgetPeriod period) const override {
    const ledger::Periods periods = spend_.periods(clock_.wall());
    return period == BudgetPeriod::day ? periods.day_end : periods.month_end;
  }
  bool may_serve() const override { return !options_.required || keeper_.is_up(); }
  LedgerStatus status() const override { return keeper_.status(); }

 private:
  bool is_locked() const {
    return keeper_.trouble() && keeper_.trouble()->fault == ledger::Fault::locked;
  }

  void wait_and_try() {
    if (!clock_.is_manual()) std::this_thread::sleep_for(last_wait);
    keeper_.turn(Keeper::Urgency::now);
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      const bool last = stopping_;
      const std::uint64_t asked = asked_;
      const bool all = asked != served_;
      woken_ = false;
      lock.unlock();
      keeper_.turn(last ? Keeper::Urgency::now : all ? Keeper::Urgency::all : Keeper::Urgency::due);
      if (last) return finish();
      lock.lock();
      served_ = asked;
      served_changed_.notify_all();
      wait(lock);
    }
  }

  void wait(std::unique_lock<std::mutex>& lock) {
    const auto wanted = [this] { return stopping_ || asked_ != served_; };
    // Manual time passes when somebody says so, who then asks for a flush.
    if (clock_.is_manual()) return wake_.wait(lock, wanted);
    if (wanted() || woken_) return;
    const Duration left = keeper_.due() - clock_.now();
    wake_.wait_for(lock, left, [&] { return wanted() || woken_; });
  }

  void finish() {
    for (int i = 0; i < last_tries && is_locked() && queue_.size() > 0; ++i) wait_and_try();
    if (queue_.size() == 0 || options_.notes == nullptr) return;
    Note note;
    note.time = clock_.wall();
    note.level = Level::error;
    note.event = "ledger";
    note.message = std::to_string(queue_.size()) + " requests could not be written to " +
                   options_.path + " before the end";
    options_.notes->noted(note);
    options_.notes->turn_ended();
  }

  const LedgerOptions options_;
  const Clock& clock_;
  mutable ledger::Queue queue_;
  mutable ledger::SpendBook spend_;
  Keeper keeper_;

  std::mutex mutex_;
  std::condition_variable wake_, served_changed_;
  std::uint64_t asked_ = 0, served_ = 0;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Ledger>> make_ledger(LedgerOptions options) {
  if (options.path.empty()) {
    return Error{ErrorCode::config, "there is no place for a ledger: set ledger.path"};
  }
  Result<TimeZone> zone = TimeZone::find(options.timezone);
  if (!zone) return Error{ErrorCode::config, "ledger.timezone: " + zone.error().message};
  const Clock& clock = options.clock == nullptr ? Clock::system() : *options.clock;
  auto made = std::make_unique<ThreadedLedger>(std::move(options), clock, *std::move(zone));
  if (Result<void> started = made->start(); !started) return started.error();
  return std::unique_ptr<Ledger>(std::move(made));
}

bool has_ledger() {
  return true;
}

}  // namespace ccrelay
