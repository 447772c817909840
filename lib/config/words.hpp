#pragma once

#include "base/plain.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::config {

/// `text` in double quotes for a message: control characters escaped, cut after 200 bytes.
/// Not for anything that may be a secret.
std::string in_quotes(std::string_view text);

/// `text` as a TOML string, whole.
std::string toml_string(std::string_view text);

/// `$` begins an expansion when a text is read as a configuration.
std::string doubled(std::string_view text);

/// `a, b, c`
std::string list_of(const std::vector<std::string_view>& names);

/// `did you mean "word"? (one of: word, …)`, or only what there is when none of it is close.
std::string suggestion(std::string_view written, const std::vector<std::string_view>& known);

/// ` "wrod" is unknown; did you mean "word"? (one of: word, …)`, to follow a key's path.
std::string unknown_word(std::string_view written, const std::vector<std::string_view>& known);

/// Whether there is a control character in it.
bool has_control(std::string_view text);

/// Whether a provider or a client may be called so: 1 to 64 letters, digits, `.`, `_` and `-`.
bool is_name(std::string_view name);

using base::plain;

}  // namespace ccrelay::config
