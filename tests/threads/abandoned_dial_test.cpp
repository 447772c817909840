#include <ccrelay/testing/loop_harness.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "catch.hpp"
#include "loop/loop.hpp"
#include "upstream/client.hpp"

using namespace ccrelay;

namespace {

/// A port where a connection is neither taken nor refused: its queue is full.
class DeafPort {
 public:
  DeafPort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, any, size) == 0);
    REQUIRE(::listen(listener_, 0) == 0);
    REQUIRE(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
    for (const int filler : fillers_) ::connect(filler, any, size);
  }
  ~DeafPort() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  static int open_one() { return ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

  int listener_ = open_one();
  std::array<int, 4> fillers_{open_one(), open_one(), open_one(), open_one()};
  int port_ = 0;
};

struct NoSink final : upstream::TransferSink {
  void on_connected(bool) override { ++told; }
  void on_head(ResponseHead) override { ++told; }
  upstream::Flow on_body(std::string_view) override { return upstream::Flow::taken; }
  void on_done(const upstream::TransferResult&) override { ++told; }
  int told = 0;
};

}  // namespace

// The library lets go of a number before it tells us; the number is another thread's by then.
TEST_CASE("An abandoned dial touches no descriptor that another thread has got since",
          "[threads][upstream]") {
  const DeafPort port;
  std::atomic<bool> stop = false;
  std::thread other([&stop] {
    while (!stop) {
      const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (socket >= 0) ::close(socket);
    }
  });

  testing::LoopHarness harness;
  {
    loop::Loop loop(harness.loop(), harness.clock());
    upstream::Client client(loop);
    upstream::Destination endpoint;
    endpoint.origin = port.url();
    const Headers headers;
    NoSink sink;
    for (int i = 0; i < 1000; ++i) {
      auto transfer = client.start({endpoint, "GET", endpoint.origin + "/", headers, {}}, sink);
      for (int turn = 0; turn < 3; ++turn) uv_run(&harness.loop(), UV_RUN_NOWAIT);
      CHECK(client.running() == 1);
      transfer.reset();
    }
    CHECK(sink.told == 0);
    CHECK(client.running() == 0);
  }
  // Before the loop: libuv closes its own by a system call that ThreadSanitizer does not see.
  stop = true;
  other.join();
}
