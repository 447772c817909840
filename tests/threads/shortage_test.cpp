// A worker of its own thread while there are no descriptors.

#include <ccrelay/relay.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;

namespace {

class FailureSeen final : public Observer {
 public:
  void noted(const Note& note) override {
    if (note.event != "accept_failed") return;
    seen_ = true;
    seen_.notify_all();
  }
  void wait() const { seen_.wait(false); }

 private:
  std::atomic<bool> seen_{false};
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// Asks for the relay's health, and closes the connection.
bool is_answered(int client) {
  const std::string asked = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const ssize_t sent = ::send(client, asked.data(), asked.size(), 0);
  std::string received;
  char part[1024];
  for (ssize_t count; (count = ::recv(client, part, sizeof part, 0)) > 0;) {
    received.append(part, static_cast<std::size_t>(count));
  }
  ::close(client);
  return sent == static_cast<ssize_t>(asked.size()) && received.starts_with("HTTP/1.1 200 OK\r\n");
}

bool connects(int client, std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  return ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// By system calls that ThreadSanitizer does not see, as those are by which libuv closes: it would
// take a number that the worker has had before for the worker's still.
int second(int descriptor) {
  return static_cast<int>(::syscall(SYS_dup, descriptor));
}
void close_second(int descriptor) {
  ::syscall(SYS_close, descriptor);
}

}  // namespace

TEST_CASE("a worker that had no descriptor for a client goes on when there is one", "[threads]") {
  FailureSeen observer;
  Config config;
  config.server.listen = "127.0.0.1:0";
  RelayOptions options;
  options.observer = &observer;
  auto relay = Relay::start(config, options);
  REQUIRE(relay);
  // One while all is well. UBSan looks at objects by descriptors of its own, and remembers what it
  // has seen: with none left it could not.
  const int first = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(connects(first, (*relay)->port()));
  CHECK(is_answered(first));
  static_cast<Observer&>(observer).noted(Note());
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit lowered = before;
  lowered.rlim_cur = std::min<rlim_t>(before.rlim_cur, 256);
  ::setrlimit(RLIMIT_NOFILE, &lowered);
  std::vector<int> taken;
  for (int one = second(client); one >= 0; one = second(client)) taken.push_back(one);
  const bool connected = connects(client, (*relay)->port());
  observer.wait();
  for (const int one : taken) close_second(one);
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(connected);
  CHECK(is_answered(client));
  (*relay)->stop();
  (*relay)->wait();
}
