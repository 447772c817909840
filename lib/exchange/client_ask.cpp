#include "exchange/client_ask.hpp"

namespace ccrelay::exchange {

state::ClientAsk client_ask(const ClientRequest& request, const Plan& plan) {
  state::ClientAsk ask;
  ask.counts_tokens = request.operation == Operation::messages;
  if (!ask.counts_tokens || plan.candidates.empty()) return ask;
  ask.input_tokens = tokens_of(request.body.size());
  const Candidate& first = plan.candidates.front();
  // The client's own credential is no money of the operator's.
  if (first.authority != Authority::client) ask.nano_usd = first.expected_nano_usd;
  return ask;
}

}  // namespace ccrelay::exchange
