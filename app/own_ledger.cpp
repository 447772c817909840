#include "own_ledger.hpp"

#include <ccrelay/config_load.hpp>

#include <algorithm>
#include <utility>

namespace ccrelay::app {
namespace {

LedgerOptions options_of(const Config& config) {
  return ledger_options(config.ledger, ledger_path(config.ledger, process_environment()));
}

}  // namespace

Result<void> OwnLedger::open(const Config& config) {
  config_ = config.ledger;
  if (!config_.enabled) return {};
  const auto& clients = config.server.auth.clients;
  const bool has_budgets = std::any_of(clients.begin(), clients.end(),
                                       [](const auto& client) { return client.has_budget(); });
  const bool is_needed = config_.required.value_or(has_budgets);
  if (!has_ledger() && !is_needed) return {};
  LedgerOptions options = options_of(config);
  if (options.path.empty()) {
    return Error{ErrorCode::config,
                 "there is no place for the ledger, because neither HOME nor XDG_STATE_HOME nor "
                 "STATE_DIRECTORY is set: set one of them, or ledger.path"};
  }
  options.notes = &notes_;
  auto made = make_ledger(std::move(options));
  if (!made) return made.error();
  ledger_ = *std::move(made);
  return {};
}

Result<void> OwnLedger::check(const Config& config) const {
  if (!ledger_ || !config.ledger.enabled) return {};
  LedgerOptions options = options_of(config);
  if (!options.required || options.path == ledger_->status().path) return {};
  const auto opened = make_ledger(std::move(options));
  if (!opened) return opened.error();
  return {};
}

void OwnLedger::follow(const Config& config) {
  if (!ledger_ || !config.ledger.enabled || config.ledger == config_) return;
  config_ = config.ledger;
  const Result<void> done = ledger_->reconfigure(options_of(config));
  if (done) return;
  Note note;
  note.time = Clock::system().wall();
  note.level = Level::error;
  note.event = "ledger";
  note.message = "the ledger stays as it was: " + done.error().message;
  notes_.noted(note);
  notes_.turn_ended();
}

}  // namespace ccrelay::app
