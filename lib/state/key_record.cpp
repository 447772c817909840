#include "state/key_record.hpp"

#include <algorithm>
#include <cmath>

namespace ccrelay::state {
namespace {

enum : std::size_t { requests, input_tokens, output_tokens, tokens };

// Models come from clients: a key remembers at most this many cool-downs at once.
constexpr std::size_t models_max = 256;
// What each further answer weighs in the average of output tokens.
constexpr double newest_share = 1.0 / 8;

}  // namespace

void KeyRecord::set_limits(const KeyLimits& limits) {
  limits_ = limits;
  budgets_[requests].window.set_limit(limits.requests);
  budgets_[input_tokens].window.set_limit(limits.input_tokens);
  budgets_[output_tokens].window.set_limit(limits.output_tokens);
  budgets_[tokens].window.set_limit(limits.tokens);
}

void KeyRecord::rest(std::string_view model, Rest rest) {
  const auto found = rests_.find(model);
  if (found != rests_.end()) {
    if (found->second.until <= rest.until) found->second = std::move(rest);
    return;
  }
  if (rests_.size() >= models_max) {
    rests_.erase(std::min_element(rests_.begin(), rests_.end(), [](const auto& a, const auto& b) {
      return a.second.until < b.second.until;
    }));
  }
  rests_.emplace(model, std::move(rest));
}

void KeyRecord::cool(std::string_view model, TimePoint until, ToldPtr told) {
  rest(model, {until, false, std::move(told)});
}

void KeyRecord::bar(std::string_view model, TimePoint until, ToldPtr told) {
  rest(model, {until, true, std::move(told)});
}

void KeyRecord::refuse(TimePoint until, ToldPtr told) {
  refused_until_ = std::max(refused_until_, until);
  refusal_ = std::move(told);
}

void KeyRecord::exhaust(TimePoint until, ToldPtr told) {
  exhausted_until_ = exhausted_ ? std::max(exhausted_until_, until) : until;
  exhausted_ = true;
  account_ = std::move(told);
}

void KeyRecord::accept() {
  refused_until_ = {};
  refusal_.reset();
  exhausted_ = false;
  exhausted_until_ = {};
  account_.reset();
}

void KeyRecord::forgive() {
  accept();
  for (auto each = rests_.begin(); each != rests_.end();) {
    each = each->second.barred ? rests_.erase(each) : std::next(each);
  }
}

bool KeyRecord::reset(bool budgets, TimePoint now) {
  bool changed = refused(now) || exhausted_;
  for (const auto& [model, rest] : rests_) changed = changed || rest.until > now;
  accept();
  rests_.clear();
  if (!budgets) return changed;
  for (Budget& budget : budgets_) {
    changed = changed || budget.window.used(now) > 0 || budget.learned.limit() ||
              budget.learned.remaining(now);
    budget.window.forget();
    budget.learned = {};
  }
  changed = changed || !unified_.empty();
  unified_.clear();
  return changed;
}

bool KeyRecord::barred(std::string_view model, TimePoint now) const {
  const auto found = rests_.find(model);
  return found != rests_.end() && found->second.barred && found->second.until > now;
}

ToldPtr KeyRecord::told_of(std::string_view model) const {
  const auto found = rests_.find(model);
  return found == rests_.end() ? nullptr : found->second.told;
}

Amounts KeyRecord::estimate(std::uint64_t input_estimate, bool counts_tokens) const {
  if (!counts_tokens) return {};
  const std::uint64_t input = bounded(input_estimate);
  const auto output = static_cast<std::uint64_t>(std::lround(output_average_));
  return {1, input, output, bounded(input + output)};
}

TimePoint KeyRecord::free_at(std::string_view model, const Amounts& amounts, bool counts_tokens,
                             TimePoint now) {
  TimePoint free = std::max(refused_until_, exhausted_until_);
  if (exhausted_ && probe_ != 0) free = TimePoint::max();
  if (!counts_tokens) return free;
  const auto rest = rests_.find(model);
  if (rest != rests_.end()) free = std::max(free, rest->second.until);
  for (std::size_t i = 0; i < budget_count; ++i) {
    free = std::max(free, budgets_[i].window.free_at(amounts[i], now));
    free = std::max(free, budgets_[i].learned.free_at(amounts[i], now));
  }
  return free;
}

double KeyRecord::share_used(TimePoint now) {
  double share = 0;
  for (Budget& budget : budgets_) {
    if (const auto limit = static_cast<double>(budget.window.limit()); limit > 0) {
      share = std::max(share, static_cast<double>(budget.window.used(now)) / limit);
    }
    const auto remaining = budget.learned.remaining(now);
    if (!remaining || !budget.learned.limit()) continue;
    const auto limit = static_cast<double>(*budget.learned.limit());
    share = std::max(share, 1 - static_cast<double>(*remaining) / limit);
  }
  return share;
}

Reservation KeyRecord::reserve(const Amounts& amounts, bool counts_tokens, std::uint64_t sequence,
                               TimePoint now) {
  // Models come from clients: what is over is forgotten.
  std::erase_if(rests_, [now](const auto& rest) { return rest.second.until <= now; });
  Reservation made{sequence, counts_tokens, amounts, {}};
  for (std::size_t i = 0; i < budget_count; ++i) {
    made.slots[i] = budgets_[i].window.add(amounts[i], now);
    if (counts_tokens) budgets_[i].learned.charge(sequence, amounts[i], now);
  }
  ++in_flight_;
  last_taken_ = sequence;
  if (exhausted_) probe_ = sequence;
  return made;
}

bool KeyRecord::correct(const Reservation& reservation, std::size_t budget, std::uint64_t to,
                        TimePoint now) {
  budgets_[budget].learned.correct(reservation.sequence, to, now);
  return budgets_[budget].window.correct(reservation.slots[budget], reservation.amounts[budget], to,
                                         now);
}

void KeyRecord::settle(const Reservation& reservation, const Tokens& used, TimePoint now) {
  --in_flight_;
  if (probe_ == reservation.sequence) probe_ = 0;
  if (!reservation.counts_tokens || !used.told()) return;
  std::uint64_t input = reservation.amounts[input_tokens];
  std::uint64_t output = reservation.amounts[output_tokens];
  // What is read from the provider's cache costs money, but not of the limit on input tokens.
  std::uint64_t wrote = 0;
  for (const TokenClass which : {TokenClass::cache_write_5m, TokenClass::cache_write_1h}) {
    wrote = bounded(wrote + bounded(used[which].value_or(0)));
  }
  if (used[TokenClass::input] || wrote > 0) {
    input = bounded(bounded(used[TokenClass::input].value_or(0)) + wrote);
    correct(reservation, input_tokens, input, now);
  }
  if (used[TokenClass::output]) {
    output = bounded(*used[TokenClass::output]);
    output_average_ += (static_cast<double>(output) - output_average_) * newest_share;
  }
  // The output of a long answer is no older than a minute, only its reservation is.
  if (!correct(reservation, output_tokens, output, now)) {
    budgets_[output_tokens].window.add(output, now);
  }
  if (!correct(reservation, tokens, bounded(input + output), now))
    budgets_[tokens].window.add(output, now);
}

void KeyRecord::give_back(const Reservation& reservation, bool unsent, TimePoint now) {
  --in_flight_;
  if (probe_ == reservation.sequence) probe_ = 0;
  for (std::size_t i = unsent ? 0 : 1; i < budget_count; ++i) correct(reservation, i, 0, now);
}

void KeyRecord::learn(std::uint64_t sequence, const base::RateLimits& said, TimePoint now) {
  budgets_[requests].learned.learn(said.requests, sequence, now);
  budgets_[input_tokens].learned.learn(said.input_tokens, sequence, now);
  budgets_[output_tokens].learned.learn(said.output_tokens, sequence, now);
  budgets_[tokens].learned.learn(said.tokens, sequence, now);
  if (!said.unified.empty()) unified_ = said.unified;
}

BudgetReport KeyRecord::report(Budget& budget, TimePoint now) {
  BudgetReport report{budget.window.used(now),
                      budget.window.limit(),
                      budget.learned.limit(),
                      budget.learned.remaining(now),
                      {},
                      {}};
  if (const auto reset = budget.learned.reset(now)) report.learned_reset = *reset - now;
  report.free_in = std::max(budget.window.free_at(1, now), budget.learned.free_at(1, now)) - now;
  return report;
}

KeyReport KeyRecord::report(TimePoint now) {
  KeyReport report;
  report.in_flight = in_flight_;
  report.in_flight_max = limits_.in_flight;
  report.refused_for = std::max(refused_until_ - now, Duration(0));
  report.exhausted = exhausted_;
  report.exhausted_for = std::max(exhausted_until_ - now, Duration(0));
  for (const auto& [model, rest] : rests_) {
    if (rest.until <= now) continue;
    (rest.barred ? report.barred : report.cooling).emplace_back(model, rest.until - now);
  }
  report.requests = this->report(budgets_[requests], now);
  report.input_tokens = this->report(budgets_[input_tokens], now);
  report.output_tokens = this->report(budgets_[output_tokens], now);
  report.tokens = this->report(budgets_[tokens], now);
  report.unified = unified_;
  return report;
}

}  // namespace ccrelay::state
