#include "files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "descriptor.hpp"

namespace ccrelay::app {
namespace {

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// A rename lasts once its directory has reached the disk; where that cannot be had, it can't.
void sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() >= 0) ::fsync(directory.number());
}

}  // namespace

Error file_error(const std::string& what, const std::string& path, int error) {
  return {ErrorCode::config,
          fmt::format("{} {}: {}", what, path, std::generic_category().message(error))};
}

Result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) {
    if (errno == ENOENT) return std::optional<std::string>();
    return file_error("cannot read", path, errno);
  }
  struct stat info {};
  if (::fstat(file.number(), &info) != 0) return file_error("cannot read", path, errno);
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::config, fmt::format("cannot read {}: not a regular file", path)};
  }
  std::string bytes;
  char part[65536];
  while (true) {
    const ssize_t count = ::read(file.number(), part, sizeof part);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("cannot read", path, errno);
    if (count == 0) return std::optional<std::string>(std::move(bytes));
    bytes.append(part, static_cast<std::size_t>(count));
    if (bytes.size() > bytes_max) {
      return Error{ErrorCode::config, fmt::format("{} is larger than {} bytes", path, bytes_max)};
    }
  }
}

Result<void> write_file(const std::string& path, const std::string& bytes, mode_t mode,
                        mode_t most) {
  const std::string target = link_target(path);
  struct stat old {};
  const bool exists = ::stat(target.c_str(), &old) == 0;

  std::string name = target + ".XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (file.number() < 0) return file_error("cannot write beside", target, errno);
  const auto give_up = [&name, &target]() {
    const int error = errno;
    ::unlink(name.c_str());
    return file_error("cannot write", target, error);
  };
  // The owner first: changing it may take set-id bits away. It fails for everybody but root and is
  // then already right.
  if (exists && ::fchown(file.number(), old.st_uid, old.st_gid) != 0 && ::geteuid() == 0) {
    return give_up();
  }
  if (::fchmod(file.number(), exists ? (old.st_mode & 07777 & most) : mode) != 0) return give_up();
  if (!write_all(file.number(), bytes) || ::fsync(file.number()) != 0) return give_up();
  if (::rename(name.c_str(), target.c_str()) != 0) return give_up();
  sync_directory(directory_of(target));
  return {};
}

Result<void> make_directories(const std::string& path) {
  for (std::size_t at = 1; at != std::string::npos;) {
    at = path.find('/', at);
    const std::string part = path.substr(0, at);
    struct stat info {};
    const bool there = ::stat(part.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    if (!there && ::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      return file_error("cannot make the directory", part, errno);
    }
    if (at != std::string::npos) ++at;
  }
  return {};
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  DIR* listing = ::opendir(folder.c_str());
  if (listing == nullptr) return names;
  while (const dirent* entry = ::readdir(listing)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(listing);
  std::sort(names.begin(), names.end());
  return names;
}

std::string xdg_directory(const Environment& env, const std::string& variable,
                          const std::string& below_home) {
  const std::string named = env(variable).value_or("");
  if (!named.empty() && named.front() == '/') return named;
  const std::string home = env("HOME").value_or("");
  return home.empty() ? home : home + "/" + below_home;
}

bool is_in_path(const std::string& program) {
  const char* all = std::getenv("PATH");
  std::string path = all == nullptr ? "" : all;
  path += ':';
  std::size_t start = 0;
  for (std::size_t end = path.find(':'); end != std::string::npos; end = path.find(':', start)) {
    const std::string folder = end == start ? "." : path.substr(start, end - start);
    const std::string file = folder + "/" + program;
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        ::access(file.c_str(), X_OK) == 0) {
      return true;
    }
    start = end + 1;
  }
  return false;
}

std::string current_folder() {
  char path[PATH_MAX];
  return ::getcwd(path, sizeof path) == nullptr ? "." : path;
}

std::string link_target(const std::string& path) {
  std::string target = path;
  for (int i = 0; i < 40; ++i) {  // 40 = what Linux follows
    char next[PATH_MAX];
    const ssize_t length = ::readlink(target.c_str(), next, sizeof next);
    if (length < 0) return target;
    const std::string link(next, static_cast<std::size_t>(length));
    target = link.front() == '/' ? link : directory_of(target) + "/" + link;
  }
  return target;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace ccrelay::app
