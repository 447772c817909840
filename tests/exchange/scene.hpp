#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "catch.hpp"
#include "exchange/picker.hpp"
#include "exchange/plan.hpp"

namespace ccrelay::exchange {

/// Providers as configured, what is known of them, and a request: all that decides where it goes,
/// without a loop. Add, adjust, start(), then ask.
struct Scene {
  ProviderConfig& add(const std::string& name, const std::string& type = "anthropic",
                      bool with_key = true) {
    ProviderConfig entry;
    entry.name = name;
    entry.type = type;
    if (with_key) entry.keys.push_back({Secret("sk-" + name), 1, 1});
    config.providers.push_back(entry);
    return config.providers.back();
  }
  void add_all(const std::vector<std::string>& names) {
    for (const std::string& name : names) add(name);
  }

  Scene& start() {
    request.access.admitted = request.access.may_spend_keys = true;
    if (request.view.model.empty()) request.view.model = "m";
    auto built = worker::Snapshot::build(config, options, vaults);
    if (!built) FAIL(built.error().message);
    snapshot = *built;
    request.weighed = snapshot->weighs_costs;
    std::vector<const state::Pool*> pools;
    for (const worker::Entry& entry : snapshot->entries) pools.push_back(&entry.pool);
    keys.configure(pools);
    return *this;
  }

  Plan plan(std::uint64_t random = 0) {
    return make_plan({providers, homes, costs(), now, wall, random}, *snapshot, request);
  }
  Picker picker() { return Picker(keys, providers, rng, *snapshot, request, plan()); }

  CostsKnown costs() { return {prompts, outputs}; }
  /// What is expected of them, in nano-USD; -1 where it is not known.
  std::string expected(const Plan& plan) const {
    std::string out;
    for (const Candidate& candidate : plan.candidates) {
      out += (out.empty() ? "" : " ") + candidate.entry->config->name + ' ' +
             std::to_string(candidate.expected_nano_usd.value_or(-1));
    }
    return out;
  }

  /// A conversation that goes on.
  void goes_on(std::uint64_t conversation = 7) {
    request.conversation = conversation;
    request.view.answered = true;
  }
  /// The same, and it began there.
  void lives_at(const std::string& provider, const std::string& key = "",
                std::uint64_t body_bytes = 0) {
    goes_on();
    homes.settle(7, provider, key, body_bytes, now);
  }
  /// Its breaker opens.
  void break_off(const std::string& provider) {
    for (int i = 0; i < config.health.failure_threshold; ++i) {
      auto place = providers.take(provider, breaker(), 0, now, false);
      REQUIRE(place);
      place.lease->settle(Mark::failure, {}, now);
    }
    REQUIRE_FALSE(providers.view(provider, now).admits);
  }
  /// It has answered one request, this quickly.
  void answers_in(const std::string& provider, Duration first_byte) {
    auto place = providers.take(provider, breaker(), 0, now, false);
    REQUIRE(place);
    place.lease->settle(Mark::success, first_byte, now);
  }
  /// As many requests are on their way there as long as it is held.
  state::Place occupy(const std::string& provider) {
    return providers.take(provider, breaker(), 0, now, false);
  }
  const state::Breaker::Settings& breaker() const { return snapshot->breaker; }
  const std::string& fingerprint(std::size_t entry, std::size_t key = 0) const {
    return snapshot->entries.at(entry).pool.keys.at(key).fingerprint;
  }

  /// Whose record it is.
  const std::string& key_id(std::size_t entry, std::size_t key = 0) const {
    return snapshot->entries.at(entry).pool.keys.at(key).record_id();
  }

  using Mark = state::Breaker::Mark;

  Config config;
  RelayOptions options;
  identity::Vaults vaults{[](std::string_view) { return std::nullopt; }};
  std::shared_ptr<const worker::Snapshot> snapshot;
  state::Keys keys;
  state::Providers providers;
  state::Homes homes;
  state::PromptCaches prompts;
  state::OutputAverages outputs;
  base::Rng rng{1};
  ClientRequest request;
  TimePoint now = TimePoint{} + std::chrono::hours(1);
  WallTime wall = WallTime{} + std::chrono::days(20'000);
};

inline std::string names(const Plan& plan) {
  std::string out;
  for (const Candidate& candidate : plan.candidates) {
    out += (out.empty() ? "" : " ") + candidate.entry->config->name;
  }
  return out;
}

/// "affinity: names"
inline std::string told(const Plan& plan) {
  return std::string(plan.affinity) + ": " + names(plan);
}

}  // namespace ccrelay::exchange
