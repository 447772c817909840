#include "signals.hpp"

#include <pthread.h>

#include <initializer_list>

namespace ccrelay::app {

Signals::Signals() : thread_(::pthread_self()) {
  ::signal(SIGPIPE, SIG_IGN);
  ::sigemptyset(&set_);
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, poked}) ::sigaddset(&set_, each);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

int Signals::next() {
  int signal = 0;
  while (::sigwait(&set_, &signal) != 0) {
  }
  return signal;
}

void Signals::poke() {
  ::pthread_kill(thread_, poked);
}

}  // namespace ccrelay::app
