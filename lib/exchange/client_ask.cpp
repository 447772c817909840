#include "exchange/client_ask.hpp"

#include <algorithm>

namespace ccrelay::exchange {

state::ClientAsk client_ask(const ClientRequest& request, const Plan& plan) {
  state::ClientAsk ask;
  ask.counts_tokens = request.operation == Operation::messages;
  if (plan.candidates.empty()) return ask;
  // The client's own credential is no money of the operator's. Of what goes on unread only what
  // costs nothing comes here from who has a budget.
  const auto is_own = [](const Candidate& one) { return one.authority == Authority::client; };
  const bool all_own = std::all_of(plan.candidates.begin(), plan.candidates.end(), is_own);
  if (all_own || request.operation == Operation::other) ask.nano_usd = 0;
  if (!ask.counts_tokens) return ask;
  ask.input_tokens = tokens_of(request.body.size());
  const Candidate& first = plan.candidates.front();
  if (!is_own(first)) ask.nano_usd = first.expected_nano_usd;
  return ask;
}

}  // namespace ccrelay::exchange
