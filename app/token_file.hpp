#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace ccrelay::app {

/// The token that is all of this file but for its last line's end; a pipe will do, such as
/// `<(pass show relay)`. Nothing where the file cannot be read, is longer than `most` bytes, or has
/// anything in it but visible ASCII: what that means its reader knows to say.
std::optional<std::string> token_in(const std::string& file, std::size_t most);

}  // namespace ccrelay::app
