#include "ledger/place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <system_error>

namespace ccrelay::ledger {
namespace {

std::string said(const std::string& path, int error) {
  return path + ": " + std::generic_category().message(error);
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::optional<Trouble> make_folders(const std::string& folder) {
  for (std::size_t at = 0; at != std::string::npos;) {
    at = folder.find('/', at + 1);
    const std::string part = folder.substr(0, at);
    if (::mkdir(part.c_str(), 0700) == 0 || errno == EEXIST || errno == EISDIR) continue;
    // What is above may be hidden from this user, and there all the same.
    const int error = errno;
    struct stat info {};
    if (::stat(part.c_str(), &info) == 0) continue;
    return Trouble{Fault::unwritable, said(part, error)};
  }
  return std::nullopt;
}

std::string stamp_of(std::int64_t seconds) {
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &parts);
  return {text, length};
}

bool is_there(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

std::string free_name(const std::string& path, const char* why, std::int64_t seconds) {
  const std::string name = path + "." + why + "-" + stamp_of(seconds);
  std::string chosen = name;
  for (int n = 2; is_there(chosen) || is_there(chosen + "-wal"); ++n) {
    chosen = name + "-" + std::to_string(n);
  }
  return chosen;
}

void move_log(const std::string& path, const std::string& name) {
  for (const char* beside : {"-wal", "-shm", "-journal"}) {
    std::rename((path + beside).c_str(), (name + beside).c_str());
  }
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileIdentity{static_cast<std::uint64_t>(info.st_dev),
                      static_cast<std::uint64_t>(info.st_ino)};
}

std::optional<Trouble> irregular(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return Trouble{Fault::unwritable, said(path, errno)};
  }
  if (S_ISREG(info.st_mode)) return std::nullopt;
  return Trouble{Fault::foreign, path + " is no regular file; name another"};
}

std::optional<Trouble> make_file(const std::string& path) {
  if (auto trouble = make_folders(folder_of(path))) return trouble;
  // SQLite would make it as the umask has it; its log gets the mode of the file. One that is there
  // must not be opened here: closing it would take the locks that this process has on it.
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno != EEXIST) return Trouble{Fault::unwritable, said(path, errno)};
  if (descriptor >= 0) ::close(descriptor);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return Trouble{Fault::unwritable, said(path, errno)};
  return irregular(path);
}

std::string set_aside(const std::string& path, const char* why, std::int64_t seconds) {
  const std::string name = free_name(path, why, seconds);
  if (std::rename(path.c_str(), name.c_str()) != 0) return {};
  move_log(path, name);
  return name;
}

void set_aside_log(const std::string& path, const char* why, std::int64_t seconds) {
  move_log(path, free_name(path, why, seconds));
}

std::uint64_t size_of(const std::string& path) {
  std::uint64_t sum = 0;
  for (const char* beside : {"", "-wal"}) {
    struct stat info {};
    if (::stat((path + beside).c_str(), &info) == 0) {
      sum += static_cast<std::uint64_t>(info.st_size);
    }
  }
  return sum;
}

bool is_network_type(std::uint64_t file_system) {
  switch (file_system & 0xFFFFFFFFu) {
    // As statfs(2) and linux/magic.h name them, and GNU stat those that are not the kernel's own.
    case 0x6969:      // NFS
    case 0x517B:      // SMB
    case 0xFF534D42:  // CIFS
    case 0xFE534D42:  // SMB 2 and 3
    case 0x5346414F:  // AFS
    case 0x6B414653:  // AFS of the kernel
    case 0x00C36400:  // Ceph
    case 0x01021997:  // 9P
    case 0x73757245:  // Coda
    case 0x564C:      // NCP
    // Shared by several machines.
    case 0x01161970:  // GFS2
    case 0x7461636F:  // OCFS2
    case 0x0BD00BD0:  // Lustre
    case 0x47504653:  // GPFS
    case 0x19830326:  // BeeGFS
    // Folders that a virtual machine shares with its host.
    case 0x786F4256:  // VirtualBox
    case 0xBACBACBC:  // VMware
    case 0x7C7C6673:  // Parallels
      return true;
    default:
      return false;
  }
}

bool on_network(const std::string& path) {
  // Of what is not there yet: where it would be made.
  std::string there = path;
  struct statfs info {};
  while (::statfs(there.c_str(), &info) != 0) {
    const std::string above = folder_of(there);
    if (above == there) return false;
    there = above;
  }
  return is_network_type(static_cast<std::uint64_t>(info.f_type));
}

}  // namespace ccrelay::ledger
