#include <ccrelay/ledger.hpp>
#include <ccrelay/time_zone.hpp>

#include <chrono>
#include <memory>
#include <optional>

#include "ledger/walk_usage.hpp"
#include "manage/told.hpp"
#include "manage/usage_sums.hpp"

// The day and the month that run, out of the ledger.

namespace ccrelay::manage {
namespace {

using ledger::StoredRequest;
using management::UsageDimension;
using management::UsageInterval;

// A month of a busy relay is read in a second or two.
constexpr std::chrono::seconds read_for_max{30};
// No request lasts longer.
constexpr std::chrono::hours longest_request{24};

struct Sums {
  UsageSums sums{{UsageDimension::client}, UsageInterval::unspecified, TimeZone()};

  PeriodTotals told() const {
    PeriodTotals out;
    out.all = sums.total();
    for (const management::UsageRow& row : sums.rows(management::UsageOrder::unspecified)) {
      out.clients[row.group.at(0)] = row.totals;
    }
    return out;
  }
};

std::optional<PeriodSums::Base> read_base(Core& core, const Jobs::Stops& stops) {
  worker::Shared& shared = core.shared();
  PeriodSums::Base base;
  base.of = shared.generation;
  const auto zone = TimeZone::find(ledger_options(shared.snapshot()->config.ledger, {}).timezone);
  if (!zone) return {};
  // In this order: what ends behind this moment is counted in memory alone.
  const WallTime now = core.clock().wall();
  base.counted = core.tallied();
  base.day_end = zone->day_begin(now, 1);
  const WallTime day = zone->day_begin(now);
  const WallTime month = zone->day_begin(now, 1 - zone->local(now).day);
  shared.ledger->flush();
  Sums of_day, of_month;
  ledger::WalkAsk ask;
  ask.since = month - longest_request;
  const auto late = std::chrono::steady_clock::now() + read_for_max;
  ask.stops = [&] { return stops() || std::chrono::steady_clock::now() > late; };
  const auto end =
      ledger::walk_usage(shared.ledger->status().path, ask, [&](const StoredRequest& request) {
        const WallTime ended = request.began + std::chrono::microseconds(request.total_us);
        if (ended < month || ended > now) return true;
        if (ended >= day && !of_day.sums.add(request)) return false;
        return of_month.sums.add(request);
      });
  if (!end || end->stopped) return {};
  base.day = of_day.told();
  base.month = of_month.told();
  return base;
}

}  // namespace

std::optional<PeriodSums::Now> told_periods(Core& core, const worker::Tallied& tallied) {
  worker::Shared& shared = core.shared();
  if (!shared.ledger) return {};
  const WallTime now = core.clock().wall();
  const std::uint64_t of = shared.generation;
  PeriodSums& periods = core.periods();
  if (periods.wants(now, of)) {
    const bool taken = core.add_job([&core, &periods](const Jobs::Stops& stops) {
      periods.read(read_base(core, stops), core.clock().wall());
    });
    if (!taken) periods.read({}, now);
    // On a loop nobody waits: the next look has it.
    if (!shared.directory.is_workers_thread()) periods.wait();
  }
  return periods.now(tallied, now, of);
}

}  // namespace ccrelay::manage
