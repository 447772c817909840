#pragma once

#include <string_view>

namespace ccrelay::wire {

/// Anthropic's word for a status (`error.type`, https://docs.claude.com/en/api/errors).
std::string_view error_type(int status);

}  // namespace ccrelay::wire
