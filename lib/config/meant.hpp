#pragma once

#include "config/document.hpp"

#include <string>
#include <string_view>

namespace ccrelay::config {

/// For a key that is unknown in this table: the setting that people mean who write it so (other
/// programs' names, the way they spell theirs, the table they expect it in), and how it is written
/// here, to follow the key's path. Empty when nobody knows. `table` is without indexes, as
/// `providers.keys`; `members` are what stands in it. Values are shown of addresses alone.
std::string meant_by(std::string_view table, std::string_view key, const Value& members);

/// Where an array of tables is needed (`providers`, `keys`, `clients`, `prices`): how that is
/// written, with what stands there instead. Empty when there is nothing to add.
std::string how_to_write_list(std::string_view path, const Value& found);

}  // namespace ccrelay::config
