#include "worker/counts.hpp"

namespace ccrelay::worker {
namespace {

void add_up(std::uint64_t& sum, std::uint64_t more) {
  sum += more;
}
void add_up(TokenCounts& sum, const TokenCounts& more) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
}
template <class Cell>
void add_up(Cell& sum, const Cell& more) {
  sum.add(more);
}
template <class Cell>
void add_cells(Cells<Cell>& sum, const Cells<Cell>& more) {
  for (const auto& [key, cell] : more) add_up(sum[key], cell);
}

}  // namespace

void ProviderCounts::add(const ProviderCounts& other) {
  connect.add(other.connect);
  failovers += other.failovers;
  stalls += other.stalls;
  breaker_opened += other.breaker_opened;
}

void ModelCounts::add(const ModelCounts& other) {
  first_byte.add(other.first_byte);
  per_token.add(other.per_token);
  cost_nano_usd += other.cost_nano_usd;
  without_price += other.without_price;
  without_usage += other.without_usage;
}

void ClientCounts::add(const ClientCounts& other) {
  add_up(tokens, other.tokens);
  cost_nano_usd += other.cost_nano_usd;
}

void Counts::add(const Counts& other) {
  add_cells(requests, other.requests);
  add_cells(attempts, other.attempts);
  add_cells(models, other.models);
  add_cells(tokens, other.tokens);
  add_cells(clients, other.clients);
  add_cells(refusals, other.refusals);
  add_cells(providers, other.providers);
  for (std::size_t i = 0; i < endings.size(); ++i) endings[i] += other.endings[i];
  for (std::size_t i = 0; i < duration.size(); ++i) duration[i].add(other.duration[i]);
  for (std::size_t i = 0; i < first_byte.size(); ++i) first_byte[i].add(other.first_byte[i]);
  queue.add(other.queue);
  lag.add(other.lag);
  auth_missing += other.auth_missing;
  auth_unknown += other.auth_unknown;
  pings += other.pings;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
}

}  // namespace ccrelay::worker
