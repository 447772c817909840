#include <ccrelay/ledger.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/all_signals_blocked.hpp"
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

/// The thread, and what loops hand to it.
class ThreadedLedger final : public Ledger {
 public:
  ThreadedLedger(LedgerOptions options, const Clock& clock, TimeZone zone)
      : clock_(clock),
        required_(options.required),
        queue_(options.queue_max),
        spend_(std::move(zone)),
        keeper_(options, clock_, queue_, spend_) {}

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
    for (int i = 0; i < last_tries && required_ && is_locked(); ++i) wait_and_try();
    if (const auto& trouble = keeper_.trouble(); trouble && required_) {
      return Error{ErrorCode::config, "the ledger is required and can't be written: " +
                                          trouble->words + " (ledger.required, ledger.path)"};
    }
    const base::AllSignalsBlocked during;
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void request_finished(const RequestSummary& request) override {
    if (!ledger::is_kept(request)) return;
    const std::int64_t spent = ledger::spent_by(request);
    std::unique_lock lock(handing_over_, std::defer_lock);
    if (spent != 0) lock.lock();
    queue_.add(request, counted(request.client_name, request.time, spent), clock_.now());
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
  bool may_serve() const override { return !required_ || keeper_.is_up(); }
  Result<void> reconfigure(LedgerOptions options) override {
    Result<TimeZone> zone = zone_of(options);
    if (!zone) return zone.error();
    std::unique_lock lock(mutex_);
    const std::uint64_t ticket = ++asked_;
    next_ = Next{std::move(options), *std::move(zone)};
    wake_.notify_one();
    served_changed_.wait(lock, [&] { return served_ >= ticket; });
    return {};
  }
  LedgerStatus status() const override { return keeper_.status(); }

  static Result<TimeZone> zone_of(const LedgerOptions& options) {
    if (options.path.empty()) {
      return Error{ErrorCode::config, "there is no place for a ledger: set ledger.path"};
    }
    Result<TimeZone> zone = TimeZone::find(options.timezone);
    if (!zone) return Error{ErrorCode::config, "ledger.timezone: " + zone.error().message};
    return zone;
  }

 private:
  struct Next {
    LedgerOptions options;
    TimeZone zone;
  };

  ledger::Spending counted(std::string_view client, WallTime ended, std::int64_t spent) {
    if (spent == 0) return {};
    const ledger::Periods periods = spend_.add(client, ended, spent);
    return {spent, ledger::PeriodName(periods.day), ledger::PeriodName(periods.month)};
  }

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
      std::optional<Next> next = std::exchange(next_, std::nullopt);
      woken_ = false;
      lock.unlock();
      if (next) take(*std::move(next));
      keeper_.turn(last ? Keeper::Urgency::now : all ? Keeper::Urgency::all : Keeper::Urgency::due);
      if (last) return finish();
      lock.lock();
      served_ = asked;
      served_changed_.notify_all();
      wait(lock);
    }
  }

  void take(Next next) {
    const LedgerOptions& before = keeper_.options();
    required_ = next.options.required;
    queue_.limit(next.options.queue_max);
    if (next.options.path == before.path && next.options.timezone == before.timezone) {
      return keeper_.use(std::move(next.options));
    }
    keeper_.turn(Keeper::Urgency::now);
    try_while_locked();
    {
      // What comes meanwhile is either in the old file or counted anew here.
      const std::lock_guard lock(handing_over_);
      spend_.begin_anew(std::move(next.zone));
      queue_.recount([this](const ledger::Entry& entry) {
        return counted(entry.row.client, entry.row.ended, entry.spending.spent);
      });
    }
    keeper_.move(std::move(next.options));
    keeper_.turn(Keeper::Urgency::now);
  }

  void try_while_locked() {
    for (int i = 0; i < last_tries && is_locked() && queue_.size() > 0; ++i) wait_and_try();
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
    try_while_locked();
    const LedgerOptions& options = keeper_.options();
    if (queue_.size() == 0 || options.notes == nullptr) return;
    Note note;
    note.time = clock_.wall();
    note.level = Level::error;
    note.event = "ledger";
    note.message = std::to_string(queue_.size()) + " requests could not be written to " +
                   options.path + " before the end";
    options.notes->noted(note);
    options.notes->turn_ended();
  }

  const Clock& clock_;
  std::atomic<bool> required_;
  std::mutex handing_over_;  // between counting a request and its place in the queue
  mutable ledger::Queue queue_;
  mutable ledger::SpendBook spend_;
  Keeper keeper_;

  std::mutex mutex_;
  std::condition_variable wake_, served_changed_;
  std::uint64_t asked_ = 0, served_ = 0;
  std::optional<Next> next_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Ledger>> make_ledger(LedgerOptions options) {
  Result<TimeZone> zone = ThreadedLedger::zone_of(options);
  if (!zone) return zone.error();
  const Clock& clock = options.clock == nullptr ? Clock::system() : *options.clock;
  auto made = std::make_unique<ThreadedLedger>(std::move(options), clock, *std::move(zone));
  if (Result<void> started = made->start(); !started) return started.error();
  return std::unique_ptr<Ledger>(std::move(made));
}

bool has_ledger() {
  return true;
}

}  // namespace ccrelay
