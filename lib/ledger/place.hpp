#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/trouble.hpp"

namespace ccrelay::ledger {

/// Where a ledger's file is: what the operating system says of it and does with it.

/// A file itself, whatever its name.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};
/// Nothing when there is no such file.
std::optional<FileIdentity> identity_of(const std::string& path);

/// What keeps a path from being looked into: this user may not see what is there, or it is no
/// regular file, and a pipe would keep whoever opens it waiting. Nothing where there is none.
std::optional<Trouble> irregular(const std::string& path);

/// Makes what is missing of the folders (0700) and the file (0600).
std::optional<Trouble> make_file(const std::string& path);

/// Moves the file and what SQLite keeps beside it to `PATH.WHY-YYYYMMDDTHHMMSS`, a name that is
/// free. Returns that name; empty when the file could not be moved.
std::string set_aside(const std::string& path, const char* why, std::int64_t seconds);
/// The same for what is beside the file alone.
void set_aside_log(const std::string& path, const char* why, std::int64_t seconds);

/// Bytes of the file and its write-ahead log.
std::uint64_t size_of(const std::string& path);

/// Whether the file is on another machine, where processes share no memory and locks are a matter
/// of luck.
bool on_network(const std::string& path);
bool is_network_type(std::uint64_t file_system);

}  // namespace ccrelay::ledger
