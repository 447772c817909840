// A worker of its own thread while there are no descriptors.

#include <ccrelay/relay.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

// With none left UBSan can't find out whether an address may be read, and takes it for none.
#if defined(__clang__)
__attribute__((no_sanitize("vptr")))
#endif
void wait_for(const FailureSeen& observer) {
  observer.wait();
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
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit lowered = before;
  lowered.rlim_cur = std::min<rlim_t>(before.rlim_cur, 256);
  ::setrlimit(RLIMIT_NOFILE, &lowered);
  std::vector<int> taken;
  for (int one = ::dup(client); one >= 0; one = ::dup(client)) taken.push_back(one);
  const sockaddr_in address = loopback((*relay)->port());
  const bool connected =
      ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  wait_for(observer);
  for (const int one : taken) ::close(one);
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(connected);
  const std::string asked = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  REQUIRE(::send(client, asked.data(), asked.size(), 0) == static_cast<ssize_t>(asked.size()));
  std::string received;
  char part[1024];
  for (ssize_t count; (count = ::recv(client, part, sizeof part, 0)) > 0;) {
    received.append(part, static_cast<std::size_t>(count));
  }
  ::close(client);
  CHECK(received.starts_with("HTTP/1.1 200 OK\r\n"));
  (*relay)->stop();
  (*relay)->wait();
}
