#include "ledger/open_ledger.hpp"

#include <sys/stat.h>

#include <utility>

#include "ledger/place.hpp"
#include "ledger/schema.hpp"

namespace ccrelay::ledger {
namespace {

bool has_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

}  // namespace

// Of a ledger whose relay has ended, in a folder that this user can't write to, SQLite can make no
// memory to share; nobody writes to it either.
Result<std::unique_ptr<Database>> open_ledger(const std::string& path) {
  if (const auto trouble = irregular(path)) return Error{ErrorCode::config, trouble->words};
  if (!has_file(path)) return Error{ErrorCode::config, path + ": there is no ledger"};
  auto database = std::make_unique<Database>(path, Database::Access::read);
  check_version(*database, path);
  const bool shut = database->failed() && database->trouble().fault == Fault::unwritable;
  if (shut && !has_file(path + "-wal")) {
    database = std::make_unique<Database>(path, Database::Access::immutable);
    check_version(*database, path);
  }
  return database;
}

Error reading_error(const Database& database, const std::string& path) {
  const Trouble& trouble = database.trouble();
  std::string words = trouble.words;
  if (trouble.fault == Fault::damaged) words = path + " is damaged, or no ledger: " + words;
  return {ErrorCode::config, std::move(words)};
}

}  // namespace ccrelay::ledger
