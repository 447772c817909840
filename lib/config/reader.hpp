#pragma once

#include "config/document.hpp"

#include <ccrelay/config.hpp>
#include <ccrelay/prices.hpp>
#include <ccrelay/setting.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::config {

/// What reading one document has come upon.
struct Findings {
  std::string source;  ///< the document's name, for places that outlive the reading
  std::vector<Mistake> mistakes;
  /// Mistakes in files that this one names, and of what stands in its place, a line each, as they
  /// are told.
  std::string elsewhere;
  std::vector<Mistake> warnings;           ///< no mistakes, but hardly what was meant
  std::map<std::string, Position> places;  ///< of each value, by its path
  std::set<std::string> complained;        ///< paths with a mistake of their own already
  std::vector<SourceFile> files;           ///< that it has led to
  std::set<std::string> of_environment;    ///< paths of what was left open and found there
};

/// Reads the keys of one table by name and type, and collects what is wrong with them. A value that
/// cannot be used reads as absent. Lives on the stack while the document and the findings do; call
/// finish() last, which complains about every key that was never asked for.
class TableReader {
 public:
  TableReader(const Value& table, std::string path, Findings& findings);
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  std::optional<std::string> string(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  /// The same, where a 0 means the default and reads as absent.
  std::optional<std::int64_t> integer_or_zero(std::string_view key, std::int64_t min,
                                              std::int64_t max);
  std::optional<bool> boolean(std::string_view key);
  /// A number with at most `places` decimals, in units of the last of them: 2.5 with three of them
  /// is 2500. From 0 to `max`, which is whole.
  std::optional<std::int64_t> decimal(std::string_view key, int places, std::int64_t max);
  /// The day that a date is.
  std::optional<Day> date(std::string_view key);
  /// Seconds since 1970, UTC: of a date its first, or of a time with its offset.
  std::optional<std::int64_t> instant(std::string_view key);
  /// Strings, or only one without brackets.
  std::vector<std::string> strings_or_one(std::string_view key);
  std::vector<std::string> strings(std::string_view key);
  const Value* table(std::string_view key);
  /// A table whose keys are free and whose values are strings; empty when it is absent.
  std::map<std::string, std::string> mapping(std::string_view key);
  /// An array whose items are all of one kind; `allowed` says what is needed, for the message.
  const Value* array(std::string_view key, Kind item, std::string_view allowed);

  /// A setting of a coming version: anything but off is a mistake.
  void later(std::string_view key, std::string_view reason);

  /// The member itself, which counts as known from now on; null when it is absent or unusable.
  const Member* take(std::string_view key);
  /// Every member that was not asked for, which count as known from now on.
  std::vector<const Member*> take_others();
  /// Whether it was asked for.
  bool knows(std::string_view key) const;
  bool was_complained_of(std::string_view key) const;
  std::string path_of(std::string_view key) const;
  /// Of the table.
  Position at() const { return table_.at; }
  Place place(Position at) const { return {findings_.source, at.line, at.column}; }
  /// `message` follows the key's path.
  void complain(Position at, std::string_view key, std::string_view message);
  void finish();

 private:
  const Value* of_kind(std::string_view key, Kind kind, std::string_view allowed);
  std::optional<std::int64_t> in_range(std::string_view key, std::int64_t min, std::int64_t max,
                                       bool or_zero);

  const Value& table_;
  std::string path_;
  Findings& findings_;
  std::vector<std::string_view> known_;
};

}  // namespace ccrelay::config
