#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/prices.hpp>
#include <ccrelay/usage.hpp>

#include <cstdint>
#include <functional>
#include <map>
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
  /// Who the server is, where its type is anybody's: `openai`, `xai`, `generic`, …; else empty.
  std::string_view profile = {};
};

/// The model by which a charge is looked for first: the one that was sent, but for what another
/// model had a part in, which the answer named as `own`.
inline std::string_view sent_for(ChargeKind kind, std::string_view sent, std::string_view own) {
  return kind == ChargeKind::message || kind == ChargeKind::compaction ? sent : own;
}

/// A price that holds for what was asked.
struct Price {
  const PriceRow* row = nullptr;  ///< of the table, which has to outlive this
  /// On all tokens, in millionths: the row's own factor times those of the rows that named it with
  /// `same_as`.
  std::uint64_t factor_millionths = 1'000'000;
  std::string name;  ///< for the ledger: `anthropic/claude-sonnet-5-5@2026-10-07`
};

/// Where `same_as` leads.
enum class Alias : std::uint8_t {
  figures,  ///< to a row with prices, as does a row without it
  nowhere,  ///< no row has that model
  circle,   ///< back to where it came from
};

/// The prices in force: the shipped ones and, before them, the operator's. Immutable, so that it
/// may be shared by threads.
class Table {
 public:
  /// A row hides every row of later layers for the same provider and model. The last layer is that
  /// of the shipped ones.
  explicit Table(std::vector<std::vector<PriceRow>> layers);
  Table(std::vector<PriceRow> shipped, std::vector<PriceRow> own);

  /// The price on that day: of the provider by name, else by profile, by type, by any; there the
  /// exact model, else the longest pattern; of several days the latest that has begun. By the model
  /// sent first, then by the one that answered. None: the cost is not known. Where a profile is
  /// told, the shipped rows are looked for by it alone: what the operator calls the server, or that
  /// it speaks OpenAI's words, makes it nobody whose prices are known. A row that says
  /// `same_as` never means itself, though its pattern may fit that model; where neither the
  /// provider nor any has the model, the nearest is taken of those that have it.
  std::optional<Price> find(const Asked& asked, Day day) const;
  /// Where that one of rows() leads, whenever it begins; `type` is that of its provider.
  Alias alias_of(std::size_t row, std::string_view type) const;
  /// The name under which a model may stand in a metric: itself when a row names it exactly, the
  /// row's name when a pattern fits, else empty.
  std::string_view known_name(std::string_view model) const;
  /// The newest day on which a row was looked up.
  std::optional<Day> checked() const;
  /// Of all layers, one behind the other.
  const std::vector<PriceRow>& rows() const { return rows_; }

 private:
  struct Entry {
    std::string model;  // in lower case; a pattern's without its star
    Day from = 0;
    std::size_t row = 0;
    bool shipped = false;
  };
  // Of one provider, by name, profile or type.
  struct Scope {
    std::map<std::string, std::vector<Entry>, std::less<>> exact;  // the latest first
    std::vector<Entry> patterns;                                   // the longest first, then so
  };
  struct Hit {
    const Entry* entry = nullptr;
    bool exact = false;
    explicit operator bool() const { return entry != nullptr; }
    bool is_nearer_than(const Hit& other) const;
  };
  /// Rows that lead to the one that is looked for, so that they can't be it.
  using Passed = std::vector<std::size_t>;
  /// Whose rows count.
  enum class Rows : std::uint8_t { all, own };
  static Hit in_scope(const Scope& scope, std::string_view model, Day day, const Passed& passed,
                      Rows rows);
  Hit best(const Asked& asked, std::string_view model, Day day, const Passed& passed) const;
  Hit of_any_provider(std::string_view model, Day day, const Passed& passed) const;
  Alias follow(const Asked& asked, Day day, Price& price) const;

  std::vector<PriceRow> rows_;
  std::vector<std::string> names_;                    // theirs, for the ledger
  std::map<std::string, Scope, std::less<>> scopes_;  // in lower case; empty = any provider
};

/// `2026-10-07` as a Day; nothing when it is no day of the calendar.
std::optional<Day> parse_day(std::string_view text);
std::string print_day(Day day);
/// The day that it is then, UTC.
Day day_of(WallTime time);

}  // namespace ccrelay::price
