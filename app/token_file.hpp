#pragma once

#include <ccrelay/result.hpp>

#include <cstddef>
#include <string>

namespace ccrelay::app {

/// The token that is all of this file but for its last line's end; a pipe will do, such as
/// `<(pass show relay)`. An error where the file cannot be read, is empty, is longer than `most`
/// bytes, or has anything in it but visible ASCII: its message says which, and follows the file's
/// name; it has nothing of what stands there.
Result<std::string> token_in(const std::string& file, std::size_t most);

}  // namespace ccrelay::app
