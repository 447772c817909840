#include "wakes.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace ccrelay::app::top {
namespace {

constexpr std::array<int, 6> watched = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT};
int pipe_end = -1;

extern "C" void note_signal(int number) {
  const int before = errno;
  const auto byte = static_cast<unsigned char>(number);
  // A full pipe wakes as well.
  [[maybe_unused]] const auto written = ::write(pipe_end, &byte, 1);
  errno = before;
}

void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(number, &action, nullptr);
}

}  // namespace

Wakes::Wakes() {
  if (::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  pipe_end = ends_[1];
  for (const int number : watched) handle(number, &note_signal);
}

Wakes::~Wakes() {
  for (const int number : watched) handle(number, SIG_DFL);
  for (const int end : ends_) {
    if (end >= 0) ::close(end);
  }
}

int Wakes::next() {
  unsigned char number = 0;
  return ::read(ends_[0], &number, 1) == 1 ? number : 0;
}

void Wakes::stop_here() {
  handle(SIGTSTP, SIG_DFL);
  ::raise(SIGTSTP);
  handle(SIGTSTP, &note_signal);
}

}  // namespace ccrelay::app::top
