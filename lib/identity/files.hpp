#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <optional>
#include <string>

namespace ccrelay::identity {

/// A variable that is set and not empty.
std::optional<std::string> variable(const Environment& env, std::string_view name);
/// Whether a variable says yes: "true" or "1".
bool is_on(const Environment& env, std::string_view name);

/// Whole text of a regular file of at most text_bytes_max. Blocks for as long as a small file
/// takes; never on a pipe or a device. The error names the file and nothing that is in it.
Result<std::string> read_file(const std::string& path);
bool file_exists(const std::string& path);
/// A file that holds a token alone: without white space around it. Empty is an error.
Result<std::string> read_token_file(const std::string& path);

/// The user's home directory as the environment names it; empty if it does not.
std::string home(const Environment& env);
/// `~/` at the front means the home directory.
std::string expanded_path(const std::string& path, const Environment& env);

}  // namespace ccrelay::identity
