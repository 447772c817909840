#include "own_ledger.hpp"

#include <ccrelay/config_load.hpp>

#include <algorithm>
#include <utility>

namespace ccrelay::app {

Result<std::unique_ptr<Ledger>> open_ledger(const Config& config, Observer& notes) {
  const LedgerConfig& asked = config.ledger;
  if (!asked.enabled) return std::unique_ptr<Ledger>();
  const auto& clients = config.server.auth.clients;
  const bool has_budgets = std::any_of(clients.begin(), clients.end(),
                                       [](const auto& client) { return client.has_budget(); });
  const bool is_needed = asked.required.value_or(has_budgets);
  if (!has_ledger() && !is_needed) return std::unique_ptr<Ledger>();
  LedgerOptions options = ledger_options(asked, ledger_path(asked, process_environment()));
  options.notes = &notes;
  return make_ledger(std::move(options));
}

}  // namespace ccrelay::app
