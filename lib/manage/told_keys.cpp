#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/utf8.hpp"
#include "manage/plan_windows.hpp"
#include "manage/told.hpp"

namespace ccrelay::manage {
namespace {

using management::BudgetKind;
using management::KeyState;

bool is_used_up(const management::Budget& budget) {
  return (budget.limit > 0 && budget.used >= budget.limit) || budget.provider_remaining == 0;
}

KeyState state_of(const management::Key& key) {
  if (key.refused_until) return KeyState::refused;
  if (!key.cool_downs.empty()) return KeyState::cooling;
  const bool is_full = key.in_flight_limit > 0 && key.in_flight >= key.in_flight_limit;
  return is_full || std::any_of(key.budgets.begin(), key.budgets.end(), is_used_up)
             ? KeyState::limited
             : KeyState::ok;
}

// If anything is known of it.
void add_budget(management::Key& out, BudgetKind kind, const state::BudgetReport& report,
                Core& core) {
  if (report.limit == 0 && !report.learned_limit && !report.learned_remaining) return;
  management::Budget& budget = out.budgets.emplace_back();
  budget.kind = kind;
  budget.used = report.used;
  budget.limit = report.limit;
  budget.provider_limit = report.learned_limit;
  budget.provider_remaining = report.learned_remaining;
  if (report.learned_reset) {
    budget.provider_reset_time = core.wall(core.now() + *report.learned_reset);
  }
  budget.free_in_ms = whole_ms(report.free_in);
}

// A secret at two addresses has two records.
void add_record(management::Key& out, const state::KeyReport& report, Core& core) {
  const TimePoint now = core.now();
  if (out.name.empty()) out.name = report.name;
  out.in_flight += report.in_flight;
  if (out.in_flight_limit == 0) out.in_flight_limit = report.in_flight_max;
  const Duration out_for =
      std::max(report.refused_for, report.exhausted ? report.exhausted_for : Duration());
  if (out_for > Duration() || report.exhausted) {
    out.refused_until = std::max(out.refused_until.value_or(WallTime()), core.wall(now + out_for));
  }
  for (const auto& [model, left] : report.cooling) {
    out.cool_downs.push_back({model, core.wall(now + left)});
  }
  add_budget(out, BudgetKind::requests_per_minute, report.requests, core);
  add_budget(out, BudgetKind::input_tokens_per_minute, report.input_tokens, core);
  add_budget(out, BudgetKind::output_tokens_per_minute, report.output_tokens, core);
  add_budget(out, BudgetKind::tokens_per_minute, report.tokens, core);
  for (management::PlanWindow& window : plan_windows(report.unified)) {
    out.plan_windows.push_back(std::move(window));
  }
}

}  // namespace

std::vector<management::Key> told_keys(Core& core) {
  const auto snapshot = core.shared().snapshot();
  const worker::Tallied tallied = core.tallied();
  const TimePoint now = core.now();
  std::vector<management::Key> out;
  std::set<std::string> records;
  // Entries stand by priority; people look for the order of their file.
  for (const ProviderConfig& config : snapshot->config.providers) {
    const auto entry = std::find_if(snapshot->entries.begin(), snapshot->entries.end(),
                                    [&](const auto& one) { return one.config == &config; });
    if (entry == snapshot->entries.end()) continue;
    const auto reports = core.shared().keys.report(entry->pool, now);
    for (std::size_t i = 0; i < reports.size(); ++i) {
      const state::PoolKey& key = entry->pool.keys[i];
      auto known = std::find_if(out.begin(), out.end(), [&](const management::Key& one) {
        return one.fingerprint == key.fingerprint;
      });
      if (known == out.end()) {
        known = out.insert(out.end(), management::Key());
        known->fingerprint = key.fingerprint;
      }
      if (known->providers.empty() || known->providers.back() != config.name) {
        known->providers.push_back(config.name);
      }
      if (records.insert(key.record_id()).second) add_record(*known, reports[i], core);
    }
  }
  for (management::Key& key : out) {
    const state::OperatorWord word = core.shared().keys.word(key.fingerprint);
    key.admin_state = told(word.at(now));
    key.admin_override = told(word, now);
    key.state = state_of(key);
    const auto counted = tallied.keys.find(key.fingerprint);
    if (counted == tallied.keys.end()) continue;
    key.totals = counted->second.totals;
    key.last_error = counted->second.last_error;
    if (key.last_error) {
      key.last_error->message = base::as_utf8(std::move(key.last_error->message));
    }
    key.last_used_time = counted->second.last;
  }
  return out;
}

}  // namespace ccrelay::manage
