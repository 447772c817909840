#include "exchange/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/admittance.hpp"
#include "exchange/cloud_form.hpp"
#include "exchange/interpreter.hpp"
#include "provider/model_name.hpp"
#include "state/rendezvous.hpp"

namespace ccrelay::exchange {
namespace {

// An order that any relay finds for a conversation, now and after a restart: of the providers that
// are left, each conversation has its own first, second and third.
void order_by_conversation(std::vector<Candidate>& candidates, std::uint64_t conversation) {
  const auto score = [&](const Candidate& candidate) {
    return state::rendezvous_score(conversation, candidate.entry->config->name,
                                   candidate.entry->weight);
  };
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const Candidate& a, const Candidate& b) { return score(a) > score(b); });
}

// As the router says, each once.
void order_by_strategy(std::vector<Candidate>& admitted, Router& router,
                       const RouteRequest& asked) {
  std::vector<RouteCandidate> open;
  for (const Candidate& candidate : admitted) open.push_back(candidate.as_router_sees_it());
  std::vector<Candidate> ordered;
  std::vector<bool> taken(admitted.size());
  for (const std::size_t index : router.order(asked, open)) {
    if (index >= admitted.size() || taken[index]) continue;
    taken[index] = true;
    ordered.push_back(std::move(admitted[index]));
  }
  admitted = std::move(ordered);
}

// Those that are admitted in their order, then those whose breaker is open.
void arrange(Plan& plan, Router& router, const ClientRequest& request, const RouteRequest& asked) {
  std::vector<Candidate> admitted;
  std::vector<Candidate> shut;
  for (Candidate& candidate : plan.candidates) {
    candidate.shut = !candidate.view.admits;
    (candidate.shut ? shut : admitted).push_back(std::move(candidate));
  }
  // Whoever was silent goes behind the others, but not where the strategy takes nobody else.
  const auto lags = [](const Candidate& candidate) { return candidate.view.asked_last; };
  // Only what is placed anew takes a turn from the strategy.
  if (plan.follows && router.spreads()) {
    order_by_conversation(admitted, *request.conversation);
    plan.affinity = "rendezvous";
  } else {
    order_by_strategy(admitted, router, asked);
  }
  std::stable_partition(admitted.begin(), admitted.end(),
                        [&](const Candidate& candidate) { return !lags(candidate); });
  plan.candidates = std::move(admitted);
  for (Candidate& candidate : shut) {
    if (!router.may_follow(asked, candidate.as_router_sees_it())) continue;
    plan.candidates.push_back(std::move(candidate));
  }
  if (plan.candidates.empty()) {
    plan.status = 404;
    plan.reason = fmt::format(
        "model: routing sends \"{}\" to a provider that can't take it, and to no other "
        "(routing.model_mapping, routing.model_fallback)",
        request.view.model);
  }
}

void to_front(Plan& plan, std::size_t index) {
  std::rotate(plan.candidates.begin(), plan.candidates.begin() + static_cast<std::ptrdiff_t>(index),
              plan.candidates.begin() + static_cast<std::ptrdiff_t>(index) + 1);
}

// A conversation goes on where it began: its prompt cache and its thinking signatures are there.
// While it can't, it goes where any relay would send it.
void go_home(Plan& plan, const Router& router, const RouteRequest& asked) {
  if (!plan.home) return;
  plan.affinity = "away";
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
    const Candidate& candidate = plan.candidates[i];
    if (!candidate.is_home) continue;
    // Behind somebody else, if it is to be asked last.
    const bool lags = candidate.view.asked_last && !plan.candidates.front().view.asked_last;
    if (candidate.shut || lags ||
        !router.may_lead(asked, candidate.as_router_sees_it(),
                         plan.candidates.front().as_router_sees_it())) {
      return;
    }
    to_front(plan, i);
    plan.affinity = "home";
    return;
  }
}

