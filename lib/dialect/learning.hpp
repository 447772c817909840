#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// Providers refuse what they do not know; what a refusal names is left out in one more try, and
/// from then on. These say what that is; who remembers it is not here.

/// The members of a translated request that it can do without: `reasoning_effort`, `text.format`,
/// `generationConfig.topK`. Those of a request's contents are not among them.
std::vector<std::string> optional_fields(Dialect provider, std::string_view request);

/// Which of the request's optional fields a provider's answer refuses: by its `param`, or by name
/// beside words such as "not supported". Empty when it is none.
std::string refused_field(Dialect provider, int status, std::string_view answer,
                          std::string_view request);

/// Whether the request has it.
bool has_field(std::string_view request, std::string_view field);

/// The request without that field; `max_tokens` and `max_completion_tokens` take each other's
/// place. All else stays as it is, byte for byte but for line ends.
std::string without_field(std::string_view request, std::string_view field);

}  // namespace ccrelay::dialect
