#pragma once

#include <string_view>

#include "identity/step.hpp"

namespace ccrelay::identity {

/// What an OAuth token endpoint's answer leads to (RFC 6749 section 5.1): an IssuedToken. When it
/// expires is said in `expires_in` (seconds) or, by Azure's managed identity, in `expires_on`
/// (seconds since 1970); either may be quoted.
Step token_answered(const Answer& answer, std::string_view what_to_do);

}  // namespace ccrelay::identity
