#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/ledger.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/result.hpp>

#include <memory>

namespace ccrelay::app {

/// The program's ledger, and how it follows a configuration that is read again. Opened before the
/// relay starts, asked by one thread at a time after that.
class OwnLedger {
 public:
  /// `notes` is told of its trouble, and outlives it.
  explicit OwnLedger(Observer& notes) : notes_(notes) {}

  /// As the configuration asks for it: none when it asks for none, or when this program was built
  /// without SQLite and nobody depends on it.
  Result<void> open(const Config& config);
  Ledger* get() const { return ledger_.get(); }

  /// Before a configuration is taken: an error when it requires a ledger at another place that
  /// can't be written.
  Result<void> check(const Config& config) const;
  /// After it was taken.
  void follow(const Config& config);

 private:
  Observer& notes_;
  LedgerConfig config_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace ccrelay::app
