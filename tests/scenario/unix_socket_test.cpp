#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

namespace {

/// A folder of its own that goes with it.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ccrelay-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

int connected_to(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(path);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

/// A socket file that nobody listens on any more.
void leave_behind(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const sockaddr_un address = address_of(path);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(fd, 1) == 0);
  ::close(fd);
}

std::string ask(F& f, const std::string& path, const std::string& request) {
  const int client = connected_to(path);
  REQUIRE(client >= 0);
  REQUIRE(::send(client, request.data(), request.size(), 0) ==
          static_cast<ssize_t>(request.size()));
  std::string received;
  f.until([&] {
    char part[4096];
    const ssize_t count = ::recv(client, part, sizeof part, MSG_DONTWAIT);
    if (count > 0) received.append(part, static_cast<std::size_t>(count));
    const auto all = parse_answers(received);
    return !all.empty() && all.back().complete;
  });
  ::close(client);
  return received;
}

std::string error_of(F& f) {
  const auto relay = Relay::attach(f.harness.loop(), f.config, f.options);
  return relay ? "started" : relay.error().message;
}

unsigned mode_of(const std::string& path) {
  struct stat about {};
  REQUIRE(::lstat(path.c_str(), &about) == 0);
  return about.st_mode & 0777;
}

}  // namespace

TEST_CASE("the relay serves a Unix socket, from first byte to log", "[scenario]") {
  Folder folder;
  F f;
  f.add_provider("one");
  f.config.server.listen = "unix:" + (folder / "relay");
  f.start();
  REQUIRE(f.relay->addresses().size() == 1);
  CHECK(f.relay->addresses()[0] == f.config.server.listen);
  CHECK(f.relay->port() == 0);
  CHECK(mode_of(folder / "relay") == 0600);
  const std::string answer = ask(f, folder / "relay", F::post(F::body(true)));
  CHECK(answer.find("event: message_stop") != std::string::npos);
  CHECK(f.finished().client == "unix");
}

TEST_CASE("the socket's file goes when the relay stops", "[scenario]") {
  Folder folder;
  F f;
  f.config.server.listen = "unix:" + (folder / "relay");
  f.start();
  f.relay->stop();
  f.until([&] { return f.relay->stopped(); });
  CHECK_FALSE(std::filesystem::exists(folder / "relay"));
}

TEST_CASE("a file that has taken the socket's place is left alone", "[scenario]") {
  Folder folder;
  F f;
  f.config.server.listen = "unix:" + (folder / "relay");
  f.start();
  std::filesystem::remove(folder / "relay");
  std::ofstream(folder / "relay") << "precious";
  f.relay.reset();
  CHECK(std::filesystem::is_regular_file(folder / "relay"));
}

TEST_CASE("the mode of the socket's file is what was asked for", "[scenario]") {
  const mode_t before = ::umask(0077);
  Folder folder;
  F f;
  f.config.server.listen = "unix:" + (folder / "relay");
  f.config.server.unix_mode = "0660";
  if (::getuid() == 0) f.config.server.unix_owner = "root:daemon";
  f.start();
  ::umask(before);
  struct stat about {};
  REQUIRE(::lstat((folder / "relay").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0660);
  if (::getuid() == 0) CHECK(about.st_gid != 0);
}

TEST_CASE("a socket that nobody listens on any more is replaced", "[scenario]") {
  Folder folder;
  leave_behind(folder / "relay");
  F f;
  f.config.server.listen = "unix:" + (folder / "relay");
  f.start();
  CHECK(ask(f, folder / "relay", F::get("/health")).find(R"({"status":"ok"})") !=
        std::string::npos);
}

TEST_CASE("a socket in use is said plainly, and stays in use", "[scenario]") {
  Folder folder;
  F first;
  first.config.server.listen = "unix:" + (folder / "relay");
  first.start();
  CHECK(error_of(first) ==
        "cannot listen on unix:" + (folder / "relay") +
            ": another program listens there; stop it, or choose another path with server.listen "
            "or --listen");
  CHECK(ask(first, folder / "relay", F::get("/health")).find("200 OK") != std::string::npos);
}

TEST_CASE("what is no socket is never removed", "[scenario]") {
  Folder folder;
  std::ofstream(folder / "relay") << "precious";
  std::filesystem::create_directory(folder / "place");
  F f;
  for (const std::string name : {"relay", "place"}) {
    f.config.server.listen = "unix:" + (folder / name);
    CHECK(error_of(f) == "cannot listen on " + f.config.server.listen +
                             ": there is something that is no socket; remove it, or choose another "
                             "path");
    CHECK(std::filesystem::exists(folder / name));
  }
}

TEST_CASE("a Unix socket that can't be made says why", "[scenario]") {
  Folder folder;
  F f;
  f.config.server.listen = "unix:" + (folder / "none/relay");
  CHECK(error_of(f) ==
        "cannot listen on " + f.config.server.listen + ": No such file or directory");
  f.config.server.listen = "unix:" + (folder / std::string(120, 'x'));
  CHECK(error_of(f) == "cannot listen on " + f.config.server.listen +
                           ": the path of a socket has at most 107 bytes");
  f.config.server.listen = "unix:" + (folder / "relay");
  f.config.server.unix_owner = "no-such-user-here";
  CHECK(error_of(f) == "cannot listen on " + f.config.server.listen +
                           ": there is no user no-such-user-here (server.unix_owner)");
  CHECK_FALSE(std::filesystem::exists(folder / "relay"));
  f.config.server.unix_owner = ":no-such-group-here";
  CHECK(error_of(f) == "cannot listen on " + f.config.server.listen +
                           ": there is no group no-such-group-here (server.unix_owner)");
}

TEST_CASE("a client of a Unix socket that leaves cancels its transfer", "[scenario]") {
  Folder folder;
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  f.config.server.listen = "unix:" + (folder / "relay");
  f.start();
  const int client = connected_to(folder / "relay");
  const std::string request = F::post(F::body(true));
  REQUIRE(::send(client, request.data(), request.size(), 0) ==
          static_cast<ssize_t>(request.size()));
  f.until([&] { return provider.requests().size() == 1; });
  ::close(client);
  CHECK(f.finished().ending == Ending::client_gone);
  f.until([&] { return provider.cancelled() == 1; });
}
