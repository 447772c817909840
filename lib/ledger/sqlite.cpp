#include "ledger/sqlite.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <limits>
#include <utility>

namespace ccrelay::ledger {

Fault fault_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_READONLY:
      return code == SQLITE_READONLY_DBMOVED ? Fault::moved : Fault::unwritable;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Fault::unwritable;
    case SQLITE_FULL:
      return Fault::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Fault::locked;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Fault::damaged;
    default:
      return Fault::other;
  }
}

namespace {

// As a URI, since only that can say that a file never changes.
std::string uri_of(const std::string& path, Database::Access access) {
  std::string out = "file:";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(c));
    out += plain ? std::string(1, c) : escaped;
  }
  return access == Database::Access::immutable ? out + "?immutable=1" : out;
}

}  // namespace

Database::Database(const std::string& path, Access access) : path_(path) {
  const int how = access == Access::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  // Of a connection that one thread owns, SQLite's own mutex is of no use.
  const int flags = how | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  const std::string uri = uri_of(path, access);
  check(sqlite3_open_v2(uri.c_str(), &handle_, flags, nullptr));
  if (handle_ == nullptr) return;
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, 0);
  // What comes from a file that others may have written shall do nothing but hold data.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // SQLite is content with reading where it can't write.
  if (access == Access::write && sqlite3_db_readonly(handle_, "main") == 1) {
    fail(Fault::unwritable, path_ + ": it can be read alone; it must be writable for the relay");
  }
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

bool Database::check(int code) {
  if (failed()) return false;
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return true;
  code_ = code;
  const char* words = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
  trouble_ = Trouble{fault_of(code), path_ + ": " + words};
  return false;
}

void Database::interrupt_when(std::function<bool()> stops) {
  constexpr int steps_between = 10'000;  // of SQLite's own machine
  stops_ = std::move(stops);
  if (handle_ == nullptr) return;
  sqlite3_progress_handler(
      handle_, steps_between,
      [](void* self) { return static_cast<Database*>(self)->stops_() ? 1 : 0; }, this);
}

void Database::forget() {
  trouble_.reset();
  code_ = SQLITE_OK;
}

void Database::fail(Fault fault, std::string words) {
  if (failed()) return;
  code_ = SQLITE_ERROR;
  trouble_ = Trouble{fault, std::move(words)};
}

void Database::run(const char* sql) {
  if (!failed()) check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr));
}

std::int64_t Database::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.next() ? statement.number(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement statement(*this, sql);
  return statement.next() ? std::string(statement.text(0)) : std::string();
}

std::int64_t Database::changed() const {
  return handle_ == nullptr ? 0 : sqlite3_changes(handle_);
}

void Database::roll_back() {
  // Some failures have rolled back already (a full disk); then there is nothing to end.
  if (handle_ != nullptr && sqlite3_get_autocommit(handle_) == 0) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
  if (database_.failed()) return;
  database_.check(
      sqlite3_prepare_v3(database_.handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr));
  bound_.resize(static_cast<std::size_t>(sqlite3_bind_parameter_count(handle_)));
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      handle_(std::exchange(other.handle_, nullptr)),
      parameter_(other.parameter_),
      bound_(std::move(other.bound_)) {}

// Whether the next parameter is so already: SQLite keeps what is bound from one run to the next,
// and most columns of a row are those of the row before. Text that is referred to is looked at when
// the statement runs, so that the same place means what stands there then.
bool Statement::is_bound(const Bound& wanted) {
  const auto place = static_cast<std::size_t>(parameter_++);
  if (place >= bound_.size()) return handle_ == nullptr;  // else SQLite says what is wrong
  if (bound_[place] == wanted && wanted.kind != Bound::Kind::copy) return true;
  bound_[place] = wanted;
  return false;
}

void Statement::bound(int code) {
  const auto place = static_cast<std::size_t>(parameter_ - 1);
  if (!database_.check(code) && place < bound_.size()) bound_[place].kind = Bound::Kind::copy;
}

Statement& Statement::put(std::int64_t value) {
  if (!is_bound({Bound::Kind::number, nullptr, value})) {
    bound(sqlite3_bind_int64(handle_, parameter_, value));
  }
  return *this;
}

Statement& Statement::put(std::string_view value) {
  const char* bytes = value.empty() ? "" : value.data();
  const auto length = static_cast<int>(value.size());
  if (is_bound({Bound::Kind::copy, bytes, length})) return *this;
  bound(sqlite3_bind_text(handle_, parameter_, bytes, length, SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::refer(std::string_view value) {
  const char* bytes = value.empty() ? "" : value.data();
  const auto length = static_cast<int>(value.size());
  if (is_bound({Bound::Kind::text, bytes, length})) return *this;
  bound(sqlite3_bind_text(handle_, parameter_, bytes, length, SQLITE_STATIC));
  return *this;
}

Statement& Statement::refer_some(std::string_view value) {
  return value.empty() ? put_null() : refer(value);
}

Statement& Statement::put_null() {
  if (!is_bound({})) bound(sqlite3_bind_null(handle_, parameter_));
  return *this;
}

Statement& Statement::put_some(std::string_view value) {
  return value.empty() ? put_null() : put(value);
}

Statement& Statement::put_some(const std::optional<std::uint64_t>& value) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value) return put_null();
  return put(static_cast<std::int64_t>(*value < most ? *value : most));
}

Statement& Statement::put_some(const std::optional<std::int64_t>& value) {
  return value ? put(*value) : put_null();
}

void Statement::reset() {
  parameter_ = 0;
  // Its result is that of the last step, which has been looked at.
  if (handle_ != nullptr) sqlite3_reset(handle_);
}

bool Statement::next() {
  if (handle_ == nullptr || database_.failed()) {
    reset();
    return false;
  }
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  database_.check(code);
  reset();
  return false;
}

void Statement::run() {
  while (next()) {
  }
  parameter_ = 0;
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(handle_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::optional<std::uint64_t> Statement::count(int column) const {
  if (is_null(column)) return std::nullopt;
  const std::int64_t value = number(column);
  return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

}  // namespace ccrelay::ledger
