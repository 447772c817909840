#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ccrelay::base {

/// What became of reading a file. The text is whole, or empty.
struct FileText {
  enum class Problem : std::uint8_t {
    none,
    unreadable,  ///< `error` says why, as errno does
    directory,
    not_regular,  ///< a pipe, a socket or a device: it might never end, or never begin
    too_large,
  };
  Problem problem = Problem::none;
  int error = 0;
  std::string text;

  explicit operator bool() const { return problem == Problem::none; }
  /// What is wrong, for a person.
  std::string words(std::size_t bytes_max) const;
};

/// The whole of a regular file. The one way in which the relay reads a file that somebody names in
/// its configuration or environment: it never waits, neither for who might write to a pipe nor for
/// what a device might say, and never takes more than `bytes_max`. What /dev/stdin or /proc name is
/// judged by what it is: a file that is redirected is one, a pipe is not, since a reload could not
/// read it again.
FileText read_file(const std::string& path, std::size_t bytes_max);

}  // namespace ccrelay::base
