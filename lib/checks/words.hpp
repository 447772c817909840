#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>

#include <string>
#include <string_view>

namespace ccrelay::checks {

/// What a provider says in an answer that is no good one, in its own words: at most some hundred
/// bytes, with whatever is secret in its entry taken out. `unwraps`: it is a cloud.
std::string said_in(const ResponseHead& head, std::string_view body, bool unwraps,
                    const ProviderConfig& entry);

/// The text with each secret of the entry replaced.
std::string without_secrets(std::string text, const ProviderConfig& entry);

}  // namespace ccrelay::checks
