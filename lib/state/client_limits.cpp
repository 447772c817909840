#include "state/client_limits.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ccrelay::state {
namespace {

using std::chrono::seconds;

// As the outputs of a provider's key are averaged.
constexpr double newest_output_share = 1.0 / 8;
// Only what runs fills the budget: some of it will end soon, and cost less than was reserved.
constexpr seconds reserved_wait{5};

std::uint64_t unsigned_of(std::int64_t amount) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(amount, 0));
}

}  // namespace

ClientPermit::ClientPermit(ClientPermit&& other) noexcept
    : limits_(std::exchange(other.limits_, nullptr)),
      client_(std::move(other.client_)),
      held_(other.held_) {}

ClientPermit& ClientPermit::operator=(ClientPermit&& other) noexcept {
  if (this == &other) return *this;
  if (limits_) limits_->end(*this, nullptr, held_.at);
  limits_ = std::exchange(other.limits_, nullptr);
  client_ = std::move(other.client_);
  held_ = other.held_;
  return *this;
}

ClientPermit::~ClientPermit() {
  if (limits_) limits_->end(*this, nullptr, held_.at);
}

void ClientPermit::settle(const Tokens& used, TimePoint now) {
  if (limits_) limits_->end(*this, &used, now);
  limits_ = nullptr;
}

void ClientLimits::configure(std::vector<ClientQuota> quotas) {
  const std::lock_guard lock(mutex_);
  // Who is gone keeps what was counted while something of it runs, and may come back.
  for (auto& [name, record] : records_) record.quota = {name, 0, 0, 0, 0, 0, {}, {}};
  for (ClientQuota& quota : quotas) {
    Record& record = records_[quota.name];
    record.quota = std::move(quota);
  }
  for (auto& [name, record] : records_) {
    const ClientQuota& quota = record.quota;
    record.windows[requests].set_limit(quota.requests);
    record.windows[input].set_limit(quota.input_tokens);
    record.windows[output].set_limit(quota.output_tokens);
    record.windows[both].set_limit(quota.tokens);
  }
}

std::optional<ClientRefusal> ClientLimits::over_budget(const Record& record, const ClientAsk& ask,
                                                       const ClientSpent& spent) {
  // What surely costs nothing may go on when all is spent.
  if (ask.nano_usd == 0) return {};
  const ClientQuota& quota = record.quota;
  const bool day = quota.budget_day && spent.day >= *quota.budget_day;
  const bool month = quota.budget_month && spent.month >= *quota.budget_month;
  // Of both the one that lasts longer: before its end nothing is let in.
  if (month && (!day || spent.month_left >= spent.day_left)) {
    return ClientRefusal{ClientLimit::budget_month, unsigned_of(*quota.budget_month),
                         spent.month_left};
  }
  if (day) {
    return ClientRefusal{ClientLimit::budget_day, unsigned_of(*quota.budget_day), spent.day_left};
  }
  for (const auto& [budget, used] :
       {std::pair{quota.budget_day, spent.day}, std::pair{quota.budget_month, spent.month}}) {
    if (!budget || record.reserved < *budget - used) continue;
    return ClientRefusal{ClientLimit::budget_reserved, unsigned_of(*budget), reserved_wait};
  }
  return {};
}

std::optional<ClientRefusal> ClientLimits::refusal(Record& record, const ClientAsk& ask,
                                                   const std::uint64_t (&amounts)[4],
                                                   const ClientSpent& spent, TimePoint now) {
  if (auto over = over_budget(record, ask, spent)) return over;
  const ClientQuota& quota = record.quota;
  if (quota.in_flight > 0 && record.in_flight >= quota.in_flight) {
    return ClientRefusal{ClientLimit::in_flight, quota.in_flight, seconds(1)};
  }
  constexpr ClientLimit names[] = {ClientLimit::requests, ClientLimit::input_tokens,
                                   ClientLimit::output_tokens, ClientLimit::tokens};
  std::optional<ClientRefusal> first;
  TimePoint free = now;
  for (std::size_t i = 0; i < 4; ++i) {
    if (record.windows[i].has_room(amounts[i], now)) continue;
    if (!first) first = ClientRefusal{names[i], record.windows[i].limit(), {}};
    // All of them have to let it in.
    free = std::max(free, record.windows[i].free_at(amounts[i], now));
  }
  if (first) first->wait = std::max<Duration>(std::chrono::ceil<seconds>(free - now), seconds(1));
  return first;
}

