// The front of a whole relay: who is connected when it ends, and where it lives on a loop of the
// program's own.

#include <ccrelay/relay.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include <cstring>
#include <memory>
#include <string>

#include "catch.hpp"
#include "config/scratch_directory.hpp"

using namespace ccrelay;

namespace {

Config managed(const std::string& socket) {
  Config config;
  config.server.listen = "127.0.0.1:0";
  config.manage.socket = socket;
  return config;
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

// Somebody who waits for as long as it takes.
class Somebody {
 public:
  explicit Somebody(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Somebody() { ::close(socket_); }
  Somebody(const Somebody&) = delete;
  Somebody& operator=(const Somebody&) = delete;

  bool connected() const { return connected_; }
  void ask(const std::string& path) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    REQUIRE(::write(socket_, request.data(), request.size()) ==
            static_cast<ssize_t>(request.size()));
  }
  /// Until this has come, or the end.
  bool hears(const std::string& words) {
    while (heard_.find(words) == std::string::npos) {
      char bytes[4096];
      const ssize_t count = ::read(socket_, bytes, sizeof bytes);
      if (count <= 0) return false;
      heard_.append(bytes, static_cast<std::size_t>(count));
    }
    return true;
  }
  /// Whether there is something; waits for a moment, so that somebody else gets on.
  bool has_heard() const {
    pollfd wait{socket_, POLLIN, 0};
    return ::poll(&wait, 1, 1) > 0;
  }
  bool hears_the_end() { return !hears("what nobody says"); }
  const std::string& heard() const { return heard_; }

 private:
  const int socket_;
  bool connected_ = false;
  std::string heard_;
};

}  // namespace

TEST_CASE("a relay that is nowhere to be managed has neither socket nor address", "[api]") {
  auto relay = Relay::start(managed(""));
  REQUIRE(relay);
  CHECK((*relay)->manage_addresses().empty());
}

TEST_CASE("a relay that stops waits for those who look, and ends their streams", "[api]") {
  const test::ScratchDirectory folder;
  const std::string path = folder.path() + "/m.sock";
  auto relay = Relay::start(managed(path));
  if (!relay) FAIL(relay.error().message);
  CHECK((*relay)->manage_addresses() == std::vector<std::string>{"unix:" + path});
  Somebody idle(path), watching(path);
  idle.ask("/api/v1/info");
  CHECK(idle.hears("\"cc-relay\""));
  watching.ask("/api/v1/requests:watch");
  CHECK(watching.hears("text/event-stream"));
  (*relay)->stop();
  (*relay)->wait();
  CHECK((*relay)->stopped());
  CHECK_FALSE(exists(path));
  CHECK(watching.hears_the_end());
  // The end of a chunked body: the stream is whole (RFC 9112 section 7.1).
  CHECK(watching.heard().ends_with("0\r\n\r\n"));
  CHECK(idle.hears_the_end());
  CHECK_FALSE(Somebody(path).connected());
}

TEST_CASE("a relay that is destroyed cuts those who look", "[api]") {
  const test::ScratchDirectory folder;
  const std::string path = folder.path() + "/m.sock";
  auto relay = Relay::start(managed(path));
  REQUIRE(relay);
  Somebody watching(path);
  watching.ask("/api/v1/requests:watch");
  CHECK(watching.hears("text/event-stream"));
  relay->reset();
  CHECK(watching.hears_the_end());
  CHECK_FALSE(exists(path));
}

TEST_CASE("an attached relay is managed beside the program's loop, and keeps it until it has ended",
          "[api]") {
  const test::ScratchDirectory folder;
  const std::string path = folder.path() + "/m.sock";
  uv_loop_t uv;
  REQUIRE(uv_loop_init(&uv) == 0);
  int told = 0;
  {
    RelayOptions options;
    options.stopped = [&] { ++told; };
    auto relay = Relay::attach(uv, managed(path), options);
    if (!relay) FAIL(relay.error().message);
    Somebody watching(path);
    watching.ask("/api/v1/requests:watch");
    // What is about running requests is asked of the loop.
    while (!watching.has_heard()) uv_run(&uv, UV_RUN_NOWAIT);
    CHECK(watching.hears("text/event-stream"));
    (*relay)->stop();
    CHECK(uv_run(&uv, UV_RUN_DEFAULT) == 0);
    CHECK(told == 1);
    CHECK((*relay)->stopped());
    CHECK(watching.hears_the_end());
  }
  uv_run(&uv, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&uv) == 0);
}
