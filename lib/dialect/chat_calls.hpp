#pragma once

#include <string>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// The input of a call by its `arguments`, which are JSON in a string, or at some servers the
/// object itself. Nothing becomes `{}`, text that is no object `{"raw_arguments":TEXT}`.
std::string input_of_arguments(Json arguments);

}  // namespace ccrelay::dialect
