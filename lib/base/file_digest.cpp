#include "base/file_digest.hpp"

#include <cerrno>

#include "base/stable_hash.hpp"

namespace ccrelay::base {
namespace {
constexpr std::size_t bytes_max = 1 << 20;
constexpr std::uint64_t least_of_text = 16;  // below it, what is no text
}  // namespace

std::uint64_t digest_of(const FileText& read) {
  if (read.problem == FileText::Problem::unreadable &&
      (read.error == ENOENT || read.error == ENOTDIR)) {
    return missing_file;
  }
  if (!read) return static_cast<std::uint64_t>(read.problem);
  if (read.text.empty()) return empty_file;
  const std::uint64_t hash = stable_hash(read.text);
  return hash < least_of_text ? hash + least_of_text : hash;
}

std::uint64_t file_digest(const std::string& path) {
  return digest_of(read_file(path, bytes_max));
}

}  // namespace ccrelay::base
