#include <ccrelay/ledger.hpp>

#include <memory>

#include "ledger/place.hpp"
#include "ledger/schema.hpp"
#include "ledger/sqlite.hpp"

namespace ccrelay {
namespace {

using ledger::Database;
using ledger::Fault;

LedgerFile::State file_state(Fault fault) {
  using State = LedgerFile::State;
  if (fault == Fault::newer) return State::newer;
  if (fault == Fault::foreign) return State::foreign;
  return fault == Fault::damaged ? State::damaged : State::trouble;
}

// As read_usage(): in a folder that this user can't write to, SQLite can make no memory to share;
// without a log beside it the file is all there is.
std::unique_ptr<Database> looked_into(const std::string& path) {
  auto database = std::make_unique<Database>(path, Database::Access::read);
  ledger::check_version(*database, path);
  const bool shut = database->failed() && database->trouble().fault == Fault::unwritable;
  if (!shut || ledger::identity_of(path + "-wal")) return database;
  database = std::make_unique<Database>(path, Database::Access::immutable);
  ledger::check_version(*database, path);
  return database;
}

}  // namespace

LedgerFile look_at_ledger(const std::string& path, std::uint64_t bytes_max) {
  LedgerFile out;
  if (const auto trouble = ledger::irregular(path)) {
    out.state = file_state(trouble->fault);
    out.words = trouble->words;
    return out;
  }
  out.on_network = ledger::on_network(path);
  if (!ledger::identity_of(path)) return out;
  out.size_bytes = ledger::size_of(path);
  const auto found = looked_into(path);
  Database& database = *found;
  const bool reads = !database.failed() && out.size_bytes <= bytes_max;
  if (reads) {
    const std::string said = database.text("PRAGMA quick_check(1)");
    if (!database.failed() && said != "ok") database.fail(Fault::damaged, path + ": " + said);
  }
  if (database.failed()) {
    out.state = file_state(database.trouble().fault);
    out.words = database.trouble().words;
  } else {
    out.state = reads ? LedgerFile::State::good : LedgerFile::State::unread;
  }
  return out;
}

}  // namespace ccrelay
