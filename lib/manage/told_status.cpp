#include <ccrelay/relay.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/utf8.hpp"
#include "manage/told.hpp"
#include "observe/process_figures.hpp"

namespace ccrelay::manage {
namespace {

using management::AdminState;
using management::ProviderHealth;
using management::ServerState;
using std::chrono::seconds;

constexpr std::int64_t rates_over = 10;  // seconds

std::int64_t second_of(TimePoint now) {
  return std::chrono::floor<seconds>(now.time_since_epoch()).count();
}

// What was counted in that second; nothing where it is another's place by now.
worker::SecondTally at(const worker::Tallied& tallied, std::int64_t second) {
  const auto& one =
      tallied.seconds[static_cast<std::size_t>(second) % worker::Tallied::seconds_kept];
  return one.second == second ? one : worker::SecondTally{second};
}

// Whole seconds alone: the one that runs would make each look lower than the one before.
management::Rates rates(const worker::Tallied& tallied, TimePoint now, TimePoint started) {
  const std::int64_t last = second_of(now) - 1;
  const std::int64_t over =
      std::clamp<std::int64_t>(second_of(now) - second_of(started), 1, rates_over);
  management::Rates out;
  for (std::int64_t second = last - over + 1; second <= last; ++second) {
    const worker::SecondTally one = at(tallied, second);
    out.requests_per_second += static_cast<double>(one.requests);
    out.failures_per_second += static_cast<double>(one.failed);
    out.input_tokens_per_second += static_cast<double>(one.input_tokens);
    out.output_tokens_per_second += static_cast<double>(one.output_tokens);
  }
  for (double* rate : {&out.requests_per_second, &out.failures_per_second,
                       &out.input_tokens_per_second, &out.output_tokens_per_second}) {
    *rate /= static_cast<double>(over);
  }
  return out;
}

std::vector<management::Sample> history(const worker::Tallied& tallied, Core& core, int wanted) {
  const std::int64_t last = second_of(core.now()) - 1;
  const std::int64_t known = second_of(core.now()) - second_of(core.shared().started);
  const std::int64_t count = std::clamp<std::int64_t>(known, 0, wanted);
  std::vector<management::Sample> out;
  for (std::int64_t second = last - count + 1; second <= last; ++second) {
    const worker::SecondTally one = at(tallied, second);
    out.push_back({core.wall(TimePoint(seconds(second))), one.requests, one.failed,
                   one.input_tokens, one.output_tokens, one.in_flight_max});
  }
  return out;
}

management::Process process(worker::Shared& shared, TimePoint now) {
  management::Process out;
  if (const auto stat = observe::read_process_stat()) {
    out.rss_bytes = stat->resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const auto ticks = static_cast<std::int64_t>(::sysconf(_SC_CLK_TCK));
    out.cpu_ms =
        static_cast<std::int64_t>(stat->cpu_ticks) * 1000 / std::max<std::int64_t>(ticks, 1);
  }
  out.client_connections = shared.front.open_connections.load();
  out.upstream_idle_connections = shared.idle_connections.count();
  out.buffered_body_bytes = shared.admission.held();
  // Measured while somebody looks: the first look finds nothing.
  shared.census.watch_lag(now);
  out.loop_lag_max_us =
      std::chrono::duration_cast<std::chrono::microseconds>(shared.census.recent_lag(now)).count();
  out.subscribers = static_cast<std::int32_t>(shared.seats->taken());
  out.events_dropped = shared.watchers->dropped() + shared.log->dropped();
  return out;
}

management::ProviderCounts counts(const std::vector<management::Provider>& providers) {
  management::ProviderCounts out;
  for (const management::Provider& one : providers) {
    ++out.configured;
    if (one.admin_state != AdminState::enabled) {
      ++out.disabled;
      continue;
    }
    const bool broken =
        one.health == ProviderHealth::open || one.health == ProviderHealth::half_open;
    out.broken += broken;
    out.limited +=
        one.health == ProviderHealth::limited || one.health == ProviderHealth::keys_refused;
    out.available += one.health == ProviderHealth::ok || one.health == ProviderHealth::half_open;
  }
  return out;
}

}  // namespace

management::Status told_status(Core& core, int history_seconds) {
  worker::Shared& shared = core.shared();
  const worker::Tallied tallied = core.tallied();
  const TimePoint now = core.now();
  management::Status out;
  out.time = core.clock().wall();
  out.uptime_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - shared.started).count();
  out.in_flight = tallied.in_flight;
  out.streaming = tallied.streaming;
  out.rates = rates(tallied, now, shared.started);
  out.totals = tallied.totals;
  if (auto periods = told_periods(core, tallied)) out.today = periods->day.all;
  out.first_byte = tallied.first_byte.of(now).told();
  out.total = tallied.total.of(now).told();
  out.history = history(tallied, core, history_seconds);
  out.process = process(shared, now);
  out.providers = counts(told_providers(core));
  out.config_generation = shared.generation;
  out.state = shared.draining               ? ServerState::draining
              : out.providers.available > 0 ? ServerState::serving
                                            : ServerState::not_ready;
  return out;
}

management::ServerInfo told_info(Core& core) {
  worker::Shared& shared = core.shared();
  const auto snapshot = shared.snapshot();
  management::ServerInfo out;
  out.version = version();
  out.start_time = shared.started_wall;
  out.pid = ::getpid();
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) out.hostname = host.data();
  out.workers = snapshot->config.server.workers;
  out.listen_addresses = shared.addresses;
  out.management_addresses = core.served_at();
  out.config_source = snapshot->config.source;
  out.config_load_time = shared.reloads.figures().last_success;
  out.config_generation = shared.generation;
  if (shared.ledger) {
    out.features.push_back("ledger");
    out.ledger_path = base::as_utf8(shared.ledger->status().path);
  }
  if (!snapshot->config.server.auth.clients.empty()) out.features.push_back("clients");
  const auto& fronts = out.management_addresses;
  if (std::any_of(fronts.begin(), fronts.end(),
                  [](const std::string& at) { return at.starts_with("grpc"); })) {
    out.features.push_back("grpc");
  }
  if (shared.front.tls.enabled()) out.features.push_back("tls");
  if (snapshot->config.manage.trace) out.features.push_back("trace");
  return out;
}

}  // namespace ccrelay::manage
