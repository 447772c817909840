#pragma once

#include <ccrelay/manage.hpp>

#include <optional>
#include <string>

#include "api/call.hpp"

namespace ccrelay::api {

/// Why the Manager said no, as the answer; of a configuration with every mistake, in `diagnostics`.
Answer error_answer(const management::Refusal& refusal);

/// INVALID_ARGUMENT about one field: `ttl_ms: is not a whole number`.
management::Refusal wrong_field(std::string_view field, std::string_view what);

}  // namespace ccrelay::api
