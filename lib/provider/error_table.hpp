#pragma once

#include <ccrelay/config.hpp>

#include <cstdint>
#include <span>
#include <string_view>

#include "wire/error_body.hpp"

namespace ccrelay::provider {

/// Statuses at which a row holds. An error inside a 200 counts as the status of its name.
enum class At : std::uint8_t {
  any,
  refusal,   ///< 401, 403
  payment,   ///< 402, 403
  fault,     ///< 400 and other 4xx but 401, 402, 403, 404, 429
  missing,   ///< 400, 404, 410, 5xx: where a model may be unknown
  limit,     ///< 429
  failure,   ///< 5xx, 408
  crowded,   ///< 429, 5xx
  not_limit  ///< anything but 429
};

/// A number of one vendor's own.
struct NumberRow {
  wire::CodePlace place;
  std::string_view vendor;  ///< see vendor_of(); numbers of several vendors are the same
  std::string_view numbers;
  ErrorAbout about;
};

/// Names of codes and types, in snake case without `_error` or `_exception`, `*` at either end.
struct NameRow {
  ErrorAbout about;
  At at;
  std::string_view names;  ///< with blanks between
};

/// What a sentence says: alternatives with `|` between; in each, parts that follow one another in
/// one sentence, `*` between.
struct WordRow {
  ErrorAbout about;
  At at;
  std::string_view phrases;
};

// Each in the order in which its rows are tried.

std::span<const NumberRow> number_rows();
/// Words that are more exact than the code beside them.
std::span<const WordRow> telling_words();
/// Names that say what it is about, whatever the words.
std::span<const NameRow> telling_names();
/// Words beside a name that only repeats the status.
std::span<const WordRow> word_rows();
/// Names of limits and failures, for what says nothing in words.
std::span<const NameRow> plain_names();

}  // namespace ccrelay::provider
