#include "identity/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/ascii.hpp"
#include "identity/limits.hpp"
#include "identity/refusal.hpp"

namespace ccrelay::identity {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error cannot_read(const std::string& path, const std::string& why) {
  return config_error("cannot read " + path + ": " + why);
}

}  // namespace

std::optional<std::string> variable(const Environment& env, std::string_view name) {
  auto value = env(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

bool is_on(const Environment& env, std::string_view name) {
  const auto value = variable(env, name);
  return value && (*value == "1" || base::iequals(*value, "true"));
}

Result<std::string> read_file(const std::string& path) {
  // Not blocking: opening a named pipe would wait for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return cannot_read(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return cannot_read(path, "it is not a regular file");
  std::string text(text_bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > text_bytes_max)
    return cannot_read(path, "it is larger than " + std::to_string(text_bytes_max) + " bytes");
  text.resize(size);
  return text;
}

bool file_exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

Result<std::string> read_token_file(const std::string& path) {
  auto text = read_file(path);
  if (!text) return text;
  static constexpr const char* white = " \t\r\n";
  const std::size_t begin = text->find_first_not_of(white);
  if (begin == std::string::npos) return cannot_read(path, "it is empty, and should hold a token");
  return text->substr(begin, text->find_last_not_of(white) + 1 - begin);
}

std::string home(const Environment& env) {
  return variable(env, "HOME").value_or("");
}

std::string expanded_path(const std::string& path, const Environment& env) {
  if (path.rfind("~/", 0) != 0) return path;
  return home(env) + path.substr(1);
}

}  // namespace ccrelay::identity
