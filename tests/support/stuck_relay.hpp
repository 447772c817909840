#pragma once

#include <ccrelay/relay.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string_view>
#include <utility>

#include "catch.hpp"

namespace ccrelay::testing {

/// A relay on threads of its own, one of whose workers hangs in a call of the embedding program's
/// from get_stuck() to go_on().
class StuckRelay {
 public:
  explicit StuckRelay(int workers) {
    Config config;
    config.server.listen = "127.0.0.1:0";
    config.server.workers = workers;
    RelayOptions options;
    options.observer = &observer_;
    auto started = Relay::start(config, options);
    REQUIRE(started);
    relay_ = *std::move(started);
  }
  ~StuckRelay() {
    if (client_ >= 0) ::close(client_);
    go_on();
  }
  StuckRelay(const StuckRelay&) = delete;
  StuckRelay& operator=(const StuckRelay&) = delete;

  Relay& relay() { return *relay_; }

  /// Returns when a worker hangs. Once.
  void get_stuck() {
    client_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(relay_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(client_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    constexpr std::string_view request =
        "POST /v1/messages HTTP/1.1\r\nHost: r\r\nContent-Length: 2\r\n\r\n{}";
    REQUIRE(::send(client_, request.data(), request.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(request.size()));
    observer_.stuck.get_future().wait();
  }
  void go_on() {
    if (!std::exchange(went_on_, true)) observer_.free.set_value();
  }

 private:
  struct Stuck final : Observer {
    void request_finished(const RequestSummary&) override {
      stuck.set_value();
      free.get_future().wait();
    }
    std::promise<void> stuck;
    std::promise<void> free;
  };

  Stuck observer_;
  std::unique_ptr<Relay> relay_;
  int client_ = -1;
  bool went_on_ = false;
};

}  // namespace ccrelay::testing