// An operator's word is above strategy, health and affinity. One that drains keeps its
// conversations until they have been silent for as long as prompts are cached.
void leave_out_closed(Plan& plan) {
  constexpr std::chrono::minutes prompts_cached{5};
  bool any = false;
  std::erase_if(plan.candidates, [&](const Candidate& candidate) {
    const std::string& name = candidate.entry->config->name;
    const state::Admin admin = candidate.view.admin;
    const bool is_alive =
        plan.home && plan.home->provider == name && plan.home->silent < prompts_cached;
    const bool closed =
        admin == state::Admin::disabled || (admin == state::Admin::draining && !is_alive);
    any = any || closed;
    return closed;
  });
  if (!any || !plan.candidates.empty()) return;
  plan.status = 503;
  plan.reason =
      "every provider is disabled that could take this: an operator has said so, not their health "
      "(GET /v1/providers shows it)";
}

// What can't be read can't be translated.
void keep_readers(Plan& plan, const ClientRequest& request) {
  std::erase_if(plan.candidates,
                [&](const Candidate& one) { return one.dialect != request.dialect; });
  if (!plan.candidates.empty()) return;
  plan.status = 415;
  plan.reason = request.unread;
}

// A client of a cloud's form is meant for that cloud: others are asked where it has nobody there.
void keep_natives(Plan& plan, Dialect dialect) {
  const auto is_native = [dialect](const Candidate& one) { return one.dialect == dialect; };
  if (std::none_of(plan.candidates.begin(), plan.candidates.end(), is_native)) return;
  std::erase_if(plan.candidates, [&](const Candidate& one) { return !is_native(one); });
}

std::string not_offered(const worker::Snapshot& snapshot, Operation operation, Dialect dialect) {
  if (is_cloud_form(dialect) && !snapshot.config.translation.enabled) {
    return fmt::format(
        "no provider of type {} serves this model, and translation.enabled is false: only one of "
        "the same form can take such a request",
        dialect == Dialect::bedrock ? "bedrock" : "vertex");
  }
  if (operation == Operation::messages && !snapshot.config.translation.enabled) {
    return "no provider of this model speaks the request's own dialect, and translation.enabled is "
           "false";
  }
  return "no provider offers this endpoint";
}

// Of somebody who may spend the relay's keys. Where others have some, it is the model that is not
// theirs.
std::string no_credential(const worker::Snapshot& snapshot, std::string_view model) {
  const bool any = std::any_of(snapshot.entries.begin(), snapshot.entries.end(),
                               [](const worker::Entry& entry) { return !entry.pool.keys.empty(); });
  if (!any || model.empty()) {
    return "no provider can take this request: none has a key of its own, and the request brings "
           "no credential to pass on; give a provider a key or send your own";
  }
  return fmt::format(
      "no provider can take this request: none that serves \"{}\" has a key of its own, and the "
      "request brings no credential to pass on; give one a key, ask for a model of another "
      "(GET /v1/models lists them; providers.model_mapping maps one), or send your own",
      model);
}

}  // namespace

RouteCandidate Candidate::as_router_sees_it() const {
  return {entry->config->name, entry->weight,     entry->priority, view.in_flight,
          view.first_byte,     expected_nano_usd, is_home};
}

