#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "front/metrics.hpp"

namespace ccrelay::front {
namespace {

using observe::Exposition;

struct Budget {
  std::string_view client;
  std::string_view period;
  std::int64_t nano_usd;
  std::int64_t spent;
};

std::vector<Budget> budgets_of(const worker::Snapshot& snapshot, worker::Shared& shared,
                               WallTime now) {
  std::vector<Budget> budgets;
  for (const ClientConfig& client : snapshot.config.server.auth.clients) {
    if (!client.has_budget()) continue;
    const state::ClientSpent spent = shared.spending.of(client.name, now);
    if (const auto& day = client.budget_day_nano_usd) {
      budgets.push_back({client.name, "day", *day, spent.day});
    }
    if (const auto& month = client.budget_month_nano_usd) {
      budgets.push_back({client.name, "month", *month, spent.month});
    }
  }
  return budgets;
}

}  // namespace

void print_budgets(Exposition& out, const worker::Snapshot& snapshot, worker::Shared& shared,
                   const Clock& clock) {
  const auto budgets = budgets_of(snapshot, shared, clock.wall());
  out.gauge("ccrelay_client_budget_usd", "What a client may cost in a day or a month.");
  for (const Budget& budget : budgets) {
    out.sample({{"client", budget.client}, {"period", budget.period}},
               Exposition::Billionths{budget.nano_usd});
  }
  out.gauge("ccrelay_client_budget_spent_usd", "What it has cost in the one that runs.");
  for (const Budget& budget : budgets) {
    out.sample({{"client", budget.client}, {"period", budget.period}},
               Exposition::Billionths{budget.spent});
  }
}

void print_ledger(Exposition& out, const LedgerStatus& status) {
  using std::chrono::duration_cast;
  using std::chrono::nanoseconds;
  out.gauge("ccrelay_ledger_up", "1 while the ledger can be written.", std::uint64_t{status.up});
  out.gauge("ccrelay_ledger_queue_requests", "Requests that are not in the ledger's file yet.",
            std::uint64_t{status.queue});
  out.gauge("ccrelay_ledger_size_bytes", "The ledger's file with its write-ahead log.",
            status.size_bytes);
  if (status.last_commit) {
    const auto since_1970 = duration_cast<nanoseconds>(status.last_commit->time_since_epoch());
    out.gauge("ccrelay_ledger_last_commit_timestamp_seconds", "When it was last written.",
              Exposition::Billionths{since_1970.count()});
  }
  out.counter("ccrelay_ledger_requests_total", "Requests that were written.", status.written);
  out.counter("ccrelay_ledger_dropped_total", "Requests for which there was no room.",
              status.dropped);
  out.histogram("ccrelay_ledger_commit_seconds", "How long it took to write.");
  out.buckets({}, worker::quick_bounds, status.commits,
              static_cast<std::uint64_t>(duration_cast<nanoseconds>(status.commit_time).count()));
}

}  // namespace ccrelay::front
