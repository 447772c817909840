#pragma once

#include <simdjson.h>

#include "wire/usage_reader.hpp"

namespace ccrelay::wire {

/// A `usage` object, for who has parsed what it stands in.
struct UsageReader::Json {
  simdjson::dom::element object;
};

}  // namespace ccrelay::wire
