#include "front/metrics.hpp"

#include <ccrelay/relay.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "observe/process_figures.hpp"
#include "price/table.hpp"

namespace ccrelay::front {
namespace {

using observe::Exposition;

double used_ratio(const state::BudgetReport& budget) {
  double ratio = 0;
  if (budget.limit > 0) {
    ratio = static_cast<double>(budget.used) / static_cast<double>(budget.limit);
  }
  if (budget.learned_limit.value_or(0) > 0 && budget.learned_remaining) {
    const std::uint64_t left = std::min(*budget.learned_remaining, *budget.learned_limit);
    ratio = std::max(ratio, static_cast<double>(*budget.learned_limit - left) /
                                static_cast<double>(*budget.learned_limit));
  }
  return ratio;
}

bool has_limit(const state::BudgetReport& budget) {
  return budget.limit > 0 || (budget.learned_limit.value_or(0) > 0 && budget.learned_remaining);
}

constexpr std::array<std::string_view, 4> key_states{"ok", "cooling", "refused", "exhausted"};

std::string_view state_word(const state::KeyReport& key) {
  if (key.refused_for > Duration::zero()) return "refused";
  if (key.exhausted) return "exhausted";
  return key.cooling.empty() ? "ok" : "cooling";
}

struct NamedKey {
  std::string_view provider;
  state::KeyReport report;
};

// A secret that stands twice at a provider is one key.
std::vector<NamedKey> keys_of(const worker::Snapshot& snapshot, worker::Shared& shared,
                              TimePoint now) {
  std::vector<NamedKey> keys;
  for (const worker::Entry& entry : snapshot.entries) {
    std::set<std::string> seen;
    const state::Pool& pool = entry.vault ? entry.identity : entry.pool;
    for (state::KeyReport& report : shared.keys.report(pool, now)) {
      if (seen.insert(report.fingerprint).second) {
        keys.push_back({entry.config->name, std::move(report)});
      }
    }
  }
  return keys;
}

void print_keys(Exposition& out, const std::vector<NamedKey>& keys) {
  out.gauge("ccrelay_key_state", "1 for the state that a provider's key is in.");
  for (const auto& [provider, key] : keys) {
    for (const std::string_view state : key_states) {
      out.sample({{"provider", provider}, {"key", key.fingerprint}, {"state", state}},
                 std::uint64_t{state == state_word(key)});
    }
  }
  out.gauge("ccrelay_key_in_flight", "Attempts under way with a key.");
  for (const auto& [provider, key] : keys) {
    out.sample({{"provider", provider}, {"key", key.fingerprint}},
               static_cast<std::uint64_t>(std::max(key.in_flight, 0)));
  }
  out.gauge("ccrelay_key_limit_used_ratio",
            "How much of a key's limit is used, by the configuration or the provider's word.");
  for (const auto& [provider, key] : keys) {
    const std::array<std::pair<std::string_view, const state::BudgetReport*>, 4> limits{
        {{"rpm", &key.requests},
         {"itpm", &key.input_tokens},
         {"otpm", &key.output_tokens},
         {"tpm", &key.tokens}}};
    for (const auto& [limit, budget] : limits) {
      if (!has_limit(*budget)) continue;
      out.sample({{"provider", provider}, {"key", key.fingerprint}, {"limit", limit}},
                 used_ratio(*budget));
    }
  }
}

void print_closed(Exposition& out, const server::Counters& counters) {
  out.counter("ccrelay_connections_closed_total", "Client connections that the relay has ended.");
  const std::array<std::pair<std::string_view, const server::Counters::Count*>, 10> reasons{
      {{"aged", &counters.connections_aged},
       {"idle", &counters.idle},
       {"refused_in_all", &counters.refused_in_all},
       {"refused_per_address", &counters.refused_per_address},
       {"slow_heads", &counters.slow_heads},
       {"slow_bodies", &counters.slow_bodies},
       {"slow_readers", &counters.slow_readers},
       {"malformed", &counters.malformed},
       {"tls_on_plain", &counters.tls_on_plain},
       {"displaced", &counters.displaced}}};
  for (const auto& [reason, count] : reasons) out.sample({{"reason", reason}}, count->load());
}

void print_handshakes(Exposition& out, const server::Counters& counters) {
  out.counter("ccrelay_tls_handshakes_total", "TLS handshakes with clients.");
  const std::array<std::pair<std::string_view, const server::Counters::Count*>, 4> results{
      {{"success", &counters.tls_handshakes},
       {"failure", &counters.tls_failures},
       {"timeout", &counters.tls_timeouts},
       {"plain_http", &counters.tls_plain_http}}};
  for (const auto& [result, count] : results) out.sample({{"result", result}}, count->load());
}

}  // namespace

void print_providers(Exposition& out, const worker::Snapshot& snapshot, worker::Shared& shared,
                     const Clock& clock) {
  using State = state::Breaker::State;
  const TimePoint now = clock.now();
  std::map<std::string_view, state::ProviderView> views;
  for (const worker::Entry& entry : snapshot.entries) {
    views.emplace(entry.config->name, shared.providers.view(entry.config->name, now));
  }
  out.gauge("ccrelay_attempts_in_flight", "Attempts under way at a provider.");
  for (const auto& [provider, view] : views) {
    out.sample({{"provider", provider}}, std::uint64_t{view.in_flight});
  }
  out.gauge("ccrelay_breaker_state", "1 for the state that a provider's breaker is in.");
  for (const auto& [provider, view] : views) {
    for (const State state : {State::closed, State::open, State::half_open}) {
      out.sample({{"provider", provider}, {"state", to_string(state)}},
                 std::uint64_t{view.state == state});
    }
  }
  print_keys(out, keys_of(snapshot, shared, now));
  for (const worker::Entry& entry : snapshot.entries) {
    if (!entry.prices) continue;
    if (const auto day = entry.prices->checked()) {
      out.gauge("ccrelay_price_table_timestamp_seconds",
                "The newest day on which a price was looked up.",
                static_cast<std::uint64_t>(std::max(*day, 0)) * 86'400);
    }
    break;
  }
}

void print_relay(Exposition& out, const worker::Shared& shared) {
  out.gauge("ccrelay_build_info", "1; the label tells the version.");
  out.sample({{"version", version()}}, std::uint64_t{1});
  out.gauge("ccrelay_requests_in_flight", "Requests that are being relayed.",
            static_cast<std::uint64_t>(std::max(shared.admission.in_flight(), 0)));
  out.gauge("ccrelay_connections", "Open client connections.",
            static_cast<std::uint64_t>(std::max(shared.front.open_connections.load(), 0)));
  print_closed(out, shared.front.counters);
  if (shared.front.tls.enabled()) print_handshakes(out, shared.front.counters);
  out.gauge("ccrelay_buffered_body_bytes", "Bytes of request bodies that are held.",
            shared.admission.held());
}

void print_telemetry(Exposition& out, const TelemetryStatus& status) {
  out.gauge("ccrelay_otel_up", "1 while traces and metrics arrive at the collector.",
            std::uint64_t{status.up});
  out.gauge("ccrelay_otel_queue_requests", "Requests whose spans are not there yet.",
            std::uint64_t{status.queue});
  out.counter("ccrelay_otel_requests_total", "Requests whose spans have arrived.", status.sent);
  out.counter("ccrelay_otel_dropped_total", "Requests whose spans or figures never will.",
              status.dropped);
}

void print_reloads(Exposition& out, const worker::Reloads::Figures& reloads) {
  out.counter("ccrelay_config_reloads_total", "How often the configuration was read again.");
  out.sample({{"result", "success"}}, reloads.success);
  out.sample({{"result", "failure"}}, reloads.failure);
  out.sample({{"result", "unchanged"}}, reloads.unchanged);
  out.gauge("ccrelay_config_last_reload_successful",
            "Whether the configuration that was read last could be used.",
            std::uint64_t{reloads.last_successful});
  out.gauge("ccrelay_config_last_reload_success_timestamp_seconds",
            "When a configuration was taken last.",
            std::chrono::duration<double>(reloads.last_success.time_since_epoch()).count());
}

std::string metrics_text(const worker::Counts& counts, const worker::Snapshot& snapshot,
                         worker::Shared& shared, const Clock& clock) {
  Exposition out;
  print_relay(out, shared);
  print_counts(out, counts, shared.labels);
  print_providers(out, snapshot, shared, clock);
  print_budgets(out, snapshot, shared, clock);
  if (shared.ledger) print_ledger(out, shared.ledger->status());
  if (shared.telemetry) print_telemetry(out, shared.telemetry->status());
  print_reloads(out, shared.reloads.figures());
  observe::print_process(out);
  return out.take();
}

}  // namespace ccrelay::front
