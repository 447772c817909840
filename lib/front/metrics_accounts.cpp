#include <ccrelay/ledger.hpp>

#include <algorithm>
#include <chrono>

#include "front/metrics.hpp"

namespace ccrelay::front {
namespace {

using observe::Exposition;

// Of a budget's two periods.
struct Period {
  std::string_view word;
  std::optional<std::int64_t> ClientConfig::*budget;
  std::int64_t state::ClientSpent::*spent;
};
constexpr std::array<Period, 2> periods{
    {{"day", &ClientConfig::budget_day_nano_usd, &state::ClientSpent::day},
     {"month", &ClientConfig::budget_month_nano_usd, &state::ClientSpent::month}}};

constexpr std::int64_t billion = 1'000'000'000;

// The ledger's bounds in the printer's billionths.
constexpr auto commit_bounds = [] {
  std::array<std::int64_t, ledger_commit_bounds.size()> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = static_cast<std::int64_t>(ledger_commit_bounds[i] * billion + 0.5);
  }
  return bounds;
}();

}  // namespace

void print_budgets(Exposition& out, const worker::Snapshot& snapshot, worker::Shared& shared,
                   const Clock& clock) {
  const auto each = [&](auto print) {
    for (const ClientConfig& client : snapshot.config.server.auth.clients) {
      for (const Period& period : periods) {
        if (client.*period.budget) print(client, period);
      }
    }
  };
  out.gauge("ccrelay_client_budget_usd", "What a client may spend.");
  each([&](const ClientConfig& client, const Period& period) {
    out.sample({{"client", client.name}, {"period", period.word}},
               Exposition::Billionths{*(client.*period.budget)});
  });
  out.gauge("ccrelay_client_budget_spent_usd", "What it has spent in the period that runs.");
  each([&](const ClientConfig& client, const Period& period) {
    const state::ClientSpent spent = shared.spending.of(client.name, clock.wall());
    out.sample({{"client", client.name}, {"period", period.word}},
               Exposition::Billionths{spent.*period.spent});
  });
}

void print_ledger(Exposition& out, const worker::Shared& shared) {
  if (!shared.ledger) return;
  const LedgerStatus status = shared.ledger->status();
  out.gauge("ccrelay_ledger_up", "Whether the ledger could be written when it was tried last.",
            std::uint64_t{status.up});
  out.gauge("ccrelay_ledger_queue_requests", "Requests that are not in the ledger yet.",
            std::uint64_t{status.queue});
  out.gauge("ccrelay_ledger_size_bytes", "Size of the ledger's file.", status.size_bytes);
  if (status.last_commit) {
    const auto at = std::chrono::duration<double>(status.last_commit->time_since_epoch());
    out.gauge("ccrelay_ledger_last_commit_timestamp_seconds", "When the ledger was written last.",
              at.count());
  }
  out.counter("ccrelay_ledger_requests_total", "Requests that were written.", status.written);
  out.counter("ccrelay_ledger_dropped_total", "Requests for which there was no room.",
              status.dropped);
  out.histogram("ccrelay_ledger_commit_seconds", "How long a commit of the ledger takes.");
  out.buckets(
      {}, commit_bounds, status.commits,
      static_cast<std::uint64_t>(std::max<std::int64_t>(
          std::chrono::duration_cast<std::chrono::nanoseconds>(status.commit_time).count(), 0)));
}

}  // namespace ccrelay::front
