// Sockets that were passed, and addresses that two relays share.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;
using F = RelayFixture;

namespace {

struct Socket {
  explicit Socket(int descriptor) : fd(descriptor) { REQUIRE(fd >= 0); }
  ~Socket() { ::close(fd); }
  Socket(const Socket&) = delete;
  int fd;
};

sockaddr_in local(std::uint32_t host, std::uint16_t port = 0) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

int bound(std::uint32_t host, int type = SOCK_STREAM) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const sockaddr_in address = local(host);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

int listening(std::uint32_t host) {
  const int fd = bound(host);
  REQUIRE(::listen(fd, 100) == 0);
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = local(INADDR_LOOPBACK, port);
  REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

int unix_client(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

/// What comes back on a connected socket, up to its end.
std::string talk(F& f, int fd, const std::string& asked) {
  REQUIRE(::send(fd, asked.data(), asked.size(), 0) == static_cast<ssize_t>(asked.size()));
  std::string received;
  f.until([&] {
    char part[4096];
    const ssize_t count = ::recv(fd, part, sizeof part, MSG_DONTWAIT);
    if (count > 0) received.append(part, static_cast<std::size_t>(count));
    return count == 0 || (count < 0 && errno != EAGAIN);
  });
  return received;
}

const std::string asked = F::get("/health", "Connection: close\r\n");

std::string error_of(F& f) {
  const auto relay = Relay::attach(f.harness.loop(), f.config, f.options);
  return relay ? "started" : relay.error().message;
}

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ccrelay-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace

TEST_CASE("sockets that were passed are served in place of the address of the configuration",
          "[scenario][inherited]") {
  F f;
  f.add_provider("one");
  Socket one(listening(INADDR_LOOPBACK));
  Socket two(listening(INADDR_LOOPBACK));
  f.config.server.listen = "127.0.0.1:1";
  f.options.listen_sockets = {one.fd, two.fd};
  f.start();
  CHECK(f.relay->port() == port_of(one.fd));
  REQUIRE(f.relay->addresses().size() == 2);
  CHECK(f.relay->addresses()[1] == "127.0.0.1:" + std::to_string(port_of(two.fd)));
  for (const int listener : {one.fd, two.fd}) {
    Socket client(connect_to(port_of(listener)));
    CHECK(has(talk(f, client.fd, asked), R"({"status":"ok"})"));
  }
}

TEST_CASE("who comes while no relay runs waits at the passed socket for the next one",
          "[scenario][inherited]") {
  F f;
  Socket listener(listening(INADDR_LOOPBACK));
  f.options.listen_sockets = {listener.fd};
  f.start();
  f.relay->stop();
  f.until([&] { return f.relay->stopped(); });
  f.relay.reset();
  Socket between(connect_to(port_of(listener.fd)));
  f.start();
  CHECK(has(talk(f, between.fd, asked), R"({"status":"ok"})"));
}

TEST_CASE("a Unix socket that was passed keeps its file", "[scenario][inherited]") {
  Folder folder;
  const std::string path = folder.path + "/relay";
  F f;
  Socket listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(listener.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener.fd, 10) == 0);
  f.options.listen_sockets = {listener.fd};
  f.start();
  CHECK(f.relay->addresses() == std::vector<std::string>{"unix:" + path});
  {
    Socket client(unix_client(path));
    CHECK(has(talk(f, client.fd, asked), R"({"status":"ok"})"));
  }
  f.relay->stop();
  f.until([&] { return f.relay->stopped(); });
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("a descriptor that is no socket to listen on is said plainly", "[scenario][inherited]") {
  F f;
  Socket datagrams(bound(INADDR_LOOPBACK, SOCK_DGRAM));
  f.options.listen_sockets = {datagrams.fd};
  const std::string name = "cannot listen on descriptor " + std::to_string(datagrams.fd);
  CHECK(error_of(f) ==
        name + ", which was passed: it is no stream socket (ListenStream= in systemd)");
  Socket listener(listening(INADDR_LOOPBACK));
  Socket connection(connect_to(port_of(listener.fd)));
  f.options.listen_sockets = {connection.fd};
  CHECK(error_of(f) == "cannot listen on descriptor " + std::to_string(connection.fd) +
                           ", which was passed: it is a connection and does not listen (Accept=no "
                           "in systemd)");
  // One that is only bound is listened on.
  Socket only_bound(bound(INADDR_LOOPBACK));
  f.options.listen_sockets = {only_bound.fd};
  CHECK(error_of(f) == "started");
}

TEST_CASE("a passed socket that other machines reach needs a credential", "[scenario][inherited]") {
  F f;
  Socket listener(listening(INADDR_ANY));
  f.options.listen_sockets = {listener.fd};
  CHECK(error_of(f) == "the relay listens on 0.0.0.0:" + std::to_string(port_of(listener.fd)) +
                           ", which other machines can reach, and nothing says who may use it; set "
                           "server.auth.api_key (or another of server.auth), or "
                           "server.allow_public_without_auth = true");
  f.config.server.auth.api_key = Secret("relay-key");
  CHECK(error_of(f) == "started");
}

TEST_CASE("two relays share a port when both say so, and the old one loses nobody",
          "[scenario][inherited]") {
  F f;
  f.add_provider("one");
  f.config.server.reuse_port = true;
  f.start();
  const std::string address = f.relay->addresses()[0];
  f.config.server.listen = address;
  auto next = Relay::attach(f.harness.loop(), f.config, f.options);
  REQUIRE(next);
  CHECK((*next)->addresses()[0] == address);
  // Many, so that some are the old one's; none is accepted yet.
  std::vector<std::unique_ptr<Socket>> clients;
  for (int i = 0; i < 32; ++i) {
    clients.push_back(std::make_unique<Socket>(connect_to(f.relay->port())));
  }
  f.relay->stop();
  f.harness.settle();
  f.harness.advance(milliseconds(300));
  for (const auto& client : clients) {
    CHECK(has(talk(f, client->fd, asked), "HTTP/1.1 "));
  }
  clients.clear();
  f.until([&] { return f.relay->stopped(); });
  for (int i = 0; i < 8; ++i) {
    Socket client(connect_to((*next)->port()));
    CHECK(has(talk(f, client.fd, asked), R"({"status":"ok"})"));
  }
}

TEST_CASE("a port is not shared with a relay that does not say so", "[scenario][inherited]") {
  F f;
  f.start();
  f.config.server.listen = f.relay->addresses()[0];
  f.config.server.reuse_port = true;
  CHECK(has(error_of(f), "the port is in use by "));
  CHECK(has(error_of(f), "To share it both need server.reuse_port = true and the same user"));
  f.config.server.listen = "127.0.0.1:0";
  f.start();
  f.config.server.listen = f.relay->addresses()[0];
  f.config.server.reuse_port = false;
  CHECK(has(error_of(f), "the port is in use by "));
}

TEST_CASE("a new relay takes the place of a Unix socket while the old one drains",
          "[scenario][inherited]") {
  Folder folder;
  const std::string path = folder.path + "/relay";
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(held(Script::message("late")));
  f.config.server.listen = "unix:" + path;
  f.config.server.reuse_port = true;
  f.start();
  auto running = std::make_unique<Socket>(unix_client(path));
  const std::string message = F::post(F::body(false), "Connection: close\r\n");
  REQUIRE(::send(running->fd, message.data(), message.size(), 0) ==
          static_cast<ssize_t>(message.size()));
  f.until([&] { return one.requests().size() == 1; });
  auto waiting = std::make_unique<Socket>(unix_client(path));  // at the old one, and not accepted
  auto next = Relay::attach(f.harness.loop(), f.config, f.options);
  REQUIRE(next);
  f.relay->stop();
  f.harness.settle();
  f.harness.advance(milliseconds(300));
  CHECK(has(talk(f, waiting->fd, asked), R"({"status":"draining"})"));
  waiting.reset();
  {
    Socket client(unix_client(path));
    CHECK(has(talk(f, client.fd, asked), R"({"status":"ok"})"));
  }
  one.release();
  CHECK(has(talk(f, running->fd, ""), "late"));
  running.reset();
  f.until([&] { return f.relay->stopped(); });
  // The file is the new one's by now.
  CHECK(std::filesystem::exists(path));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}