Plan candidates(const worker::Snapshot& snapshot, Operation operation, Dialect dialect,
                std::string_view model, const Access& access) {
  Plan plan;
  bool served = false;
  bool offered = false;
  bool unnameable = false;
  bool barred = false;
  for (const worker::Entry& entry : snapshot.entries) {
    if (!model.empty() && !entry.serves(model)) continue;
    served = true;
    if (!may_be_asked(entry, access.who)) {
      barred = true;
      continue;
    }
    const auto sent =
        dialect_for(*entry.provider, dialect, operation, snapshot.config.translation.enabled);
    if (!sent) continue;
    offered = true;
    if (!model.empty() &&
        !provider::may_name_model(entry.config->type, entry.upstream_model(model))) {
      unnameable = true;
      continue;
    }
    const auto authority =
        choose_authority(*entry.config, *entry.provider, !entry.pool.keys.empty(), access);
    if (authority) {
      plan.candidates.push_back({&entry, *authority, entry.upstream_model(model), *sent, {}});
    }
  }
  if (is_cloud_form(dialect)) keep_natives(plan, dialect);
  if (!plan.candidates.empty()) return plan;
  if (snapshot.entries.empty()) {
    plan.status = 403;
    plan.for_person = true;
    plan.reason = "no provider is configured; add one to [[providers]]";
  } else if (!served) {
    plan.status = 404;
    plan.reason = fmt::format(
        "model: no provider serves \"{}\"; GET /v1/models lists what there is, "
        "providers.models and providers.model_mapping decide it",
        model);
  } else if (!offered && barred) {
    plan.barred = true;
    plan.status = 403;
    plan.for_person = true;
    plan.reason = fmt::format(
        "none of the providers that the key of {} may use serves this (providers of the client "
        "\"{}\"); ask who runs this relay",
        access.who->name, access.who->name);
  } else if (!offered) {
    plan.status = 404;
    plan.reason = not_offered(snapshot, operation, dialect);
  } else if (unnameable) {
    plan.status = 400;
    plan.reason = fmt::format("model: \"{}\" is no name that a model can have", model);
  } else if (access.may_spend_keys) {
    plan.status = 403;
    plan.for_person = true;
    plan.reason = no_credential(snapshot, model);
  } else {
    plan.status = 403;
    plan.for_person = true;
    plan.reason =
        "no provider takes the client's own credential for this model, and the relay's keys are "
        "only for clients that present the relay's key";
  }
  return plan;
}

Plan make_plan(const Moment& moment, const worker::Snapshot& snapshot,
               const ClientRequest& request) {
  Plan plan =
      candidates(snapshot, request.operation, request.dialect, request.view.model, request.access);
  if (!plan.candidates.empty() && !request.unread.empty()) keep_readers(plan, request);
  if (plan.candidates.empty()) return plan;
  if (request.conversation && !request.begins && request.operation != Operation::other) {
    plan.home = moment.homes.find(*request.conversation, moment.now);
  }
  for (Candidate& candidate : plan.candidates) {
    candidate.view = moment.providers.view(candidate.entry->config->name, moment.now,
                                           work_of(request.operation));
  }
  leave_out_closed(plan);
  if (plan.candidates.empty()) return plan;
  if (request.operation == Operation::other) {
    // "the first provider that speaks the Anthropic API natively": batches and files live there
    // alone.
    plan.candidates.resize(1);
    return plan;
  }
  if (request.conversation && !request.begins) {
    // Not remembered, but not new either: it began before this relay did.
    plan.follows = plan.home || request.view.answered;
  }
  for (Candidate& candidate : plan.candidates) {
    candidate.is_home = plan.home && plan.home->provider == candidate.entry->config->name;
  }
  if (request.weighed) {
    const Forecast forecast(moment.costs, request, moment.now, moment.wall);
    for (Candidate& candidate : plan.candidates) {
      candidate.expected_nano_usd = forecast.cost(*candidate.entry, candidate.model);
    }
  }
  const RouteRequest asked{request.view.model, request.view.stream, moment.random};
  try {
    arrange(plan, *snapshot.router, request, asked);
    if (!plan.candidates.empty()) go_home(plan, *snapshot.router, asked);
  } catch (...) {
    // To ask somebody against the router's will may cost money, or send a prompt where it must not
    // be.
    moment.throws.note(fmt::format("router \"{}\"", snapshot.strategy),
                       "the request has failed with 500");
    plan.candidates.clear();
    plan.status = 500;
    plan.reason =
        fmt::format("the relay's strategy \"{}\" has failed; its log says how", snapshot.strategy);
  }
  return plan;
}

}  // namespace ccrelay::exchange
