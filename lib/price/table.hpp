#pragma once

#include <ccrelay/prices.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::price {

/// Who was asked for what: the first that has a price decides.
struct Asked {
  std::string_view provider;  ///< its name in the configuration
  std::string_view type;      ///< `anthropic`, `bedrock`, …
  std::string_view sent;      ///< the model as it was sent; it alone tells a regional id
  std::string_view answered;  ///< the model as the answer named it; may be empty
};

/// A price that holds for what was asked.
struct Price {
  const PriceRow* row = nullptr;  ///< of the table, which has to outlive this
  /// On all tokens, in millionths: the row's own factor times those of the rows that named it with
  /// `same_as`.
  std::uint64_t factor_millionths = 1'000'000;
  std::string name;  ///< for the ledger: `anthropic/claude-sonnet-5-5@2026-10-07`
};

/// The prices in force: the shipped ones and, before them, the operator's. Immutable, so that it
/// may be shared by threads.
class Table {
 public:
  /// A row of `own` hides every row of `shipped` for the same provider and model.
  Table(std::vector<PriceRow> shipped, std::vector<PriceRow> own);

  /// The price on that day: of the provider by name, else by type, else by any; there the exact
  /// model, else the longest pattern; of several days the latest that has begun. By the model sent
  /// first, then by the one that answered. None: the cost is not known.
  std::optional<Price> find(const Asked& asked, Day day) const;
  /// The name under which a model may stand in a metric: itself when a row names it exactly, the
  /// row's name when a pattern fits, else empty.
  std::string_view known_name(std::string_view model) const;
  /// The newest day on which a row was looked up.
  std::optional<Day> checked() const;
  const std::vector<PriceRow>& rows() const { return rows_; }

 private:
  struct Entry {
    std::string provider;  // in lower case, as the model
    std::string model;     // a pattern's without its star
    bool pattern = false;
    Day from = 0;
    std::size_t row = 0;
  };
  const Entry* entry_of(std::string_view provider, std::string_view model, Day day) const;
  const Entry* best(std::string_view name, std::string_view type, std::string_view model,
                    Day day) const;

  std::vector<PriceRow> rows_;
  std::vector<Entry> entries_;
};

/// `2026-10-07` as a Day; nothing when it is no day of the calendar.
std::optional<Day> parse_day(std::string_view text);
std::string print_day(Day day);

}  // namespace ccrelay::price
