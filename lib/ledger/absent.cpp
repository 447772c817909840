#include <ccrelay/ledger.hpp>
#include <ccrelay/usage_table.hpp>

#include "ledger/walk_usage.hpp"

// In place of all that needs SQLite, where there is none.
namespace ccrelay {
namespace {

Error no_sqlite() {
  return {ErrorCode::config,
          "this cc-relay was built without SQLite, and so without a ledger; install libsqlite3-dev "
          "and build it with -Dledger=enabled"};
}

}  // namespace

Result<std::unique_ptr<Ledger>> make_ledger(LedgerOptions) {
  return no_sqlite();
}

Result<UsageTable> read_usage(const std::string&, const UsageQuery&, const Clock&) {
  return no_sqlite();
}

Result<ledger::WalkEnd> ledger::walk_usage(const std::string&, const WalkAsk&,
                                           const std::function<bool(const StoredRequest&)>&) {
  return no_sqlite();
}

LedgerFile look_at_ledger(const std::string&, std::uint64_t) {
  LedgerFile out;
  out.state = LedgerFile::State::trouble;
  out.words = no_sqlite().message;
  return out;
}

bool has_ledger() {
  return false;
}

}  // namespace ccrelay