std::variant<ClientPermit, ClientRefusal> ClientLimits::admit(std::string_view client,
                                                              const ClientAsk& ask,
                                                              const ClientSpent& spent,
                                                              TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(client);
  if (found == records_.end()) return ClientPermit();
  Record& record = found->second;
  ClientPermit::Held held;
  held.at = now;
  held.counts_tokens = ask.counts_tokens;
  held.amounts[requests] = 1;
  if (ask.counts_tokens) {
    held.amounts[input] = bounded(ask.input_tokens);
    held.amounts[output] = static_cast<std::uint64_t>(std::lround(record.output_average));
    held.amounts[both] = bounded(held.amounts[input] + held.amounts[output]);
  }
  if (const auto refused = refusal(record, ask, held.amounts, spent, now)) {
    ++record.refused;
    return *refused;
  }
  for (std::size_t i = 0; i < 4; ++i) held.slots[i] = record.windows[i].add(held.amounts[i], now);
  held.reserved = std::max<std::int64_t>(ask.nano_usd.value_or(0), 0);
  if (__builtin_add_overflow(record.reserved, held.reserved, &record.reserved)) {
    record.reserved -= std::exchange(held.reserved, 0);
  }
  ++record.in_flight;
  return ClientPermit(*this, found->first, held);
}

void ClientLimits::end(ClientPermit& permit, const Tokens* used, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Record& record = records_.at(permit.client_);
  const ClientPermit::Held& held = permit.held_;
  --record.in_flight;
  record.reserved -= held.reserved;
  if (!held.counts_tokens) return;
  std::uint64_t in = held.amounts[input];
  std::uint64_t out = held.amounts[output];
  if (!used) {
    in = out = 0;
  } else {
    const auto of = [&](TokenClass which) { return bounded((*used)[which].value_or(0)); };
    const std::uint64_t wrote =
        bounded(of(TokenClass::cache_write_5m) + of(TokenClass::cache_write_1h));
    if ((*used)[TokenClass::input] || wrote > 0) in = bounded(of(TokenClass::input) + wrote);
    if ((*used)[TokenClass::output]) {
      out = of(TokenClass::output);
      record.output_average +=
          (static_cast<double>(out) - record.output_average) * newest_output_share;
    }
  }
  record.windows[input].correct(held.slots[input], held.amounts[input], in, now);
  // The output of a long answer is no older than a minute, only its reservation is.
  if (!record.windows[output].correct(held.slots[output], held.amounts[output], out, now)) {
    record.windows[output].add(out, now);
  }
  if (!record.windows[both].correct(held.slots[both], held.amounts[both], bounded(in + out), now)) {
    record.windows[both].add(out, now);
  }
}

std::optional<BudgetShare> ClientLimits::share(std::string_view client,
                                               const ClientSpent& spent) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(client);
  if (found == records_.end()) return {};
  const ClientQuota& quota = found->second.quota;
  std::optional<BudgetShare> tighter;
  const auto look = [&](const std::optional<std::int64_t>& budget, std::int64_t used, bool monthly,
                        Duration left) {
    if (!budget) return;
    const auto sum = static_cast<double>(used) + static_cast<double>(found->second.reserved);
    const double share = *budget > 0 ? sum / static_cast<double>(*budget) : 1;
    if (!tighter || share > tighter->used) tighter = BudgetShare{share, monthly, left};
  };
  look(quota.budget_day, spent.day, false, spent.day_left);
  look(quota.budget_month, spent.month, true, spent.month_left);
  return tighter;
}

ClientLimits::Report ClientLimits::report(std::string_view client, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(client);
  if (found == records_.end()) return {};
  Record& record = found->second;
  Report report{record.quota, {}, record.in_flight, record.reserved, {}, record.refused};
  for (std::size_t i = 0; i < 4; ++i) {
    report.used[i] = record.windows[i].used(now);
    report.free_in[i] = record.windows[i].free_at(1, now) - now;
  }
  return report;
}

}  // namespace ccrelay::state
