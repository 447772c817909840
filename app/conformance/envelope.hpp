#pragma once

#include <string>

#include "client.hpp"

namespace ccrelay::app::contract {

/// Whether an answer is an error in Anthropic's shape: JSON, `type` "error", and `error` with a
/// type and a message that says something.
bool is_envelope(const Exchange& answer);
/// `error.type` of one; empty without it.
std::string error_type_of(const Exchange& answer);

}  // namespace ccrelay::app::contract
