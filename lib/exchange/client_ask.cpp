#include "exchange/client_ask.hpp"

#include <chrono>

#include "exchange/settlement.hpp"
#include "price/cost.hpp"
#include "price/table.hpp"

namespace ccrelay::exchange {
namespace {

// Of an answer, while nothing better is known.
constexpr std::uint64_t output_tokens = 500;

}  // namespace

state::ClientAsk client_ask(const ClientRequest& request, const Plan& plan, WallTime now) {
  state::ClientAsk ask;
  ask.counts_tokens = request.operation == Operation::messages;
  if (!ask.counts_tokens || plan.candidates.empty()) return ask;
  ask.input_tokens = request.body.size() / bytes_per_token + 1;
  const Candidate& first = plan.candidates.front();
  const worker::Entry& entry = *first.entry;
  // The client's own credential is no money of the operator's.
  if (!entry.prices || first.authority == Authority::client) return ask;
  const auto day = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
  const auto price = entry.prices->find({entry.config->name, entry.config->type, first.model, {}},
                                        static_cast<Day>(day));
  if (!price) return ask;
  price::Used used;
  used.tokens[static_cast<std::size_t>(TokenClass::input)] = ask.input_tokens;
  used.tokens[static_cast<std::size_t>(TokenClass::output)] = output_tokens;
  ask.nano_usd = price::cost(*price, used, entry.price_factor);
  return ask;
}

}  // namespace ccrelay::exchange
