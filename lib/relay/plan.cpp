#include "relay/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "relay/conversation.hpp"
#include "route/model_based.hpp"
#include "state/rendezvous.hpp"

namespace ccrelay::relay {
namespace {

// Strategies that treat providers as equals: any of them may be a conversation's home. The others
// have an order of their own, which a home must not overturn.
bool spreads(std::string_view strategy) {
  static constexpr std::array<std::string_view, 6> all{"round_robin",       "weighted_round_robin",
                                                       "shuffle",           "least_loaded",
                                                       "weighted_failover", "latency_based"};
  return std::find(all.begin(), all.end(), strategy) != all.end();
}

// The strategy's order of those that are admitted, then those whose breaker is open.
void arrange(Plan& plan, Tools& tools, const Snapshot& snapshot, const ClientRequest& request) {
  std::vector<RouteCandidate> open;
  std::vector<Candidate> admitted;
  std::vector<Candidate> shut;
  const TimePoint now = tools.loop.now();
  for (Candidate& candidate : plan.candidates) {
    const Entry& entry = *candidate.entry;
    const auto view = tools.shared.providers.view(entry.config->name, now);
    candidate.shut = !view.admits;
    if (candidate.shut) {
      shut.push_back(std::move(candidate));
      continue;
    }
    open.push_back(
        {entry.config->name, entry.weight, entry.priority, view.in_flight, view.first_byte});
    admitted.push_back(std::move(candidate));
  }
  plan.candidates.clear();
  const RouteRequest asked{request.view.model, request.view.stream, tools.rng.next()};
  for (const std::size_t index : snapshot.router->order(asked, open)) {
    if (index < admitted.size()) plan.candidates.push_back(std::move(admitted[index]));
  }
  const RoutingConfig& routing = snapshot.config.routing;
  for (Candidate& candidate : shut) {
    if (routing.strategy == "model_based" && !routing.model_fallback) {
      const auto mapped = route::mapped_provider(routing.model_mapping, routing.default_provider,
                                                 request.view.model);
      if (!mapped.empty() && mapped != candidate.entry->config->name) continue;
    }
    plan.candidates.push_back(std::move(candidate));
  }
  if (plan.candidates.empty()) {
    plan.status = 404;
    plan.reason = fmt::format(
        "model: routing.model_mapping sends \"{}\" to a provider that can't take it, and "
        "routing.model_fallback is off",
        request.view.model);
  }
}

void to_front(Plan& plan, std::size_t index) {
  std::rotate(plan.candidates.begin(), plan.candidates.begin() + static_cast<std::ptrdiff_t>(index),
              plan.candidates.begin() + static_cast<std::ptrdiff_t>(index) + 1);
}

bool may_lead(const Plan& plan, const Candidate& candidate, const RoutingConfig& routing,
              std::string_view model) {
  if (candidate.shut) return false;
  if (routing.strategy == "failover") {
    return candidate.entry->priority == plan.candidates.front().entry->priority;
  }
  if (routing.strategy == "model_based") {
    return route::mapped_provider(routing.model_mapping, routing.default_provider, model).empty();
  }
  return true;
}

// A conversation goes on where it began: its prompt cache and its thinking signatures are there.
void follow(Plan& plan, Tools& tools, const Snapshot& snapshot, const ClientRequest& request) {
  const RoutingConfig& routing = snapshot.config.routing;
  if (request.begins) return;
  plan.home = tools.shared.homes.find(*request.conversation, tools.loop.now());
  if (plan.home) {
    plan.follows = true;
    plan.affinity = "away";
    for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
      const Candidate& candidate = plan.candidates[i];
      if (candidate.entry->config->name != plan.home->provider) continue;
      if (!may_lead(plan, candidate, routing, request.view.model)) return;
      to_front(plan, i);
      plan.affinity = "home";
      return;
    }
    return;
  }
  // Not remembered, but not new either: a choice that any relay makes the same way, now and after
  // a restart. Only assistant turns tell the two apart.
  if (!has_assistant_turn(request.body)) return;
  plan.follows = true;
  if (!spreads(routing.strategy)) return;
  std::optional<std::size_t> best;
  double best_score = 0;
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
    const Candidate& candidate = plan.candidates[i];
    if (candidate.shut) continue;
    const double score = state::rendezvous_score(
        *request.conversation, candidate.entry->config->name, candidate.entry->weight);
    if (!best || score > best_score) {
      best = i;
      best_score = score;
    }
  }
  if (!best) return;
  to_front(plan, *best);
  plan.affinity = "rendezvous";
}

}  // namespace

Plan candidates(const Snapshot& snapshot, Operation operation, std::string_view model,
                const Access& access) {
  Plan plan;
  bool served = false;
  bool offered = false;
  for (const Entry& entry : snapshot.entries) {
    if (!model.empty() && !entry.serves(model)) continue;
    served = true;
    if (!entry.provider->supports(operation)) continue;
    offered = true;
    const auto authority =
        choose_authority(*entry.config, *entry.provider, !entry.pool.keys.empty(), access);
    if (authority) plan.candidates.push_back({&entry, *authority, {}});
  }
  if (!plan.candidates.empty()) return plan;
  if (snapshot.entries.empty()) {
    plan.status = 503;
    plan.reason = "no provider is configured; add one to [[providers]]";
  } else if (!served) {
    plan.status = 404;
    plan.reason = fmt::format(
        "model: no provider serves \"{}\"; GET /v1/models lists what there is, "
        "providers.models and providers.model_mapping decide it",
        model);
  } else if (!offered) {
    plan.status = 404;
    plan.reason = "no provider offers this endpoint";
  } else if (access.may_spend_keys) {
    plan.status = 401;
    plan.reason =
        "no provider can take this request: none has a key of its own, and the request brings no "
        "credential to pass on; give a provider a key or send your own";
  } else {
    plan.status = 403;
    plan.reason =
        "no provider takes the client's own credential for this model, and the relay's keys are "
        "only for clients that present the relay's key";
  }
  return plan;
}

Plan make_plan(Tools& tools, const Snapshot& snapshot, const ClientRequest& request) {
  Plan plan = candidates(snapshot, request.operation, request.view.model, request.access);
  if (plan.candidates.empty()) return plan;
  if (request.operation == Operation::other) {
    // "the first provider that speaks the Anthropic API natively": batches and files live there
    // alone.
    plan.candidates.resize(1);
    return plan;
  }
  arrange(plan, tools, snapshot, request);
  if (!plan.candidates.empty() && request.conversation) follow(plan, tools, snapshot, request);
  return plan;
}

}  // namespace ccrelay::relay
