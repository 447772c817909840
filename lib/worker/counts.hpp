#pragma once

#include <ccrelay/observer.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "worker/endpoints.hpp"
#include "worker/histogram.hpp"

namespace ccrelay::worker {

using TokenCounts = std::array<std::uint64_t, token_classes>;

/// What is counted for a provider.
struct ProviderCounts {
  Histogram<quick_bounds> connect;  // fresh connections
  std::uint64_t failovers = 0;
  std::uint64_t stalls = 0;
  std::uint64_t breaker_opened = 0;
  void add(const ProviderCounts& other);
};

/// What is counted for a model at a provider.
struct ModelCounts {
  Histogram<first_byte_bounds> first_byte;
  Histogram<token_bounds> per_token;
  std::uint64_t cost_nano_usd = 0;  // the operator's, where it is known
  std::uint64_t without_price = 0;
  std::uint64_t without_usage = 0;
  void add(const ModelCounts& other);
};

struct ClientCounts {
  TokenCounts tokens{};
  std::uint64_t cost_nano_usd = 0;  // the operator's
  void add(const ClientCounts& other);
};

/// Why a client with a key of its own was refused; the first eight in the order of
/// state::ClientLimit.
enum class ClientBar : std::uint8_t {
  budget_day,
  budget_month,
  budget_reserved,
  in_flight,
  rpm,
  itpm,
  otpm,
  tpm,
  model,
  provider,
  expired,
  disabled,
};
inline constexpr std::array<std::string_view, 12> client_bars = {
    "budget_day", "budget_month", "budget_reserved", "in_flight", "rpm",     "itpm",
    "otpm",       "tpm",          "model",           "provider",  "expired", "disabled"};

/// By series_key().
template <class Cell>
using Cells = std::unordered_map<std::uint64_t, Cell>;

/// All that a worker counts, or the sum over several. A value.
struct Counts {
  Cells<std::uint64_t> requests;  // endpoint, client, code
  Cells<std::uint64_t> attempts;  // provider, model, outcome
  Cells<ModelCounts> models;      // provider, model
  Cells<TokenCounts> tokens;      // provider, model
  Cells<ClientCounts> clients;
  Cells<std::uint64_t> refusals;  // client, reason
  Cells<ProviderCounts> providers;
  std::array<std::uint64_t, worker::endings> endings{};  // of relayed requests
  std::array<Histogram<duration_bounds>, endpoint_words.size()> duration;
  std::array<Histogram<first_byte_bounds>, endpoint_words.size()> first_byte;
  Histogram<quick_bounds> queue;
  Histogram<lag_bounds> lag;
  std::uint64_t auth_missing = 0;
  std::uint64_t auth_unknown = 0;
  std::uint64_t pings = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;

  void add(const Counts& other);
};

}  // namespace ccrelay::worker
