#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

// A port on which a connection is refused as long as this lives: taken, but nobody listens.
class DeafPort {
 public:
  DeafPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    REQUIRE(::bind(socket_, generic, length) == 0);
    REQUIRE(::getsockname(socket_, generic, &length) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~DeafPort() { ::close(socket_); }
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;

  const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

}  // namespace

TEST_CASE("a refused connection is tried once more and then the next provider is asked",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  const DeafPort nobody;
  RelayFixture f;
  f.add_provider("one");
  f.add_provider("two");
  f.config.providers[0].base_url = nobody.url();
  f.start();
  CHECK(f.ask(request(stream)).status == 200);
  CHECK(tries(f.finished()) == "one:transport one:transport two:success");
}

TEST_CASE("a reset before the head goes to the next provider without a second try", "[scenario]") {
  CHECK(tries_after(Script().reset(), GENERATE(false, true)) == "one:transport two:success");
}

TEST_CASE("a connection closed without an answer goes to the next provider", "[scenario]") {
  CHECK(tries_after(Script().close(), GENERATE(false, true)) == "one:transport two:success");
}

TEST_CASE("a reset inside the head goes to the next provider", "[scenario]") {
  const Script script = Script().send("HTTP/1.1 200 OK\r\ncontent-ty").reset();
  CHECK(tries_after(script, GENERATE(false, true)) == "one:transport two:success");
}

TEST_CASE("bytes that are no HTTP go to the next provider", "[scenario]") {
  const Script script = Script().send("\x16\x03\x01 what is this\r\n\r\n").close();
  CHECK(tries_after(script, GENERATE(false, true)) == "one:transport two:success");
}

TEST_CASE("when nobody can be reached the client is told with 502 who failed", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const Answer answer = alone(Script().reset(), stream);
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "\"type\":\"api_error\""));
  CHECK(has(answer.body, "provider \\\"one\\\""));
}

TEST_CASE("an HTML page with status 200 goes to the next provider", "[scenario]") {
  const Script script = Script::reply(200, "text/html; charset=utf-8", "<html>log in</html>");
  CHECK(tries_after(script, GENERATE(false, true)) == "one:failed two:success");
}

TEST_CASE("an HTML page is never shown to the client", "[scenario]") {
  const Answer answer =
      alone(Script::reply(200, "text/html", "<html>log in</html>"), GENERATE(false, true));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "base_url"));
  CHECK_FALSE(has(answer.body, "log in"));
}

TEST_CASE("a redirect goes to the next provider", "[scenario]") {
  const int status = GENERATE(301, 302, 307, 308);
  const Script script =
      Script::reply(status, "text/plain", "over there", {{"location", "http://127.0.0.1:1/"}});
  CHECK(tries_after(script, GENERATE(false, true)) == "one:failed two:success");
}

TEST_CASE("a lone redirect becomes a 502 that says what to check", "[scenario]") {
  const Answer answer =
      alone(Script::reply(302, "text/plain", "x", {{"location", "/"}}), GENERATE(false, true));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "base_url"));
}
