#include "state/keys.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "state/pool_choice.hpp"

namespace ccrelay::state {
namespace {

// Larger pools than this cost a choice an allocation.
constexpr std::size_t few_keys = 16;

template <class Number>
Number stricter(Number a, Number b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

KeyLimits stricter(const KeyLimits& a, const KeyLimits& b) {
  return {stricter(a.requests, b.requests), stricter(a.input_tokens, b.input_tokens),
          stricter(a.output_tokens, b.output_tokens), stricter(a.tokens, b.tokens),
          stricter(a.in_flight, b.in_flight)};
}

}  // namespace

KeyRecord& Keys::record(std::string_view id) {
  const auto found = records_.find(id);
  return found != records_.end() ? found->second : records_[std::string(id)];
}

KeyRecord& Keys::record(const PoolKey& key) {
  const auto found = records_.find(key.record_id());
  if (found != records_.end()) return found->second;
  KeyRecord& made = records_[key.record_id()];
  made.set_limits(key.limits);
  return made;
}

void Keys::configure(const std::vector<const Pool*>& pools) {
  std::map<std::string_view, KeyLimits> limits;
  for (const Pool* pool : pools) {
    for (const PoolKey& key : pool->keys) {
      const auto [known, is_new] = limits.try_emplace(key.record_id(), key.limits);
      if (!is_new) known->second = stricter(known->second, key.limits);
    }
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [id, limit] : limits) record(id).set_limits(limit);
}

Choice Keys::choose(const Ask& ask, TimePoint now) {
  const auto& keys = ask.pool.keys;
  std::array<FreeKey, few_keys> few;
  std::vector<FreeKey> many;
  if (keys.size() > few_keys) many.resize(keys.size());
  FreeKey* const free = many.empty() ? few.data() : many.data();
  std::size_t count = 0;

  Choice choice;
  const bool by_load = ask.pool.strategy == PoolStrategy::least_loaded;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_disabled(keys[i].fingerprint, now)) continue;
    KeyRecord& key = record(keys[i]);
    const Amounts amounts = key.estimate(ask.input_estimate, ask.counts_tokens);
    if (key.free_at(ask.model, amounts, ask.counts_tokens, now) <= now && key.below_in_flight() &&
        std::find(ask.tried.begin(), ask.tried.end(), i) == ask.tried.end()) {
      free[count++] = {i, &keys[i], key.in_flight(), by_load ? key.share_used(now) : 0,
                       key.last_taken()};
    }
  }
  if (count == 0) {
    choice.why = "none_free";
    choice.outlook = outlook_of(ask, now);
    return choice;
  }

  auto turn = turn_.find(ask.pool.provider);
  if (turn == turn_.end()) turn = turn_.emplace(ask.pool.provider, 0).first;
  const Pick pick = pick_key(ask, {free, count}, turn->second);
  const std::size_t index = free[pick.place].index;
  turn->second = index + 1;
  KeyRecord& taken = record(keys[index]);
  const Amounts amounts = taken.estimate(ask.input_estimate, ask.counts_tokens);
  const Reservation made = taken.reserve(amounts, ask.counts_tokens, ++sequence_, now);
  return {index, KeyLease(*this, taken, made), {}, pick.why};
}

Outlook Keys::outlook(const Ask& ask, TimePoint now) {
  const std::lock_guard lock(mutex_);
  return outlook_of(ask, now);
}

Outlook Keys::outlook_of(const Ask& ask, TimePoint now) {
  Outlook outlook;
  outlook.refused = !ask.pool.keys.empty();
  outlook.disabled = outlook.refused;
  ToldPtr of_limit;
  for (const PoolKey& of_pool : ask.pool.keys) {
    if (is_disabled(of_pool.fingerprint, now)) {
      outlook.refused = false;  // by us, and it promises nothing
      continue;
    }
    outlook.disabled = false;
    KeyRecord& key = record(of_pool);
    if (key.refused(now)) {
      if (!outlook.told) outlook.told = key.told_of_refusal();
      continue;
    }
    if (key.exhausted(now)) {
      outlook.told = key.told_of_account();
      outlook.of_account = true;
      continue;
    }
    if (ask.counts_tokens && key.barred(ask.model, now)) {
      if (!outlook.told) outlook.told = key.told_of(ask.model);
      continue;
    }
    outlook.refused = false;
    const Amounts amounts = key.estimate(ask.input_estimate, ask.counts_tokens);
    const TimePoint at = key.free_at(ask.model, amounts, ask.counts_tokens, now);
    if (at > now) {
      if (!outlook.soonest || at < *outlook.soonest) {
        outlook.soonest = at;
        of_limit = key.told_of(ask.model);
      }
    } else if (!key.below_in_flight()) {
      outlook.busy = true;
    }
  }
  if (!outlook.refused) {
    outlook.told = std::move(of_limit);
    outlook.of_account = false;
  }
  return outlook;
}

bool Keys::any_free(const Pool& pool, std::string_view model, TimePoint now) {
  const std::lock_guard lock(mutex_);
  return std::any_of(pool.keys.begin(), pool.keys.end(), [&](const PoolKey& of_pool) {
    KeyRecord& key = record(of_pool);
    return !is_disabled(of_pool.fingerprint, now) && key.below_in_flight() &&
           key.free_at(model, key.estimate(0, true), true, now) <= now;
  });
}

void Keys::forgive(std::string_view id) {
  const std::lock_guard lock(mutex_);
  record(id).forgive();
}

void Keys::forgive() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, record] : records_) record.forgive();
}

void Keys::cool(std::string_view id, std::string_view model, TimePoint until) {
  const std::lock_guard lock(mutex_);
  record(id).cool(model, until);
}

void Keys::refuse(std::string_view id, TimePoint until) {
  const std::lock_guard lock(mutex_);
  record(id).refuse(until);
}

bool Keys::refused(std::string_view id, TimePoint now) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  return found != records_.end() && found->second.refused_until() > now;
}

bool Keys::is_disabled(std::string_view fingerprint, TimePoint now) const {
  if (words_.empty()) return false;
  const auto found = words_.find(fingerprint);
  return found != words_.end() && found->second.at(now) == Admin::disabled;
}

bool Keys::order(std::string_view fingerprint, OperatorWord word, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const bool before = is_disabled(fingerprint, now);
  if (word.state == Admin::enabled) {
    words_.erase(std::string(fingerprint));
  } else {
    words_[std::string(fingerprint)] = std::move(word);
  }
  return is_disabled(fingerprint, now) != before;
}

OperatorWord Keys::word(std::string_view fingerprint) const {
  const std::lock_guard lock(mutex_);
  const auto found = words_.find(fingerprint);
  return found == words_.end() ? OperatorWord() : found->second;
}

bool Keys::reset(std::string_view id, bool budgets, TimePoint now) {
  const std::lock_guard lock(mutex_);
  return record(id).reset(budgets, now);
}

std::vector<KeyReport> Keys::report(const Pool& pool, TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::vector<KeyReport> reports;
  for (const PoolKey& key : pool.keys) {
    reports.push_back(record(key).report(now));
    reports.back().fingerprint = key.fingerprint;
    reports.back().name = key.name;
    reports.back().disabled = is_disabled(key.fingerprint, now);
  }
  return reports;
}

}  // namespace ccrelay::state
