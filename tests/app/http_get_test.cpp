#include "../../app/http_get.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "catch.hpp"

namespace ccrelay::app {
namespace {

using namespace std::chrono_literals;

// A listening socket on a free loopback port.
struct Listener {
  int socket = -1;
  std::string address;

  Listener() {
    socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&name), size) == 0);
    REQUIRE(::listen(socket, 1) == 0);
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) == 0);
    address = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
  }
  ~Listener() {
    if (socket >= 0) ::close(socket);
  }
};

// Reads one request, gives this answer and closes. Returns the request.
std::string answer_once(const Listener& listener, const std::string& answer) {
  const int client = ::accept(listener.socket, nullptr, nullptr);
  std::string request;
  char part[1024];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(client, part, sizeof part, 0);
    if (count <= 0) break;
    request.append(part, static_cast<std::size_t>(count));
  }
  ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  ::close(client);
  return request;
}

Result<std::string> health_of(const std::string& answer) {
  const Listener listener;
  std::thread server([&listener, &answer] { answer_once(listener, answer); });
  Result<std::string> health = relay_health(listener.address, 5s);
  server.join();
  if (health) return health;
  // The port differs from run to run.
  const std::string& message = health.error().message;
  return Error{health.error().code, message.substr(message.find(' ') + 1)};
}

}  // namespace

TEST_CASE("a relay on all addresses is reached over the loopback", "[app]") {
  CHECK(*local_url("127.0.0.1:8787") == "http://127.0.0.1:8787");
  CHECK(*local_url("localhost:1") == "http://localhost:1");
  CHECK(*local_url("0.0.0.0:8787") == "http://127.0.0.1:8787");
  CHECK(*local_url(":8787") == "http://127.0.0.1:8787");
  CHECK(*local_url("[::]:8787") == "http://[::1]:8787");
  CHECK(*local_url("[::1]:8787") == "http://[::1]:8787");
  ServerConfig secure;
  secure.tls.cert_file = "x";
  CHECK(*local_url(secure) == "https://127.0.0.1:8787");
  CHECK_FALSE(local_url("unix:/run/relay").has_value());
  CHECK(local_url("8787").error().message == "8787 is not an address and a port");
  CHECK(local_url("host:").error().message == "host: is not an address and a port");
}

TEST_CASE("a GET sends a complete request and takes the answer's status and body", "[app]") {
  const Listener listener;
  std::string request;
  std::thread server([&listener, &request] {
    request = answer_once(listener, "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nhi");
  });
  const auto answer = http_get(listener.address, "/x", 5s);
  server.join();
  REQUIRE(answer.has_value());
  CHECK(answer->status == 503);
  CHECK(answer->body == "hi");
  CHECK(request ==
        "GET /x HTTP/1.1\r\nHost: " + listener.address + "\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a relay says how it does", "[app]") {
  CHECK(*health_of("HTTP/1.1 200 OK\r\n\r\n{\"status\":\"ok\"}") == "ok");
  CHECK(*health_of("HTTP/1.1 503 x\r\n\r\n{\"status\":\"draining\"}") == "draining");
}

TEST_CASE("something else on the relay's port is told apart", "[app]") {
  CHECK(health_of("HTTP/1.1 200 OK\r\n\r\n<html>").error().message ==
        "what answers there is not cc-relay");
  CHECK(health_of("SSH-2.0-OpenSSH\r\n").error().message ==
        "what answers there does not speak HTTP/1.1");
  CHECK(health_of("").error().message == "what answers there does not speak HTTP/1.1");
}

TEST_CASE("a port nobody listens on is a network error", "[app]") {
  std::string address;
  {
    const Listener closed_again;
    address = closed_again.address;
  }
  const auto answer = http_get(address, "/", 5s);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::network);
  CHECK(answer.error().message == address + ": Connection refused");
}

TEST_CASE("a server that never answers is given up at the deadline", "[app]") {
  const Listener silent;
  const auto answer = http_get(silent.address, "/", 50ms);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message == silent.address + ": Connection timed out");
}

}  // namespace ccrelay::app
