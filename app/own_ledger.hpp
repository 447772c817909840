#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/ledger.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/result.hpp>

#include <memory>

namespace ccrelay::app {

/// The ledger that the configuration asks for; null when it asks for none, or when this program was
/// built without SQLite and nobody depends on it. `notes` is told of its trouble, and outlives it.
Result<std::unique_ptr<Ledger>> open_ledger(const Config& config, Observer& notes);

}  // namespace ccrelay::app
