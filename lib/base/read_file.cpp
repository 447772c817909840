#include "base/read_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ccrelay::base {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

FileText wrong(FileText::Problem problem, int error = 0) {
  return {problem, error, {}};
}

}  // namespace

std::string FileText::words(std::size_t bytes_max) const {
  switch (problem) {
    case Problem::none:
      break;
    case Problem::unreadable:
      return std::strerror(error);
    case Problem::directory:
    case Problem::not_regular:
      return "it is not a regular file";
    case Problem::too_large:
      return "it is larger than " + std::to_string(bytes_max) + " bytes";
  }
  return {};
}

FileText read_file(const std::string& path, std::size_t bytes_max) {
  // Not blocking: opening a named pipe would wait for its writer. What is no file is not even
  // opened where that can be seen before: opening a device may do something.
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return wrong(FileText::Problem::unreadable, errno);
  if (S_ISDIR(status.st_mode)) return wrong(FileText::Problem::directory);
  if (!S_ISREG(status.st_mode)) return wrong(FileText::Problem::not_regular);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
    return wrong(FileText::Problem::unreadable, errno);
  if (!S_ISREG(status.st_mode)) return wrong(FileText::Problem::not_regular);
  FileText read;
  constexpr std::size_t step = 16 * 1024;  // the size is not to be trusted: of /proc it is nought
  while (read.text.size() <= bytes_max) {
    const std::size_t before = read.text.size();
    const std::size_t wanted = std::min(std::max(step, before), bytes_max + 1 - before);
    read.text.resize(before + wanted);
    ssize_t got = -1;
    do {
      got = ::read(file.number(), read.text.data() + before, wanted);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return wrong(FileText::Problem::unreadable, errno);
    read.text.resize(before + static_cast<std::size_t>(got));
    if (got == 0) return read;
  }
  return wrong(FileText::Problem::too_large);
}

}  // namespace ccrelay::base
