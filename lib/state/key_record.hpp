#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/usage.hpp>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rate_limits.hpp"
#include "state/learned_limit.hpp"
#include "state/pool.hpp"
#include "state/rate_window.hpp"
#include "state/told.hpp"

namespace ccrelay::state {

/// What of a key runs out: requests, input tokens, output tokens, and both kinds of tokens
/// together, in this order.
inline constexpr std::size_t budget_count = 4;
using Amounts = std::array<std::uint64_t, budget_count>;

/// What a request has taken of its key's budgets, until it is settled.
struct Reservation {
  std::uint64_t sequence = 0;  ///< grows with each reservation of any key
  bool counts_tokens = true;
  Amounts amounts{};
  std::array<RateWindow::Slot, budget_count> slots{};
};

/// One budget of a key, for status.
struct BudgetReport {
  std::uint64_t used = 0;   ///< in the last minute
  std::uint64_t limit = 0;  ///< of the configuration; 0 = none
  std::optional<std::uint64_t> learned_limit;
  std::optional<std::uint64_t> learned_remaining;  ///< an estimate
  std::optional<Duration> learned_reset;           ///< until the provider's window is full again
  Duration free_in{};                              ///< until there is room for one more
};

/// What is known of a key, for status.
struct KeyReport {
  std::string fingerprint;
  std::string name;  ///< of the configuration; may be empty
  int in_flight = 0;
  int in_flight_max = 0;     ///< 0 = none
  Duration refused_for{};    ///< how long the key stays out; zero when it is not refused
  bool disabled = false;     ///< by an operator
  bool exhausted = false;    ///< its account is; the key is out until a probe shows otherwise
  Duration exhausted_for{};  ///< until that probe; zero when it may be made
  std::vector<std::pair<std::string, Duration>> cooling;  ///< model, time left
  std::vector<std::pair<std::string, Duration>> barred;   ///< models it may not use, time left
  BudgetReport requests, input_tokens, output_tokens, tokens;
  std::vector<std::pair<std::string, std::string>> unified;  ///< a subscription's figures
};

/// All that is known of one key: whether it is set aside, what it has used, what its provider said.
/// Belongs to Keys, whose lock guards it.
class KeyRecord {
 public:
  void set_limits(const KeyLimits& limits);
  const KeyLimits& limits() const { return limits_; }

  /// A later end extends a rest, an earlier one doesn't cut it.
  void cool(std::string_view model, TimePoint until, ToldPtr told = {});
  /// The key may not use this model.
  void bar(std::string_view model, TimePoint until, ToldPtr told);
  void refuse(TimePoint until, ToldPtr told = {});
  /// Its account can pay for nothing: then one request may find out whether that is still so, and
  /// another one only when that one has ended without a good answer.
  void exhaust(TimePoint until, ToldPtr told);
  /// A good answer came.
  void accept();
  /// What a person may have mended meanwhile is not held against the key any more; limits are.
  void forgive();
  /// Forgets rests and refusals; with `budgets` also what was used and what the provider told of
  /// its limits, but for what runs. False if there was nothing to forget.
  bool reset(bool budgets, TimePoint now);

  TimePoint refused_until() const { return refused_until_; }
  bool refused(TimePoint now) const { return refused_until_ > now; }
  /// Whether its account stands in the way of a request.
  bool exhausted(TimePoint now) const {
    return exhausted_ && (exhausted_until_ > now || probe_ != 0);
  }
  /// Whether this model alone is refused.
  bool barred(std::string_view model, TimePoint now) const;
  const ToldPtr& told_of_refusal() const { return refusal_; }
  const ToldPtr& told_of_account() const { return account_; }
  ToldPtr told_of(std::string_view model) const;

  /// What a request would reserve. For its output that is what this key's answers had on average.
  Amounts estimate(std::uint64_t input_estimate, bool counts_tokens) const;
  bool below_in_flight() const { return limits_.in_flight == 0 || in_flight_ < limits_.in_flight; }
  /// When neither rests nor budgets stand in the way; not after `now` if they don't.
  TimePoint free_at(std::string_view model, const Amounts& amounts, bool counts_tokens,
                    TimePoint now);
  int in_flight() const { return in_flight_; }
  /// Share of the tightest budget that is used up; above 1 when overdrawn.
  double share_used(TimePoint now);
  /// The sequence number of the last reservation; 0 before the first.
  std::uint64_t last_taken() const { return last_taken_; }

  Reservation reserve(const Amounts& amounts, bool counts_tokens, std::uint64_t sequence,
                      TimePoint now);
  /// The request has ended and this is what it really used. Where there is no figure the estimate
  /// stands.
  void settle(const Reservation& reservation, const Tokens& used, TimePoint now);
  /// The request has ended and used no tokens; nor a request if it was never sent.
  void give_back(const Reservation& reservation, bool unsent, TimePoint now);
  void learn(std::uint64_t sequence, const base::RateLimits& said, TimePoint now);

  KeyReport report(TimePoint now);

 private:
  struct Budget {
    RateWindow window;
    LearnedLimit learned;
  };
  BudgetReport report(Budget& budget, TimePoint now);
  bool correct(const Reservation& reservation, std::size_t budget, std::uint64_t to, TimePoint now);

  struct Rest {
    TimePoint until{};
    bool barred = false;  // for lack of access; else by a limit
    ToldPtr told;
  };
  void rest(std::string_view model, Rest rest);

  KeyLimits limits_;
  TimePoint refused_until_{};
  ToldPtr refusal_;
  bool exhausted_ = false;
  TimePoint exhausted_until_{};
  std::uint64_t probe_ = 0;  // the reservation that finds out; 0 = none
  ToldPtr account_;
  std::map<std::string, Rest, std::less<>> rests_;  // by model
  int in_flight_ = 0;
  std::uint64_t last_taken_ = 0;
  // The average starts with what an answer of a coding assistant has, give or take.
  double output_average_ = 500;
  std::array<Budget, budget_count> budgets_;
  std::vector<std::pair<std::string, std::string>> unified_;
};

}  // namespace ccrelay::state
