#pragma once

#include <cstdint>
#include <string>

namespace ccrelay::ledger {

/// What keeps a ledger from being written, by what is done about it.
enum class Fault : std::uint8_t {
  unwritable,  ///< the folder or the file: somebody has to give access
  full,        ///< the disk
  locked,      ///< by another process, for a moment as a rule
  damaged,     ///< no database, or a broken one: set aside
  newer,       ///< made by a later version, which this one must not touch
  foreign,     ///< another program's database
  moved,       ///< the file was deleted or replaced
  other,       ///< an I/O error, no memory
};

/// A fault and what a person reads of it: where, and what SQLite or the operating system said.
struct Trouble {
  Fault fault = Fault::other;
  std::string words;
};

/// The fault behind a result code of SQLite's.
Fault fault_of(int code);

}  // namespace ccrelay::ledger
