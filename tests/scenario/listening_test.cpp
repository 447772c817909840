#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "loop/tcp.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using F = RelayFixture;

namespace {

bool has_ipv6() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool bound =
      fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) ::close(fd);
  return bound;
}

// Asks for /health at the loopback address of the family.
std::string health_over(F& f, int family) {
  sockaddr_storage address{};
  address.ss_family = static_cast<sa_family_t>(family);
  socklen_t length = sizeof(sockaddr_in);
  if (family == AF_INET6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    v6.sin6_addr = in6addr_loopback;
    v6.sin6_port = htons(f.relay->port());
    length = sizeof v6;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v4.sin_port = htons(f.relay->port());
  }
  const int client = ::socket(family, SOCK_STREAM, 0);
  REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&address), length) == 0);
  const std::string request = F::get("/health");
  REQUIRE(::send(client, request.data(), request.size(), 0) ==
          static_cast<ssize_t>(request.size()));
  char answer[17] = {};
  f.until([&] { return ::recv(client, answer, 16, MSG_DONTWAIT) == 16; });
  ::close(client);
  return answer;
}

loop::ListenAddress resolved(const std::string& listen) {
  const auto addresses = loop::resolve_listen(listen);
  REQUIRE(addresses);
  REQUIRE(addresses->size() == 1);
  return addresses->front();
}

std::string text_of(const std::vector<loop::ListenAddress>& addresses) {
  std::string out;
  for (const auto& address : addresses) out += address.text() + " ";
  return out;
}

}  // namespace

TEST_CASE("the relay listens on IPv6, or says that it can't", "[scenario]") {
  F f;
  f.config.server.listen = "[::1]:0";
  if (!has_ipv6()) {
    // The one address asked for is missed, never passed over.
    const auto relay = Relay::attach(f.harness.loop(), f.config, f.options);
    REQUIRE_FALSE(relay.has_value());
    CHECK(relay.error().message.find("cannot listen on [::1]:0: ") == 0);
    return;
  }
  f.start();
  REQUIRE(f.relay->addresses().size() == 1);
  CHECK(f.relay->addresses()[0] == "[::1]:" + std::to_string(f.relay->port()));
  CHECK(health_over(f, AF_INET6) == "HTTP/1.1 200 OK\r");
}

TEST_CASE("an address that the machine has not is an error when it is the only one", "[scenario]") {
  F f;
  f.config.server.listen = "192.0.2.1:0";  // TEST-NET-1, RFC 5737
  f.config.server.allow_public_without_auth = true;
  const auto relay = Relay::attach(f.harness.loop(), f.config, f.options);
  REQUIRE_FALSE(relay.has_value());
  CHECK(relay.error().message == "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

TEST_CASE("of several addresses those that the machine has not are left out", "[scenario]") {
  const auto here = resolved("127.0.0.1:8787");
  const auto absent = resolved("192.0.2.1:8787");
  const auto absent_v6 = resolved("[2001:db8::1]:8787");
  CHECK(text_of(loop::present_addresses({absent, here, absent_v6})) == "127.0.0.1:8787 ");
  // Nothing is left: the attempt to listen shall say why.
  CHECK(text_of(loop::present_addresses({absent, absent_v6})) ==
        "192.0.2.1:8787 [2001:db8::1]:8787 ");
}

TEST_CASE("an address in use is not taken for one that the machine has not", "[scenario]") {
  F f;
  f.start();
  const auto taken = resolved("127.0.0.1:" + std::to_string(f.relay->port()));
  const auto other = resolved("127.0.0.2:" + std::to_string(f.relay->port()));
  CHECK(loop::present_addresses({taken, other}).size() == 2);
}

TEST_CASE("all addresses of a name or of every interface share one port", "[scenario]") {
  const std::string listen = GENERATE(std::string("localhost:0"), std::string(":0"));
  F f;
  f.config.server.listen = listen;
  f.config.server.allow_public_without_auth = true;
  f.start();
  REQUIRE(f.relay->port() != 0);
  const std::string port = ":" + std::to_string(f.relay->port());
  bool v4 = false;
  bool v6 = false;
  for (const std::string& address : f.relay->addresses()) {
    INFO(address);
    CHECK(address.ends_with(port));
    (address[0] == '[' ? v6 : v4) = true;
  }
  if (v4) CHECK(health_over(f, AF_INET) == "HTTP/1.1 200 OK\r");
  // [::] can be bound where IPv6 is switched off, but nobody reaches it.
  if (v6 && has_ipv6()) CHECK(health_over(f, AF_INET6) == "HTTP/1.1 200 OK\r");
  if (listen == ":0") {
    CHECK(v4);
    CHECK((v6 || !has_ipv6()));
  }
}

TEST_CASE("a port in use is said plainly with who holds it", "[scenario]") {
  F f;
  f.start();
  Config second = f.config;
  second.server.listen = "127.0.0.1:" + std::to_string(f.relay->port());
  const auto relay = Relay::attach(f.harness.loop(), second, f.options);
  REQUIRE_FALSE(relay.has_value());
  CHECK(relay.error().code == ErrorCode::network);
  CHECK(relay.error().message ==
        "cannot listen on " + second.server.listen + ": the port is in use by test_scenario (pid " +
            std::to_string(::getpid()) +
            "); stop that program or choose another port with server.listen or --listen");
}

TEST_CASE("stopping lets a running stream finish, and closes what stays idle", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  const auto events = Script::events("hello");
  Script script = Script::stream_head();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i == 4) script.hold();
    script.chunk(events[i]);
  }
  provider.enqueue(script.last_chunk());
  f.start();
  const auto idle = f.connect();
  idle->send(F::get("/health"));
  answers(f, *idle, 1);
  const auto running = f.connect();
  running->send(F::post(F::body(true)));
  f.until([&] { return running->received().find(events[3]) != std::string::npos; });
  f.relay->stop();
  f.harness.settle();
  f.harness.advance(milliseconds(1'100));
  f.until([&] { return idle->eof(); });
  idle->close();
  CHECK_FALSE(f.relay->stopped());
  CHECK_FALSE(running->gone());
  provider.release();
  f.until([&] { return !running->answers().empty() && running->answers()[0].complete; });
  f.harness.settle();
  f.harness.advance(milliseconds(2'000));  // client_linger_ms: its head promised to stay
  f.until([&] { return running->eof(); });
  REQUIRE(running->answers().size() == 1);
  CHECK(running->answers()[0].complete);
  std::string expected;
  for (const auto& event : events) expected += event;
  CHECK(running->answers()[0].body == expected);
  running->close();
  f.until([&] { return f.relay->stopped(); });
}

TEST_CASE("a stopping relay takes no new connection", "[scenario]") {
  F f;
  f.start();
  f.relay->stop();
  f.until([&] { return f.relay->stopped(); });
  const auto client = f.connect();
  f.until([&] { return client->gone(); });
  CHECK(client->received().empty());
}

TEST_CASE("a request that was on its way when the relay began to stop hears of it", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("GET /health HTTP/1.1\r\nHo");
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.relay->stop();
  f.harness.settle();
  client->send("st: relay\r\n\r\n");
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 503);
  CHECK(client->answers()[0].body == R"({"status":"draining"})");
  CHECK(client->answers()[0].headers.get("connection") == "close");
}

TEST_CASE("stopping twice is stopping once", "[scenario]") {
  F f;
  f.start();
  f.relay->stop();
  f.relay->stop();
  f.until([&] { return f.relay->stopped(); });
  f.relay->stop();
  CHECK(f.relay->stopped());
}
