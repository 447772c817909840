#include <algorithm>
#include <cstdint>
#include <optional>

#include "manage/told.hpp"

namespace ccrelay::manage {
namespace {

using management::BudgetKind;
using management::ClientKind;

ClientKind kind_of(std::string_view name) {
  if (name == "default") return ClientKind::shared_secret;
  if (name == "subscription") return ClientKind::subscription;
  if (name == "anonymous") return ClientKind::anonymous;
  return ClientKind::configured;
}

std::uint64_t positive(std::int64_t amount) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(amount, 0));
}

void add_budgets(management::Client& out, Core& core) {
  const auto report = core.shared().limits.report(out.name, core.now());
  const state::ClientQuota& quota = report.quota;
  out.limited = report.refused;
  const auto add = [&](BudgetKind kind, std::uint64_t used, std::uint64_t limit, Duration free_in) {
    if (limit > 0) out.budgets.push_back({kind, used, limit, {}, {}, {}, whole_ms(free_in)});
  };
  add(BudgetKind::requests_per_minute, report.used[0], quota.requests, report.free_in[0]);
  add(BudgetKind::input_tokens_per_minute, report.used[1], quota.input_tokens, report.free_in[1]);
  add(BudgetKind::output_tokens_per_minute, report.used[2], quota.output_tokens, report.free_in[2]);
  add(BudgetKind::tokens_per_minute, report.used[3], quota.tokens, report.free_in[3]);
  // When one of those that run ends nobody knows.
  add(BudgetKind::concurrent_requests, report.in_flight, quota.in_flight, {});
  if (!quota.budget_day && !quota.budget_month) return;
  const auto spent = core.shared().spending.of(out.name, core.clock().wall());
  const auto add_money = [&](BudgetKind kind, std::int64_t used, std::int64_t limit,
                             Duration left) {
    const bool is_spent = used >= limit;
    out.budgets.push_back({kind,
                           positive(used + report.reserved),
                           positive(limit),
                           {},
                           {},
                           {},
                           is_spent ? whole_ms(left) : 0});
  };
  if (quota.budget_day) {
    add_money(BudgetKind::nano_usd_per_day, spent.day, *quota.budget_day, spent.day_left);
  }
  if (quota.budget_month) {
    add_money(BudgetKind::nano_usd_per_month, spent.month, *quota.budget_month, spent.month_left);
  }
}

void add_periods(management::Client& out, const std::optional<PeriodSums::Now>& periods) {
  if (!periods) return;
  const auto of = [&](const PeriodTotals& totals) {
    const auto found = totals.clients.find(out.name);
    return found == totals.clients.end() ? management::Totals() : found->second;
  };
  out.today = of(periods->day);
  out.month = of(periods->month);
}

void add_counted(management::Client& out, const worker::Tallied& tallied) {
  const auto counted = tallied.clients.find(out.name);
  if (counted == tallied.clients.end()) return;
  out.in_flight = counted->second.in_flight;
  out.totals = counted->second.totals;
  out.last_seen_time = counted->second.last;
}

}  // namespace

std::vector<management::Client> told_clients(Core& core) {
  const auto snapshot = core.shared().snapshot();
  const worker::Tallied tallied = core.tallied();
  const auto periods = told_periods(core, tallied);
  std::vector<management::Client> out;
  for (const ClientConfig& config : snapshot->config.server.auth.clients) {
    management::Client& client = out.emplace_back();
    client.name = config.name;
    client.kind = ClientKind::configured;
    client.allowed_models = config.models;
    client.allowed_providers = config.providers;
    add_budgets(client, core);
    add_counted(client, tallied);
    add_periods(client, periods);
  }
  const std::size_t configured = out.size();
  for (const auto& [name, tally] : tallied.clients) {
    const auto end = out.begin() + static_cast<std::ptrdiff_t>(configured);
    if (std::any_of(out.begin(), end,
                    [&known = name](const auto& one) { return one.name == known; }))
      continue;
    management::Client client;
    client.name = name;
    client.kind = kind_of(name);
    add_counted(client, tallied);
    add_periods(client, periods);
    out.push_back(std::move(client));
  }
  return out;
}

}  // namespace ccrelay::manage
