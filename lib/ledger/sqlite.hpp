#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/trouble.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace ccrelay::ledger {

/// A connection to a database. The first call that fails is kept, and everything after it does
/// nothing until forget(): a piece of work is written down as if all went well, and asked once at
/// its end. Owned by one thread; statements end before it.
class Database {
 public:
  enum class Access : std::uint8_t {
    write,      ///< the file has to be there
    read,       ///< likewise, and nothing is written
    immutable,  ///< as `read`, of a file that nobody writes: no locks, no files beside it
  };
  Database(const std::string& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  bool failed() const { return trouble_.has_value(); }
  const Trouble& trouble() const { return *trouble_; }
  int code() const { return code_; }
  void forget();
  /// For what this room finds wrong itself.
  void fail(Fault fault, std::string words);

  /// Whatever runs fails once this says so; it is asked every few milliseconds, and must live as
  /// long as the database.
  void interrupt_when(std::function<bool()> stops);

  /// Statements without parameters and rows.
  void run(const char* sql);
  /// The first column of the first row; 0 when there is none.
  std::int64_t number(const char* sql);
  std::string text(const char* sql);
  std::int64_t changed() const;
  /// Ends a transaction that is open, whatever has failed.
  void roll_back();

 private:
  friend class Statement;
  bool check(int code);

  std::string path_;
  sqlite3* handle_ = nullptr;
  std::optional<Trouble> trouble_;
  int code_ = 0;
  std::function<bool()> stops_;
};

/// A prepared statement. Values are put in the order of the parameters; what one had when the
/// statement ran last is not bound again.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  Statement& put(std::int64_t value);
  Statement& put(std::string_view value);  ///< copied
  Statement& put_null();
  /// Not copied: it has to stay as it is until the statement has run.
  Statement& refer(std::string_view value);
  Statement& refer_some(std::string_view value);  ///< NULL for an empty text
  /// NULL for an empty text.
  Statement& put_some(std::string_view value);
  Statement& put_some(const std::optional<std::uint64_t>& value);
  Statement& put_some(const std::optional<std::int64_t>& value);

  /// The next row; false behind the last one, and when something fails. Then it can be used anew.
  bool next();
  /// For statements without rows.
  void run();

  std::int64_t number(int column) const;
  std::string_view text(int column) const;  ///< until the next row
  bool is_null(int column) const;
  std::optional<std::uint64_t> count(int column) const;

 private:
  // What a parameter is bound to.
  struct Bound {
    enum class Kind : std::uint8_t { null, number, text, copy } kind = Kind::null;
    const char* text = nullptr;
    std::int64_t value = 0;  // or the length
    bool operator==(const Bound&) const = default;
  };
  bool is_bound(const Bound& wanted);
  void bound(int code);
  void reset();

  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
  int parameter_ = 0;
  std::vector<Bound> bound_;
};

}  // namespace ccrelay::ledger
