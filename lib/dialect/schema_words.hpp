#pragma once

#include <string_view>

namespace ccrelay::dialect {

/// Whether the members of this keyword's value are names of the schema's author, each with a
/// schema. Of those that every vendor knows.
inline bool names_schemas(std::string_view keyword) {
  return keyword == "properties" || keyword == "$defs" || keyword == "definitions";
}

}  // namespace ccrelay::dialect
