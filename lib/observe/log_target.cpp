#include "observe/log_target.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace ccrelay::observe {
namespace {

// A pipe for which poll() reports POLLOUT takes this much without blocking (PIPE_BUF on Linux).
constexpr std::size_t slice_bytes_max = 4096;

std::string reason(int error) {
  return std::generic_category().message(error);
}

// O_NONBLOCK so that a FIFO nobody reads can neither stop us here nor later.
int open_for_append(const std::string& path) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(),
                        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

std::string cannot_open(const std::string& path, int error) {
  return fmt::format("logging.output: cannot open {}: {}", path, reason(error));
}

}  // namespace

Result<std::unique_ptr<LogTarget>> LogTarget::open(const std::string& output) {
  if (output == "stdout" || output == "stderr") {
    const int descriptor = output == "stdout" ? STDOUT_FILENO : STDERR_FILENO;
    struct stat info {};
    if (::fstat(descriptor, &info) != 0) {
      return Error{ErrorCode::config, fmt::format("logging.output: {} is closed", output)};
    }
    return std::make_unique<LogTarget>(descriptor);
  }
  const int descriptor = open_for_append(output);
  if (descriptor < 0) return Error{ErrorCode::config, cannot_open(output, errno)};
  return std::unique_ptr<LogTarget>(new LogTarget(descriptor, output));
}

LogTarget::LogTarget(int descriptor) : descriptor_(descriptor) {
  look();
  use_own_terminal();
}

LogTarget::LogTarget(int descriptor, std::string path)
    : descriptor_(descriptor), owned_(true), path_(std::move(path)) {
  look();
}

LogTarget::~LogTarget() {
  if (owned_) ::close(descriptor_);
}

void LogTarget::look() {
  struct stat info {};
  if (::fstat(descriptor_, &info) != 0) return;
  terminal_ = S_ISCHR(info.st_mode) && ::isatty(descriptor_) == 1;
  if (S_ISREG(info.st_mode)) {
    kind_ = Kind::file;
  } else {
    kind_ = S_ISSOCK(info.st_mode) ? Kind::socket : Kind::pipe;
  }
}

// A terminal that reports POLLOUT may have room for one byte only, and O_NONBLOCK on the descriptor
// itself would change it for the shell too. A second opening of the terminal has flags of its own.
void LogTarget::use_own_terminal() {
  char name[256];
  if (!terminal_ || ::ttyname_r(descriptor_, name, sizeof name) != 0) return;
  const int own = ::open(name, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (own < 0) return;
  descriptor_ = own;
  owned_ = true;
}

std::optional<std::size_t> LogTarget::write_some(std::string_view bytes) {
  // A socket says by itself that it has no room.
  if (kind_ == Kind::pipe) {
    struct pollfd ready = {descriptor_, POLLOUT, 0};
    if (::poll(&ready, 1, 0) <= 0) return 0;
    if ((ready.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return std::nullopt;
    if ((ready.revents & POLLOUT) == 0) return 0;
    bytes = bytes.substr(0, slice_bytes_max);
  }
  const ssize_t count = kind_ == Kind::socket ? ::send(descriptor_, bytes.data(), bytes.size(),
                                                       MSG_DONTWAIT | MSG_NOSIGNAL)
                                              : ::write(descriptor_, bytes.data(), bytes.size());
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  return std::nullopt;
}

void LogTarget::wait_writable(std::chrono::milliseconds at_most) {
  struct pollfd ready = {descriptor_, POLLOUT, 0};
  ::poll(&ready, 1, static_cast<int>(std::max<std::chrono::milliseconds::rep>(at_most.count(), 0)));
}

Result<void> LogTarget::reopen() {
  if (path_.empty()) return {};
  const int descriptor = open_for_append(path_);
  if (descriptor < 0) return Error{ErrorCode::config, cannot_open(path_, errno)};
  ::close(descriptor_);
  descriptor_ = descriptor;
  look();
  return {};
}

}  // namespace ccrelay::observe
