#include "front/provider_status.hpp"

#include <ccrelay/ledger.hpp>
#include <ccrelay/relay.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "exchange/admittance.hpp"
#include "front/status_words.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::front {
namespace {

using std::chrono::milliseconds;

long long ms(Duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration).count();
}

template <class List, class Text>
std::string joined(const List& list, Text text) {
  std::string out;
  for (const auto& item : list) {
    if (!out.empty()) out += ',';
    out += text(item);
  }
  return out;
}

std::string_view name_of(identity::VaultState state) {
  switch (state) {
    case identity::VaultState::unasked:
      return "unasked";
    case identity::VaultState::fetching:
      return "fetching";
    case identity::VaultState::ready:
      return "ready";
    case identity::VaultState::failed:
      return "failed";
  }
  return "failed";
}

// Where the relay's identity at a cloud comes from and how it is doing; nothing secret.
std::string identity_json(const identity::VaultView& view, WallTime now) {
  std::string out = fmt::format(R"({{"state":"{}","source":{})", name_of(view.state),
                                wire::json_string(view.source));
  if (view.expiry) {
    out += fmt::format(R"(,"expires_in_ms":{})",
                       std::chrono::duration_cast<milliseconds>(*view.expiry - now).count());
  }
  if (!view.last_error.empty()) out += R"(,"error":)" + wire::json_string(view.last_error);
  return out + '}';
}

void append_budget(std::string& out, std::string_view name, const state::BudgetReport& budget) {
  const bool known = budget.limit > 0 || budget.learned_limit || budget.learned_remaining;
  if (!known) return;
  out += fmt::format(R"(,"{}":{{"used":{})", name, budget.used);
  if (budget.limit > 0) out += fmt::format(R"(,"limit":{})", budget.limit);
  if (budget.learned_limit) out += fmt::format(R"(,"provider_limit":{})", *budget.learned_limit);
  if (budget.learned_remaining) {
    out += fmt::format(R"(,"provider_remaining":{})", *budget.learned_remaining);
  }
  out += '}';
}

std::string key_json(const state::KeyReport& key) {
  std::string out = fmt::format(R"({{"key":"{}")", key.fingerprint);
  if (!key.name.empty()) out += R"(,"name":)" + wire::json_string(key.name);
  out += fmt::format(R"(,"state":"{}","in_flight":{})",
                     key.disabled                         ? "disabled"
                     : key.refused_for > Duration::zero() ? "refused"
                     : key.exhausted                      ? "exhausted"
                     : key.cooling.empty()                ? "ok"
                                                          : "cooling",
                     key.in_flight);
  if (key.in_flight_max > 0) out += fmt::format(R"(,"max_in_flight":{})", key.in_flight_max);
  if (key.refused_for > Duration::zero()) {
    out += fmt::format(R"(,"free_in_ms":{})", ms(key.refused_for));
  } else if (key.exhausted) {
    out += fmt::format(R"(,"asked_again_in_ms":{})", ms(key.exhausted_for));
  }
  if (!key.barred.empty()) {
    out += R"(,"no_access":[)" +
           joined(key.barred,
                  [](const auto& rest) {
                    return fmt::format(R"({{"model":{},"free_in_ms":{}}})",
                                       wire::json_string(rest.first), ms(rest.second));
                  }) +
           ']';
  }
  if (!key.cooling.empty()) {
    out += R"(,"cooling":[)" +
           joined(key.cooling,
                  [](const auto& rest) {
                    return fmt::format(R"({{"model":{},"free_in_ms":{}}})",
                                       wire::json_string(rest.first), ms(rest.second));
                  }) +
           ']';
  }
  append_budget(out, "requests", key.requests);
  append_budget(out, "input_tokens", key.input_tokens);
  append_budget(out, "output_tokens", key.output_tokens);
  append_budget(out, "tokens", key.tokens);
  if (!key.unified.empty()) {
    out += R"(,"unified":{)" +
           joined(key.unified,
                  [](const auto& figure) {
                    return wire::json_string(figure.first) + ':' + wire::json_string(figure.second);
                  }) +
           '}';
  }
  return out + '}';
}

std::string provider_json(const worker::Entry& entry, worker::Shared& shared, const Clock& clock) {
  const TimePoint now = clock.now();
  const ProviderState state = state_of(entry, shared, clock);
  const auto& configured = entry.config->models;
  const auto models = configured.empty() ? entry.provider->default_models() : configured;
  const auto view = shared.providers.view(entry.config->name, now);
  std::string out = fmt::format(
      R"({{"name":{},"type":{},"owner":{},"base_url":{},"models":[{}],"active":{},"health":"{}",)"
      R"("status":{},"in_flight":{},"breaker":{{"state":"{}","failures":{})",
      wire::json_string(entry.config->name), wire::json_string(entry.config->type),
      wire::json_string(entry.provider->owner()), wire::json_string(entry.provider->base_url()),
      joined(models, [](const std::string& id) { return wire::json_string(id); }),
      view.admin == state::Admin::enabled, state.health, wire::json_string(state.words),
      view.in_flight, to_string(view.state), view.failures);
  if (view.state == state::Breaker::State::open) {
    out += fmt::format(R"(,"half_open_in_ms":{})", ms(view.half_open_at - now));
  }
  out += '}';
  if (entry.vault) {
    out += R"(,"identity":)" + identity_json(entry.vault->view(clock), clock.wall());
  }
  if (!state.news.error.empty()) {
    out += fmt::format(R"(,"last_error":{{"time":"{}","message":{}}})",
                       time_text(state.news.error_at), wire::json_string(state.news.error));
  }
  if (view.silences > 0) {
    out += fmt::format(R"(,"silence":{{"times":{},"asked_last":{},"asked_last_for_ms":{}}})",
                       view.silences, view.asked_last, std::max(ms(view.silent_until - now), 0LL));
  }
  if (view.first_byte) out += fmt::format(R"(,"first_byte_ms":{})", ms(*view.first_byte));
  return out + R"(,"keys":[)" + joined(shared.keys.report(entry.pool, now), key_json) + "]}";
}

