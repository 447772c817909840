#include "../../app/http_get.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "catch.hpp"
#include "config/scratch_directory.hpp"

namespace ccrelay::app {
namespace {

using namespace std::chrono_literals;

// A listening socket: on a free loopback port, or wherever it is told.
struct Listener {
  int socket = -1;
  std::string address;

  Listener() {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    open(name);
    address = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
  }
  template <class Name>
  explicit Listener(Name& name) {
    open(name);
  }
  ~Listener() {
    if (socket >= 0) ::close(socket);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  template <class Name>
  void open(Name& name) {
    auto* any = reinterpret_cast<sockaddr*>(&name);
    socket = ::socket(any->sa_family, SOCK_STREAM, 0);
    socklen_t size = sizeof name;
    REQUIRE(::bind(socket, any, size) == 0);
    REQUIRE(::listen(socket, 1) == 0);
    REQUIRE(::getsockname(socket, any, &size) == 0);
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

struct Exchange {
  Result<HttpAnswer> answer;
  std::string request;
};

// Asks a server that gives this one answer.
Exchange ask(const Listener& listener, const std::string& said, const std::string& token = {}) {
  std::string request;
  std::thread server([&] { request = answer_once(listener, said); });
  Result<HttpAnswer> answer = http_get(listener.address, "/x", 5s, token);
  server.join();
  return {std::move(answer), request};
}

// The port differs from run to run.
std::string without_place(const Error& error) {
  return error.message.substr(error.message.find(' ') + 1);
}

std::string error_after(const std::string& said) {
  const Exchange exchange = ask(Listener(), said);
  return exchange.answer ? "none" : without_place(exchange.answer.error());
}

Result<std::string> health_of(const std::string& answer) {
  const Listener listener;
  std::thread server([&listener, &answer] { answer_once(listener, answer); });
  Result<std::string> health = relay_health(listener.address, 5s);
  server.join();
  if (health) return health;
  return Error{health.error().code, without_place(health.error())};
}

// A variable of the environment as long as this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("a GET sends a complete request and takes the answer's status and body", "[app]") {
  const Listener listener;
  const auto [answer, request] = ask(listener, "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nhi");
  REQUIRE(answer.has_value());
  CHECK(answer->status == 503);
  CHECK(answer->body == "hi");
  CHECK(request ==
        "GET /x HTTP/1.1\r\nHost: " + listener.address + "\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a token is sent as Bearer, and no error holds it", "[app]") {
  const auto [answer, request] = ask(Listener(), "nonsense", "canary");
  CHECK(request.find("\r\nAuthorization: Bearer canary\r\n") != std::string::npos);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message.find("canary") == std::string::npos);
}

TEST_CASE("no proxy of the environment is asked", "[app]") {
  const Listener proxy;
  const Variable one("http_proxy", "http://" + proxy.address);
  const Variable other("ALL_PROXY", "http://" + proxy.address);
  const Exchange exchange = ask(Listener(), "HTTP/1.1 200 OK\r\n\r\n");
  CHECK(exchange.answer.has_value());
}

TEST_CASE("a redirect is an answer like another", "[app]") {
  const Listener elsewhere;
  const auto [answer, request] =
      ask(Listener(), "HTTP/1.1 302 x\r\nLocation: http://" + elsewhere.address + "/\r\n\r\n", "t");
  REQUIRE(answer.has_value());
  CHECK(answer->status == 302);
}

TEST_CASE("an answer in chunks is put together", "[app]") {
  const auto [answer, request] =
      ask(Listener(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
  REQUIRE(answer.has_value());
  CHECK(answer->body == "hi");
}

TEST_CASE("an answer that is cut or does not end is none", "[app]") {
  CHECK(error_after("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi") == "the answer was cut");
  const std::string endless(2 << 20, 'x');
  CHECK(error_after("HTTP/1.1 200 OK\r\n\r\n" + endless) ==
        "what answers there says more than 1048576 bytes");
}

TEST_CASE("a relay on an IPv6 address is reached", "[app]") {
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_addr = in6addr_loopback;
  const int trial = ::socket(AF_INET6, SOCK_STREAM, 0);
  const bool available =
      trial >= 0 && ::bind(trial, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  ::close(trial);
  if (!available) return;  // a machine without it
  Listener listener(name);
  listener.address = "[::1]:" + std::to_string(ntohs(name.sin6_port));
  const auto [answer, request] = ask(listener, "HTTP/1.1 200 OK\r\n\r\n");
  CHECK(answer.has_value());
  CHECK(request.find("\r\nHost: " + listener.address + "\r\n") != std::string::npos);
}

TEST_CASE("a relay on a Unix socket is reached", "[app]") {
  const test::ScratchDirectory scratch;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = scratch.path() + "/relay";
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  Listener listener(name);
  listener.address = "unix:" + path;
  const auto [answer, request] = ask(listener, "HTTP/1.1 200 OK\r\n\r\n");
  CHECK(answer.has_value());
  CHECK(request.rfind("GET /x HTTP/1.1\r\nHost: relay\r\n", 0) == 0);
}

TEST_CASE("a Unix socket that is not there, or can't be, says so", "[app]") {
  CHECK(http_get("unix:/nowhere/relay", "/", 5s).error().message ==
        "unix:/nowhere/relay: No such file or directory");
  const std::string place = "unix:/" + std::string(200, 'x');
  CHECK(http_get(place, "/", 5s).error().message == place + ": File name too long");
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
