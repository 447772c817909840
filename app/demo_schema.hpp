#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace ccrelay::app {

/// Small JSON that fits a schema, where it keeps to what clients ask for: objects with what they
/// require, `enum`, `anyOf`, `$ref` within. `words` stand where any text may. Pure.
std::string example_of(simdjson::dom::element schema, std::string_view words);

}  // namespace ccrelay::app
