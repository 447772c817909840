#pragma once

#include <string_view>

namespace ccrelay::wire {

/// Anthropic's word for a status (`error.type`, https://docs.claude.com/en/api/errors).
std::string_view error_type(int status);

/// The other way round: the status with which an error of that type usually comes, or of that code
/// where it is a status or a well-known word. Words of OpenAI's and Google's forms are known too.
/// 500 for an unknown one.
int usual_status(std::string_view type, std::string_view code);

}  // namespace ccrelay::wire
