#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ccrelay::app {

/// The whole file; an empty optional when it does not exist. Anything else that keeps it from being
/// read is an error, and so is a file larger than `bytes_max`.
Result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max);

/// Replaces a file so that it is either the old or the new one at every moment (temporary file,
/// fsync, rename). Follows a symbolic link, and keeps mode and owner, of the mode no more than
/// `most`; `mode` is for a new file.
Result<void> write_file(const std::string& path, const std::string& bytes, mode_t mode,
                        mode_t most = 07777);

/// Makes a directory and what is missing above it, for the owner alone.
Result<void> make_directories(const std::string& path);

/// What lies in a folder, in the order of the names, but for what begins with a dot; nothing when
/// it can't be read.
std::vector<std::string> names_in(const std::string& folder);

/// What an XDG variable names if it is an absolute path (the specification says to ignore a
/// relative one), else this folder of the home directory; empty when there is no HOME either.
std::string xdg_directory(const Environment& env, const std::string& variable,
                          const std::string& below_home);

/// Whether $PATH leads to a program of that name.
bool is_in_path(const std::string& program);

/// The process's; `.` when it is gone.
std::string current_folder();

/// Where a chain of symbolic links ends, whether or not something is there.
std::string link_target(const std::string& path);

/// The path up to its last `/`; `.` when there is none.
std::string directory_of(const std::string& path);

/// `PATH: what the operating system says`.
Error file_error(const std::string& what, const std::string& path, int error);

}  // namespace ccrelay::app
