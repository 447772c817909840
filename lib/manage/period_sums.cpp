#include "manage/period_sums.hpp"

#include <chrono>
#include <utility>

#include "worker/told_request.hpp"

namespace ccrelay::manage {
namespace {

using management::Totals;

constexpr std::chrono::minutes pause_after_failure{10};
constexpr std::chrono::milliseconds patience{250};

// Numbers only grow, and modulo 2^64 a difference is right.
void add_since(Totals& sum, const Totals& now, const Totals& then) {
  const auto add = [](auto& to, auto is, auto was) { to += is - was; };
  add(sum.requests, now.requests, then.requests);
  add(sum.failed, now.failed, then.failed);
  add(sum.client_gone, now.client_gone, then.client_gone);
  add(sum.retried, now.retried, then.retried);
  add(sum.attempts, now.attempts, then.attempts);
  add(sum.usage.input_tokens, now.usage.input_tokens, then.usage.input_tokens);
  add(sum.usage.output_tokens, now.usage.output_tokens, then.usage.output_tokens);
  add(sum.usage.cache_write_tokens, now.usage.cache_write_tokens, then.usage.cache_write_tokens);
  add(sum.usage.cache_write_1h_tokens, now.usage.cache_write_1h_tokens,
      then.usage.cache_write_1h_tokens);
  add(sum.usage.cache_read_tokens, now.usage.cache_read_tokens, then.usage.cache_read_tokens);
  add(sum.usage.web_searches, now.usage.web_searches, then.usage.web_searches);
  add(sum.cost.nano_usd, now.cost.nano_usd, then.cost.nano_usd);
  add(sum.cost.unpriced_requests, now.cost.unpriced_requests, then.cost.unpriced_requests);
  add(sum.cost.client_paid_nano_usd, now.cost.client_paid_nano_usd, then.cost.client_paid_nano_usd);
  add(sum.partial, now.partial, then.partial);
  add(sum.without_usage, now.without_usage, then.without_usage);
}

void add_since(PeriodTotals& sum, const worker::Tallied& now, const worker::Tallied& then) {
  add_since(sum.all, now.totals, then.totals);
  for (const auto& [name, tally] : now.clients) {
    const auto before = then.clients.find(name);
    add_since(sum.clients[name], tally.totals,
              before == then.clients.end() ? Totals() : before->second.totals);
  }
}

}  // namespace

bool PeriodSums::fits(WallTime now, std::uint64_t of) const {
  return base_ && base_->of == of && now < base_->day_end;
}

std::optional<PeriodSums::Now> PeriodSums::now(const worker::Tallied& counted, WallTime now,
                                               std::uint64_t of) const {
  const std::lock_guard lock(mutex_);
  if (!fits(now, of)) return {};
  Now out{base_->day, base_->month};
  add_since(out.day, counted, base_->counted);
  add_since(out.month, counted, base_->counted);
  return out;
}

bool PeriodSums::wants(WallTime now, std::uint64_t of) {
  const std::lock_guard lock(mutex_);
  if (fits(now, of) || is_being_read_) return false;
  if (failed_ && now - *failed_ < pause_after_failure && now >= *failed_) return false;
  is_being_read_ = true;
  return true;
}

void PeriodSums::read(std::optional<Base> base, WallTime now) {
  const std::lock_guard lock(mutex_);
  is_being_read_ = false;
  failed_ = base ? std::nullopt : std::optional(now);
  base_ = std::move(base);
  changed_.notify_all();
}

void PeriodSums::wait() const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [this] { return !is_being_read_; });
}

}  // namespace ccrelay::manage
