#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "base/utf8.hpp"
#include "manage/core.hpp"
#include "manage/diagnostics.hpp"
#include "manage/told.hpp"
#include "worker/told_request.hpp"

namespace ccrelay::management {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds drain_default{300'000};

state::OperatorWord word_of(const Order& order, state::Admin state, milliseconds ttl,
                            const Clock& clock) {
  state::OperatorWord word{state, order.by, order.reason, clock.wall(), {}, {}};
  if (ttl.count() > 0) {
    word.until = clock.now() + ttl;
    word.until_wall = clock.wall() + ttl;
  }
  return word;
}

std::vector<std::string> warnings(const std::vector<Provider>& providers) {
  const bool any = std::any_of(providers.begin(), providers.end(), [](const Provider& one) {
    return one.admin_state == AdminState::enabled;
  });
  if (any) return {};
  return {"no provider is left that takes new requests: clients are told 503"};
}

}  // namespace

Reply<Changed<Provider>> Manager::disable_provider(const std::string& name, const Order& given) {
  Order order = given;
  if (const auto refusal = core_.check(order)) return *refusal;
  if (const auto known = provider(name); !known) return known.refusal();
  const bool changed = core_.shared().providers.order(
      name, word_of(order, state::Admin::disabled, order.ttl, core_.clock()), core_.now());
  core_.note(order, "disabled", "provider", name, changed);
  if (order.cancel_running) {
    const std::string words =
        fmt::format("an operator has disabled the provider \"{}\" and what ran there", name);
    const bool all = core_.each_running(
        [name, words](worker::RunningRequest& request) { request.leave(name, words); });
    if (!all) return manage::no_answer();
  }
  const auto now = provider(name);
  if (!now) return now.refusal();
  return Changed<Provider>{*now, changed, warnings(providers())};
}

Reply<Changed<Provider>> Manager::drain_provider(const std::string& name, const Order& given) {
  Order order = given;
  if (const auto refusal = core_.check(order)) return *refusal;
  const auto known = provider(name);
  if (!known) return known.refusal();
  const milliseconds time = order.ttl.count() > 0 ? order.ttl : drain_default;
  const bool is_out = known->admin_state == AdminState::disabled;
  const bool changed =
      !is_out &&
      core_.shared().providers.order(
          name, word_of(order, state::Admin::draining, time, core_.clock()), core_.now());
  core_.note(order, "drains", "provider", name, changed);
  const auto now = provider(name);
  if (!now) return now.refusal();
  return Changed<Provider>{*now, changed, warnings(providers())};
}

Reply<Changed<Provider>> Manager::enable_provider(const std::string& name, const Order& given) {
  Order order = given;
  if (const auto refusal = core_.check(order)) return *refusal;
  if (const auto known = provider(name); !known) return known.refusal();
  const auto snapshot = core_.shared().snapshot();
  for (const ProviderConfig& config : snapshot->config.providers) {
    if (config.name != name || config.enabled) continue;
    const std::string& source = snapshot->config.source;
    if (!config.missing_variable.empty()) {
      return Refusal{Code::failed_precondition,
                     fmt::format("the provider \"{}\" has no key, because the environment variable "
                                 "{}{} has no value: start the relay with one",
                                 name, config.missing_variable,
                                 source.empty() ? "" : ", which " + source + " names,")};
    }
    return Refusal{Code::failed_precondition,
                   fmt::format("the configuration{} says enabled = false of the provider \"{}\": "
                               "change it there and reload",
                               source.empty() ? "" : " (" + source + ")", name)};
  }
  const bool changed = core_.shared().providers.order(
      name, word_of(order, state::Admin::enabled, milliseconds(0), core_.clock()), core_.now());
  core_.note(order, "enabled", "provider", name, changed);
  const auto now = provider(name);
  if (!now) return now.refusal();
  return Changed<Provider>{*now, changed, {}};
}

Reply<Changed<Provider>> Manager::reset_breaker(const std::string& name, const Order& given) {
  Order order = given;
  if (const auto refusal = core_.check(order)) return *refusal;
  if (const auto known = provider(name); !known) return known.refusal();
  const bool changed = core_.shared().providers.reset_breaker(name);
  core_.note(order, "reset the breaker of", "provider", name, changed);
  const auto now = provider(name);
  if (!now) return now.refusal();
  return Changed<Provider>{*now, changed, {}};
}

Reply<Changed<Key>> Manager::disable_key(const std::string& fingerprint, const Order& given) {
  Order order = given;
  if (const auto refusal = core_.check(order)) return *refusal;
  if (const auto known = key(fingerprint); !known) return known.refusal();
  const bool changed = core_.shared().keys.order(
      fingerprint, word_of(order, state::Admin::disabled, order.ttl, core_.clock()), core_.now());
  core_.note(order, "disabled", "key", fingerprint, changed);
  std::vector<std::string> warned;
  const auto all = keys();
  for (const Provider& one : providers()) {
    const bool uses = std::find(one.keys.begin(), one.keys.end(), fingerprint) != one.keys.end();
    const bool has_another = std::any_of(all.begin(), all.end(), [&](const Key& other) {
      return other.admin_state == AdminState::enabled &&
             std::find(one.keys.begin(), one.keys.end(), other.fingerprint) != one.keys.end();
    });
    if (uses && !has_another) {
      warned.push_back(
          fmt::format("the provider \"{}\" has no key left that is enabled", one.name));
    }
  }
  const auto now = key(fingerprint);
  if (!now) return now.refusal();
  return Changed<Key>{*now, changed, std::move(warned)};
}

Reply<Changed<Key>> Manager::enable_key(const std::string& fingerprint, const Order& given) {
  Order order = given;
  if (const auto refusal = core_.check(order)) return *refusal;
  if (const auto known = key(fingerprint); !known) return known.refusal();
  const bool changed = core_.shared().keys.order(fingerprint, {}, core_.now());
  core_.note(order, "enabled", "key", fingerprint, changed);
  const auto now = key(fingerprint);
  if (!now) return now.refusal();
  return Changed<Key>{*now, changed, {}};
}

Reply<Changed<Key>> Manager::reset_key(const std::string& fingerprint, bool reset_budgets,
                                       const Order& given) {
  Order order = given;
  if (const auto refusal = core_.check(order)) return *refusal;
  if (const auto known = key(fingerprint); !known) return known.refusal();
  bool changed = false;
  const auto snapshot = core_.shared().snapshot();
  for (const worker::Entry& entry : snapshot->entries) {
    for (const state::PoolKey& one : entry.pool.keys) {
      if (one.fingerprint != fingerprint) continue;
      changed = core_.shared().keys.reset(one.record_id(), reset_budgets, core_.now()) || changed;
    }
  }
  core_.note(order, reset_budgets ? "reset with its windows" : "reset", "key", fingerprint,
             changed);
  const auto now = key(fingerprint);
  if (!now) return now.refusal();
  return Changed<Key>{*now, changed, {}};
}

Reply<Changed<Request>> Manager::cancel(const std::string& id, const Order& given) {
  Order order = given;
  if (auto refusal = core_.check(order); refusal && refusal->code != Code::unavailable) {
    return *std::move(refusal);
  }
  if (order.by.empty()) order.by = "the program";
  struct Ended {
    std::mutex mutex;
    std::optional<Request> request;
  };
  const auto ended = std::make_shared<Ended>();
  const std::string words = "an operator has ended this request" +
                            (order.reason.empty() ? std::string() : ": " + order.reason);
  worker::Recent& recent = core_.shared().recent;
  const bool all = core_.each_running([ended, id, words, &recent](worker::RunningRequest& request) {
    if (worker::request_id_text(request.number()) != id) return;
    request.cancel(words);
    // Its end may be told already; then this account of it is whole.
    auto told = recent.find(id, false);
    const std::lock_guard lock(ended->mutex);
    ended->request = told ? std::move(*told) : request.told();
  });
  if (!all) return manage::no_answer();
  const std::lock_guard lock(ended->mutex);
  if (ended->request) {
    const bool changed = ended->request->ending == Ending::by_operator;
    ended->request->state = RequestState::ended;
    core_.note(order, "cancelled", "request", id, changed);
    return Changed<Request>{*std::move(ended->request), changed, {}};
  }
  if (auto told = recent.find(id, false)) return Changed<Request>{*std::move(told), false, {}};
  return Refusal{Code::not_found,
                 fmt::format("there is no request with the id \"{}\" that runs or ended lately; an "
                             "X-Request-ID is not taken, since it may name several",
                             id)};
}

void Manager::reload(const Order& given, std::function<void(const Reply<ReloadReport>&)> done) {
  Order order = given;
  if (auto refusal = core_.check(order)) return done(*std::move(refusal));
  worker::Shared& shared = core_.shared();
  if (!shared.reloads.ask) {
    return done(Refusal{Code::failed_precondition,
                        "this relay has nothing to read its configuration from again"});
  }
  // What is read for the one that runs may be older than this one wants.
  if (core_.reloads_now().exchange(true)) {
    return done(Refusal{Code::aborted, "another reload runs; ask again when it has ended"});
  }
  core_.note(order, "asked for a reload of", "configuration", shared.snapshot()->config.source,
             true);
  shared.reloads.ask([core = &core_, done = std::move(done)](const worker::ReloadOutcome& outcome) {
    core->reloads_now() = false;
    const std::string source = core->shared().snapshot()->config.source;
    if (!outcome.taken) {
      return done(Refusal{Code::failed_precondition, base::as_utf8(outcome.mistakes),
                          manage::diagnostics_of(outcome.mistakes, Severity::error, source)});
    }
    ReloadReport report{core->shared().generation, manage::told(outcome.changes),
                        manage::warnings_of(outcome.warnings, source)};
    for (const std::string& key : outcome.needs_restart) {
      report.diagnostics.push_back({Severity::warning, source, 0, 0, key,
                                    key + ": changed since the start, and in force after a "
                                          "restart"});
    }
    done(report);
  });
}

}  // namespace ccrelay::management