std::string figures_json(const worker::Shared& shared) {
  const worker::Admission& a = shared.admission;
  const server::Counters& c = shared.front.counters;
  return fmt::format(
             R"("requests":{{"in_flight":{},"refused":{},"body_bytes":{},"bodies_refused":{}}},)"
             R"("connections":{{"open":{},"aged":{},"idle":{},"refused_in_all":{},"refused_per_address":{},)"
             R"("slow_heads":{},"slow_bodies":{},"slow_readers":{},"malformed":{},)"
             R"("tls_on_plain":{},"displaced":{},"accept_failures":{}}},"tls":{{"handshakes":{},"failures":{},"timeouts":{},)"
             R"("plain_http":{}}},)",
             a.in_flight(), a.refused(), a.held(), a.bodies_refused(),
             shared.front.open_connections.load(), c.connections_aged.load(), c.idle.load(),
             c.refused_in_all.load(), c.refused_per_address.load(), c.slow_heads.load(),
             c.slow_bodies.load(), c.slow_readers.load(), c.malformed.load(), c.tls_on_plain.load(),
             c.displaced.load(), c.accept_failures.load(), c.tls_handshakes.load(),
             c.tls_failures.load(), c.tls_timeouts.load(), c.tls_plain_http.load()) +
         fmt::format(R"("http2":{{"connections":{},"streams":{},"refused_streams":{},)"
                     R"("client_resets":{},"stream_errors":{},"connection_errors":{},)"
                     R"("floods":{},"timeouts":{}}})",
                     c.http2_connections.load(), c.http2_streams.load(), c.http2_refused.load(),
                     c.http2_resets.load(), c.http2_stream_errors.load(),
                     c.http2_connection_errors.load(), c.http2_floods.load(),
                     c.http2_timeouts.load());
}

}  // namespace

namespace {

// What was found last and can't be used, until something can.
std::string rejected_json(const worker::Shared& shared) {
  const auto rejected = shared.reloads.rejected();
  if (!rejected) return {};
  return fmt::format(R"(,"rejected":{{"time":"{}","mistakes":{}}})", time_text(rejected->time),
                     wire::json_string(rejected->mistakes));
}

// While it can't be written: why, in words.
std::string ledger_json(const worker::Shared& shared, const Clock& clock) {
  if (!shared.ledger) return {};
  const LedgerStatus status = shared.ledger->status();
  return status.up ? std::string()
                   : R"(,"ledger":)" + wire::json_string(in_words(status, clock.wall()));
}

// While nothing arrives at the collector: why, in words.
std::string telemetry_json(const worker::Shared& shared) {
  if (!shared.telemetry) return {};
  const TelemetryStatus status = shared.telemetry->status();
  return status.up ? std::string() : R"(,"otel":)" + wire::json_string(in_words(status));
}

std::string relay_json(const worker::Snapshot& snapshot, const worker::Shared& shared,
                       const Clock& clock) {
  return fmt::format(
      R"("relay":{{"version":{},"uptime_ms":{},"configuration":{},)"
      R"("configuration_age_ms":{}{}{}{},"listen":[{}],"tls":{}}})",
      wire::json_string(version()), ms(clock.now() - shared.started),
      wire::json_string(snapshot.config.source), ms(clock.now() - snapshot.taken),
      rejected_json(shared), ledger_json(shared, clock), telemetry_json(shared),
      joined(shared.addresses, [](const std::string& text) { return wire::json_string(text); }),
      shared.front.tls.enabled());
}

}  // namespace

exchange::Answer list_providers(const worker::Snapshot& snapshot, const ClientConfig* who,
                                worker::Shared& shared, const Clock& clock) {
  Verdict verdict = verdict_on(snapshot, shared, clock);
  std::vector<const worker::Entry*> shown;
  for (const worker::Entry& entry : snapshot.entries) {
    if (exchange::may_be_asked(entry, who)) shown.push_back(&entry);
  }
  // It would name the others.
  if (shown.size() < snapshot.entries.size()) verdict.why.clear();
  return exchange::json_answer(
      200,
      fmt::format(
          R"({{"object":"list","status":"{}","why":{},{},"data":[{}],{}}})", verdict.status,
          wire::json_string(verdict.why), relay_json(snapshot, shared, clock),
          joined(shown,
                 [&](const worker::Entry* entry) { return provider_json(*entry, shared, clock); }),
          figures_json(shared)));
}

exchange::Answer ready(const worker::Snapshot& snapshot, worker::Shared& shared,
                       const Clock& clock) {
  const bool any = std::any_of(
      snapshot.entries.begin(), snapshot.entries.end(),
      [&](const worker::Entry& entry) { return state_of(entry, shared, clock).can_serve(); });
  const bool may_serve = !shared.ledger || shared.ledger->may_serve();
  if (any && may_serve && !shared.draining) {
    return exchange::json_answer(200, R"({"status":"ready"})");
  }
  return exchange::json_answer(503, R"({"status":"unavailable"})");
}

}  // namespace ccrelay::front
