#include "watchdog.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "catch.hpp"
#include "support/stuck_relay.hpp"

using namespace ccrelay;
using namespace ccrelay::app;
using namespace ccrelay::testing;

namespace {

// Stands in for the service manager: what it is told, by a name that the kernel chooses.
class Manager {
 public:
  Manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)) == 0);
    socklen_t length = sizeof address;
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    const std::string name(address.sun_path + 1,
                           length - offsetof(sockaddr_un, sun_path) - std::size_t{1});
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  }
  ~Manager() {
    ::close(socket_);
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  void wants(const std::string& usec) { ::setenv("WATCHDOG_USEC", usec.c_str(), 1); }

  /// Waits for it.
  std::string told() { return receive(0); }
  bool told_nothing() { return receive(MSG_DONTWAIT).empty() && errno == EAGAIN; }

 private:
  std::string receive(int flags) {
    char buffer[256];
    errno = 0;
    const ssize_t size = ::recv(socket_, buffer, sizeof buffer, flags);
    return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : std::string();
  }

  int socket_;
};

// Returns when the loops have turned.
void wait_for_turn(Relay& relay) {
  std::promise<void> turned;
  relay.when_turned([&turned] { turned.set_value(); });
  turned.get_future().wait();
}

}  // namespace

TEST_CASE("the service manager hears that the relay lives as often as it asks", "[app]") {
  Manager manager;
  manager.wants("30000000");
  StuckRelay scene(2);
  Watchdog watchdog(scene.relay());
  REQUIRE(watchdog.until_due());
  CHECK(*watchdog.until_due() == std::chrono::microseconds(0));
  for (int i = 0; i < 3; ++i) {
    watchdog.ask();
    CHECK(manager.told() == "WATCHDOG=1");
    CHECK(manager.told_nothing());
    // Half of the interval, less what has passed of it.
    CHECK(*watchdog.until_due() <= std::chrono::seconds(15));
    CHECK(*watchdog.until_due() > std::chrono::seconds(0));
  }
}

TEST_CASE("a worker that hangs ends what the service manager hears", "[app]") {
  const int workers = GENERATE(1, 2);
  Manager manager;
  manager.wants("30000000");
  StuckRelay scene(workers);
  Watchdog watchdog(scene.relay());
  watchdog.ask();
  CHECK(manager.told() == "WATCHDOG=1");
  scene.get_stuck();
  for (int i = 0; i < 5; ++i) watchdog.ask();
  CHECK(manager.told_nothing());
  // And however often it was asked, there is one answer when it goes on.
  scene.go_on();
  CHECK(manager.told() == "WATCHDOG=1");
  wait_for_turn(scene.relay());
  CHECK(manager.told_nothing());
  watchdog.ask();
  CHECK(manager.told() == "WATCHDOG=1");
}

TEST_CASE("nobody is told who has not asked for it", "[app]") {
  Manager manager;
  StuckRelay scene(1);
  const auto [usec, pid] = GENERATE(table<const char*, const char*>({
      {"", nullptr},
      {"0", nullptr},
      {"soon", nullptr},
      {"-1", nullptr},
      {"30000000", "1"},  // for a process that started us
      {"30000000", ""},
  }));
  manager.wants(usec);
  if (pid != nullptr) ::setenv("WATCHDOG_PID", pid, 1);
  Watchdog watchdog(scene.relay());
  CHECK_FALSE(watchdog.until_due());
  watchdog.ask();
  wait_for_turn(scene.relay());
  CHECK(manager.told_nothing());
}

TEST_CASE("the watchdog is for the process that it names", "[app]") {
  Manager manager;
  manager.wants("1");
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  StuckRelay scene(1);
  Watchdog watchdog(scene.relay());
  CHECK(watchdog.until_due());
  watchdog.ask();
  CHECK(manager.told() == "WATCHDOG=1");
}
