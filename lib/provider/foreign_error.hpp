#pragma once

#include <ccrelay/http.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::provider {

/// What an error of a cloud says in that cloud's own form.
struct ForeignError {
  std::string message;
  std::string word;  ///< AWS's exception or Google's status; empty where there is none
};

/// AWS's `{"message":…}` with `x-amzn-errortype` or `__type`, Google's `{"error":{"message":…,
/// "status":…}}`, alone or in an array. Empty for anything else, so also for an error that is
/// Anthropic's already.
std::optional<ForeignError> read_foreign_error(const Headers& headers, std::string_view body);

/// Makes an error answer one of Anthropic's: type and status by what the cloud means, and the words
/// that clients act on where it uses others. A body in no known form becomes the message's end.
void translate_foreign_error(ResponseHead& head, std::string& body, std::string_view cloud);

}  // namespace ccrelay::provider
