// A crowd of clients that come at once.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "loop/loop.hpp"
#include "loop/tcp.hpp"

using namespace ccrelay;

namespace {

struct Guests final : loop::AcceptSink {
  std::vector<std::unique_ptr<loop::Stream>> streams;
  void on_connection(std::unique_ptr<loop::Stream> stream) override {
    streams.push_back(std::move(stream));
  }
  void on_accept_failed(int error) override { errors.push_back(error); }
  std::vector<int> errors;
};

/// Sockets that are connected, whether or not they have been accepted.
struct Clients {
  std::vector<int> sockets;

  void connect(const loop::ListenAddress& address, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      REQUIRE(::connect(sockets.back(), reinterpret_cast<const sockaddr*>(&address.storage),
                        sizeof(sockaddr_in)) == 0);
    }
  }
  ~Clients() {
    for (const int socket : sockets) ::close(socket);
  }
};

struct Stage {
  uv_loop_t uv;
  std::unique_ptr<loop::Loop> loop;
  Guests guests;
  std::unique_ptr<loop::Acceptor> acceptor;
  Clients clients;

  Stage() {
    REQUIRE(loop::init_loop(uv));
    loop = std::make_unique<loop::Loop>(uv, Clock::system());
    auto addresses = loop::resolve_listen("127.0.0.1:0");
    REQUIRE(addresses);
    auto listening = loop::Acceptor::listen(*loop, addresses->front(), {}, guests);
    REQUIRE(listening);
    acceptor = std::move(*listening);
  }
  ~Stage() {
    acceptor.reset();
    guests.streams.clear();
    loop.reset();
    uv_run(&uv, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&uv) == 0);
  }
};

}  // namespace

TEST_CASE("of a crowd that comes at once some are accepted in each turn, and in the end all") {
  Stage stage;
  stage.clients.connect(stage.acceptor->address(), 300);
  std::size_t most = 0;
  while (stage.guests.streams.size() < 300) {
    const std::size_t before = stage.guests.streams.size();
    uv_run(&stage.uv, UV_RUN_ONCE);
    most = std::max(most, stage.guests.streams.size() - before);
  }
  CHECK(most > 1);
  CHECK(most <= 2 * 64);
}

TEST_CASE("an acceptor that goes away while a crowd waits takes nobody else") {
  Stage stage;
  stage.clients.connect(stage.acceptor->address(), 300);
  while (stage.guests.streams.empty()) uv_run(&stage.uv, UV_RUN_ONCE);
  const std::size_t taken = stage.guests.streams.size();
  stage.acceptor.reset();
  for (int turn = 0; turn < 3; ++turn) uv_run(&stage.uv, UV_RUN_NOWAIT);
  CHECK(stage.guests.streams.size() == taken);
}
