#include "own_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "files.hpp"

namespace ccrelay::app {
namespace {

// A lock lives as long as its process. One is taken on the directory of names, so that nobody takes
// a file away that was made just now and is not locked yet.
void clear_away(const std::string& folder, const std::string& kind) {
  for (const std::string& name : names_in(folder)) {
    if (name.compare(0, kind.size() + 1, kind + "-") != 0) continue;
    const std::string path = folder + "/" + name;
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file && ::flock(file.number(), LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
  }
}

}  // namespace

Result<OwnFile> OwnFile::make(const std::string& folder, const std::string& kind) {
  const Descriptor names(::open((folder + "/files").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  while (names && ::flock(names.number(), LOCK_EX) != 0 && errno == EINTR) {
  }
  clear_away(folder, kind);
  std::string path = folder + "/" + kind + "-XXXXXX";
  Descriptor file(::mkostemp(path.data(), O_CLOEXEC));
  if (!file) return file_error("cannot write in", folder, errno);
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) return file_error("cannot lock", path, errno);
  return OwnFile(std::move(file), path);
}

OwnFile::~OwnFile() {
  if (lock_) ::unlink(path_.c_str());
}

Result<void> OwnFile::write(const std::string& text) {
  const auto size = static_cast<ssize_t>(text.size());
  if (::pwrite(lock_.number(), text.data(), text.size(), 0) != size) {
    return file_error("cannot write", path_, errno);
  }
  return {};
}

}  // namespace ccrelay::app
