#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "catch.hpp"
#include "upstream/client_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::upstream;

namespace {

/// A server that takes one connection and reads only what it is told to. The fake provider answers
/// whole requests alone.
class RudeServer {
 public:
  RudeServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, any, size) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    REQUIRE(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~RudeServer() {
    end();
    ::close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  bool accept() {
    if (peer_ < 0) peer_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    return peer_ >= 0;
  }
  void say(const std::string& text) {
    REQUIRE(::send(peer_, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  /// What has come by now.
  std::string read() {
    std::string all(1 << 20, '\0');
    const ssize_t count = ::recv(peer_, all.data(), all.size(), 0);
    all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return all;
  }
  /// With bytes unread this is a RST.
  void end() {
    if (peer_ >= 0) ::close(peer_);
    peer_ = -1;
  }

 private:
  int listener_;
  int peer_ = -1;
  int port_ = 0;
};

/// A scene in which the provider is rude.
struct RudeScene : Scene {
  RudeScene() { endpoint.origin = server.url(); }
  /// Starts a request that is too large to be out before somebody reads it.
  void start_large(Listener& listener) {
    start(listener, "POST", {large});
    REQUIRE(harness.run_until([&] { return server.accept(); }));
  }
  void finish(Listener& listener) {
    REQUIRE(harness.run_until([&] { return listener.done(); }));
  }

  const std::string large = std::string(20'000'000, 'x');
  RudeServer server;
};

constexpr std::string_view too_large =
    "HTTP/1.1 413 Content Too Large\r\ncontent-length: 4\r\n\r\nmuch";

}  // namespace

TEST_CASE("an answer before the request was read is the answer", "[upstream]") {
  const bool closes = GENERATE(false, true);
  CAPTURE(closes);
  RudeScene scene;
  Listener listener;
  scene.start_large(listener);
  scene.harness.settle();
  CHECK(listener.transfer->needs_body());
  scene.server.say(std::string(too_large));
  if (closes) scene.server.end();
  scene.finish(listener);
  CHECK(listener.result().end == End::complete);
  CHECK(listener.status() == 413);
  CHECK(listener.body == "much");
  CHECK_FALSE(listener.transfer->needs_body());
  // The rest of the request would be read as the next one.
  CHECK(scene.client.idle_connections() == 0);
}

TEST_CASE("a request is sent to its end under an answer that has begun", "[upstream]") {
  RudeScene scene;
  Listener listener;
  scene.start_large(listener);
  scene.server.say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst");
  REQUIRE(scene.harness.run_until([&] { return listener.body == "first"; }));
  CHECK(listener.transfer->needs_body());
  std::size_t read = 0;
  REQUIRE(scene.harness.run_until([&] {
    read += scene.server.read().size();
    return read > scene.large.size();
  }));
  scene.harness.settle();
  CHECK_FALSE(listener.transfer->needs_body());
  scene.server.say("last");
  scene.finish(listener);
  CHECK(listener.result().end == End::complete);
  CHECK(listener.body == "firstlast");
  CHECK(scene.client.idle_connections() == 1);
}

TEST_CASE("a connection that is cut under the request is a reset", "[upstream]") {
  RudeScene scene;
  Listener listener;
  scene.start_large(listener);
  scene.harness.settle();
  scene.server.end();
  scene.finish(listener);
  CHECK(listener.result().end == End::reset);
  CHECK(listener.result().request_sent);
  CHECK_FALSE(listener.result().stale);
}

TEST_CASE("an answer is the same whichever way it is cut on the wire", "[upstream]") {
  const std::string answer =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\n\r\n";
  RudeScene scene;
  for (std::size_t cut = 1; cut < answer.size(); cut += 3) {
    CAPTURE(cut);
    Listener listener;
    scene.start(listener, "POST", {"{}"});
    REQUIRE(scene.harness.run_until(
        [&] { return scene.server.accept() && !scene.server.read().empty(); }));
    scene.server.say(answer.substr(0, cut));
    scene.harness.settle();
    CHECK_FALSE(listener.done());
    scene.server.say(answer.substr(cut));
    scene.finish(listener);
    CHECK(listener.result().end == End::complete);
    CHECK(listener.header("x") == "y");
    CHECK(listener.body == "hello");
  }
}
