#pragma once

#include <ccrelay/result.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "identity/step.hpp"

namespace ccrelay::identity {

/// What a credential service said was wrong, in its own words: `CODE: description`, on one line,
/// cut, and with each of `secrets` replaced. Knows the shapes that AWS, Google and Entra use;
/// empty for anything else, because there is no telling what that holds.
std::string vendor_words(std::string_view body, const std::vector<Secret>& secrets);

/// "WHO (METHOD URL) answered 403: CODE: description; what to do".
Error refused(const Answer& answer, std::string_view what_to_do);
/// An answer that came as a success and makes no sense: "WHO (…) answered 200 with …".
Error unusable(const Answer& answer, std::string_view what);

bool succeeded(const Answer& answer);

Error config_error(std::string message);

}  // namespace ccrelay::identity
