#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/row.hpp"
#include "ledger/sqlite.hpp"

namespace ccrelay::ledger {

/// An INSERT of one row, and one of many: half of what SQLite does for a row it does for a
/// statement. The second is made when there are so many.
class Insert {
 public:
  static constexpr std::size_t many = 16;
  /// `into`: table and columns.
  Insert(Database& database, std::string into, std::size_t columns)
      : database_(database), into_(std::move(into)), columns_(columns), one_(statement(1)) {}

  /// `put(statement, item)` puts all columns of a row.
  template <class Item, class Put>
  void write(const std::vector<Item>& items, Put put) {
    std::size_t done = 0;
    for (; items.size() - done >= many && !database_.failed(); done += many) {
      if (!many_) many_.emplace(statement(many));
      for (std::size_t i = 0; i < many; ++i) put(*many_, items[done + i]);
      many_->run();
    }
    for (; done < items.size() && !database_.failed(); ++done) {
      put(one_, items[done]);
      one_.run();
    }
  }

 private:
  Statement statement(std::size_t rows) const;

  Database& database_;
  const std::string into_;
  const std::size_t columns_;
  Statement one_;
  std::optional<Statement> many_;
};

/// Writes batches into an open ledger; prepared once for it. Owned by the ledger's thread.
class BatchWriter {
 public:
  BatchWriter(Database& database, std::string relay);

  /// All in one transaction, or nothing: the database says what failed.
  void write(const std::vector<Entry>& entries);

 private:
  // What a row is made of, with its number.
  struct Request {
    std::int64_t id;
    const Row* row;
  };
  struct Attempt {
    std::int64_t request, n;
    const Row::Attempt* attempt;
  };
  struct OneCharge {
    std::int64_t request, attempt, n;
    const Row::Attempt* of;
    const Row::Charge* charge;
  };

  std::int64_t last_id();
  void collect(const std::vector<Entry>& entries, std::int64_t last_id);
  void put(Statement& to, const Request& request) const;
  static void put(Statement& to, const Attempt& attempt);
  static void put(Statement& to, const OneCharge& charge);
  void add_spend(const std::vector<Entry>& entries);

  Database& database_;
  std::string relay_;
  Insert request_, attempt_, charge_;
  Statement spend_, last_, keep_last_;
  std::vector<Request> requests_;  // of the batch that is being written, as the next two
  std::vector<Attempt> attempts_;
  std::vector<OneCharge> charges_;
};

}  // namespace ccrelay::ledger
