#include "manage/token_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "sign/digests.hpp"

namespace ccrelay::manage {
namespace {

constexpr std::size_t token_bytes = 32;

Error cannot(const std::string& path, int code) {
  return {ErrorCode::config,
          fmt::format("cannot write the management's token to {}: {}; write "
                      "[[manage.auth.tokens]], or set manage.socket to a path in a folder that the "
                      "relay may write to",
                      path, std::strerror(code))};
}

bool write_all(int file, std::string_view text) {
  return ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

Result<std::unique_ptr<TokenFile>> TokenFile::make(const std::string& folder,
                                                   const std::string& name) {
  std::array<char, token_bytes> random;
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return cannot("its file", errno);
  }
  const std::string text = sign::hex(std::string_view(random.data(), random.size()));
  const std::string path = folder + '/' + name;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot(path, errno);
  std::string passing = folder + "/.token-XXXXXX";
  const int file = ::mkostemp(passing.data(), O_CLOEXEC);  // 0600
  if (file < 0) return cannot(path, errno);
  std::unique_ptr<TokenFile> made(new TokenFile(path, Secret(text)));
  struct stat info {};
  const bool done = write_all(file, text + '\n') && ::fstat(file, &info) == 0 &&
                    ::rename(passing.c_str(), path.c_str()) == 0;
  const int code = errno;
  ::close(file);
  if (!done) {
    ::unlink(passing.c_str());
    return cannot(path, code);
  }
  made->device_ = info.st_dev;
  made->inode_ = info.st_ino;
  return made;
}

TokenFile::~TokenFile() {
  struct stat there {};
  const bool ours =
      ::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_;
  if (ours) ::unlink(path_.c_str());
}

}  // namespace ccrelay::manage
