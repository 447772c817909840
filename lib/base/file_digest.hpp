#pragma once

#include <cstdint>
#include <string>

#include "base/read_file.hpp"

namespace ccrelay::base {

/// Of a file that is not there.
inline constexpr std::uint64_t missing_file = 0;

/// Of one that is there and has nothing in it.
inline constexpr std::uint64_t empty_file = 15;

/// Of what was read, or why it could not be: it tells whether a file is another than it was.
/// Against chance, not against an enemy.
std::uint64_t digest_of(const FileText& read);

/// The same of what is in a file now, up to 1 MiB.
std::uint64_t file_digest(const std::string& path);

}  // namespace ccrelay::base
