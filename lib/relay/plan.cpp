#include "relay/plan.hpp"

#include <fmt/format.h>

namespace ccrelay::relay {

Plan make_plan(const Snapshot& snapshot, Operation operation, std::string_view model,
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
        choose_authority(*entry.config, *entry.provider, !entry.fingerprints.empty(), access);
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

}  // namespace ccrelay::relay
