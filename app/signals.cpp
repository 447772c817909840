#include "signals.hpp"

#include <pthread.h>

#include <algorithm>
#include <ctime>
#include <initializer_list>

namespace ccrelay::app {

Signals::Signals() : thread_(::pthread_self()) {
  ::signal(SIGPIPE, SIG_IGN);
  ::sigemptyset(&set_);
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, poked}) ::sigaddset(&set_, each);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

int Signals::next(std::optional<std::chrono::microseconds> longest) {
  if (longest) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*longest);
    const std::chrono::nanoseconds rest = *longest - seconds;
    const timespec time{static_cast<time_t>(seconds.count()), static_cast<long>(rest.count())};
    // Interrupted by none of ours, it is only early.
    return std::max(::sigtimedwait(&set_, nullptr, &time), 0);
  }
  int signal = 0;
  while (::sigwait(&set_, &signal) != 0) {
  }
  return signal;
}

void Signals::poke() {
  ::pthread_kill(thread_, poked);
}

}  // namespace ccrelay::app
