#include <ccrelay/provider.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/utf8.hpp"
#include "front/status_words.hpp"
#include "manage/shown_url.hpp"
#include "manage/told.hpp"

namespace ccrelay::manage {
namespace {

using management::ProviderHealth;

// The vendors' own, then the clouds' forms of the first.
constexpr std::array dialects = {Dialect::anthropic, Dialect::chat,    Dialect::responses,
                                 Dialect::gemini,    Dialect::bedrock, Dialect::vertex};

ProviderHealth health_named(std::string_view word) {
  if (word == "half_open") return ProviderHealth::half_open;
  if (word == "open") return ProviderHealth::open;
  if (word == "limited") return ProviderHealth::limited;
  if (word == "keys_refused") return ProviderHealth::keys_refused;
  if (word == "no_identity") return ProviderHealth::no_identity;
  return ProviderHealth::ok;
}

management::BreakerState breaker_state(state::Breaker::State state) {
  switch (state) {
    case state::Breaker::State::open:
      return management::BreakerState::open;
    case state::Breaker::State::half_open:
      return management::BreakerState::half_open;
    case state::Breaker::State::closed:
      break;
  }
  return management::BreakerState::closed;
}

management::CloudIdentity identity_of(const identity::VaultView& view) {
  management::CloudIdentity out;
  switch (view.state) {
    case identity::VaultState::unasked:
      out.state = "unasked";
      break;
    case identity::VaultState::fetching:
      out.state = "fetching";
      break;
    case identity::VaultState::ready:
      out.state = "ready";
      break;
    case identity::VaultState::failed:
      out.state = "failed";
      break;
  }
  out.source = view.source;
  out.expire_time = view.expiry;
  out.error = view.last_error;
  return out;
}

void add_counted(management::Provider& out, const worker::NameTally& tally, TimePoint now) {
  out.totals = tally.totals;
  for (std::size_t i = 0; i < tally.outcomes.size(); ++i) {
    if (tally.outcomes[i] > 0) out.outcomes.push_back({static_cast<Outcome>(i), tally.outcomes[i]});
  }
  const worker::FailedOf lately = tally.lately.of(now);
  if (lately.all > 0) out.failure_ratio = static_cast<double>(lately.failed) / lately.all;
  out.last_error = tally.last_error;
  if (out.last_error) {
    out.last_error->message = base::as_utf8(std::move(out.last_error->message));
  }
}

void add_state(management::Provider& out, const worker::Entry& entry, Core& core) {
  const TimePoint now = core.now();
  worker::Shared& shared = core.shared();
  const auto view = shared.providers.view(out.name, now);
  out.base_url = shown_url(entry.provider->base_url());
  out.priority = entry.priority;
  out.weight = entry.weight;
  out.admin_state = told(view.admin);
  out.admin_override = told(shared.providers.word(out.name), now);
  out.health = health_named(front::health_of(entry, view, shared, core.clock()));
  out.breaker.state = breaker_state(view.state);
  out.breaker.failures = view.failures;
  out.breaker.failure_threshold = shared.snapshot()->breaker.failure_threshold;
  if (view.state == state::Breaker::State::open) {
    out.breaker.half_open_in_ms =
        std::chrono::ceil<std::chrono::milliseconds>(view.half_open_at - now).count();
  }
  out.breaker.opened = view.opened;
  out.in_flight = view.in_flight;
  if (view.first_byte) {
    out.first_byte_us =
        std::chrono::duration_cast<std::chrono::microseconds>(*view.first_byte).count();
  }
  for (const state::PoolKey& key : entry.pool.keys) out.keys.push_back(key.fingerprint);
  if (entry.vault) out.identity = identity_of(entry.vault->view(core.clock()));
  for (const Dialect one : dialects) {
    if (entry.provider->speaks(one)) out.dialects.emplace_back(to_string(one));
  }
}

}  // namespace

std::vector<management::Provider> told_providers(Core& core) {
  const auto snapshot = core.shared().snapshot();
  const worker::Tallied tallied = core.tallied();
  std::vector<management::Provider> out;
  for (const ProviderConfig& config : snapshot->config.providers) {
    management::Provider& provider = out.emplace_back();
    provider.name = config.name;
    provider.type = config.type;
    provider.base_url = shown_url(config.base_url);
    provider.models = config.models;
    provider.in_flight_limit = config.max_in_flight;
    provider.admin_state = management::AdminState::disabled;  // by the configuration
    provider.conversations =
        static_cast<std::int64_t>(core.shared().homes.count(config.name, core.now()));
    for (const worker::Entry& entry : snapshot->entries) {
      if (entry.config == &config) add_state(provider, entry, core);
    }
    const auto counted = tallied.providers.find(config.name);
    if (counted != tallied.providers.end()) add_counted(provider, counted->second, core.now());
  }
  return out;
}

}  // namespace ccrelay::manage
