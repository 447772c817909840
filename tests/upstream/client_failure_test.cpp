#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "catch.hpp"
#include "support/paths.hpp"
#include "upstream/client_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::upstream;

namespace {

/// A port that is taken but where nobody listens.
class RefusingPort {
 public:
  RefusingPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket_, any, size) == 0);
    REQUIRE(getsockname(socket_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~RefusingPort() { close(socket_); }
  std::string where() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

std::string where(const Scene& scene) {
  return "127.0.0.1:" + std::to_string(scene.provider.port());
}

std::string invalid(const Scene& scene, const std::string& why) {
  return "the answer of " + where(scene) + " is not valid HTTP/1.1: " + why +
         "; check that base_url names an HTTP server";
}

}  // namespace

TEST_CASE("a refused connection says where and what to check", "[upstream]") {
  Scene scene;
  const RefusingPort port;
  scene.endpoint.origin = "http://" + port.where();
  Listener listener;
  scene.run(listener, "POST", {"{}"});
  CHECK(listener.result().end == End::connect);
  CHECK_FALSE(listener.result().request_sent);
  CHECK(listener.result().detail == "cannot connect to " + port.where() +
                                        ": Connection refused; check base_url and that it can be "
                                        "reached from here");
  CHECK(listener.connected.empty());
}

TEST_CASE("a transfer may be destroyed while its host is looked up", "[upstream]") {
  Scene scene;
  scene.endpoint.origin = "http://provider.invalid";
  Listener listener;
  scene.start(listener);
  scene.harness.settle();
  listener.transfer.reset();
  CHECK(scene.client.running() == 0);
}

TEST_CASE("a URL that is none ends like a failed connection", "[upstream]") {
  Scene scene;
  scene.endpoint.origin = GENERATE("http://", "http://user:password@127.0.0.1", "ftp://127.0.0.1",
                                   "http://127.0.0.1:99999");
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::connect);
  CHECK_FALSE(listener.result().request_sent);
  CHECK(listener.result().detail != "");
  CHECK(listener.result().detail.find("password") == std::string::npos);
}

TEST_CASE("a connection lost before or inside the answer is a reset", "[upstream]") {
  struct Row {
    const char* sent;
    bool orderly;
    const char* detail;
  };
  const Row row = GENERATE(Row{"", true, " closed the connection without an answer"},
                           Row{"", false, " cut the connection before its answer"},
                           Row{"HTTP/1.1 20", true, " closed the connection without an answer"},
                           Row{"HTTP/1.1 200 OK\r\ncontent-le", true,
                               " closed the connection inside the head of its answer"},
                           Row{"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n", true,
                               " closed the connection inside the head of its answer"},
                           Row{"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n", false,
                               " closed the connection inside the head of its answer"},
                           Row{"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", true,
                               " closed the connection inside its answer"},
                           Row{"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", false,
                               " closed the connection inside its answer"},
                           Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                               true, " closed the connection inside its answer"});
  CAPTURE(row.sent, row.orderly);
  Scene scene;
  Script script;
  script.send(row.sent).hold();
  scene.provider.enqueue(row.orderly ? script.close() : script.reset());
  Listener listener;
  scene.start(listener, "POST", {"{}"});
  REQUIRE(scene.harness.run_until([&] { return scene.provider.requests().size() == 1; }));
  scene.harness.settle();
  scene.provider.release();
  REQUIRE(scene.harness.run_until([&] { return listener.done(); }));
  CHECK(listener.result().end == End::reset);
  CHECK(listener.result().request_sent);
  CHECK(listener.result().detail == where(scene) + row.detail);
  CHECK(listener.heads.size() ==
        (std::string(row.sent).ends_with("half") || std::string(row.sent).ends_with("half\r\n")
             ? 1
             : 0));
}

TEST_CASE("an answer that is no HTTP/1.1 is refused", "[upstream]") {
  struct Row {
    const char* sent;
    const char* why;  // empty: whatever words curl has for it
  };
  const Row row = GENERATE(
      Row{"SSH-2.0-OpenSSH_9.2p1\r\n", ""}, Row{"<html>hello</html>\n", ""},
      Row{"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\na b: c\r\n\r\n", "a line of its head is no header field"},
      Row{"HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n", "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 200 OK\r\na: b\x01\r\n\r\n", "a header line contains a control character"},
      Row{"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
          "it switches to a protocol nobody asked for"},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", ""});
  CAPTURE(row.sent);
  Scene scene;
  scene.provider.enqueue(Script().send(row.sent).close());
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::protocol);
  INFO(listener.result().detail);
  if (*row.why) {
    CHECK(listener.result().detail == invalid(scene, row.why));
  } else {
    CHECK(listener.result().detail.starts_with("the answer of " + where(scene)));
    CHECK(listener.result().detail.size() > invalid(scene, "").size());
  }
}

TEST_CASE("a head of more than 256 KiB is refused", "[upstream]") {
  Scene scene;
  Script script;
  script.send("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 300; ++i) script.send("x-fill: " + std::string(1014, 'x') + "\r\n");
  scene.provider.enqueue(script.send("content-length: 0\r\n\r\n"));
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::protocol);
  CHECK(listener.result().detail == invalid(scene, "its head is larger than 256 KiB"));
  CHECK(listener.heads.empty());
}

TEST_CASE("a header line of 300 KiB is refused", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(
      Script().send("HTTP/1.1 200 OK\r\nx: " + std::string(300'000, 'x') + "\r\n\r\n"));
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::protocol);
  CHECK(listener.result().detail == invalid(scene, "a line of its head is too long"));
}

TEST_CASE("a provider whose certificate is good is spoken to", "[upstream]") {
  Scene scene(tls("server"));
  for (int i = 0; i < 3; ++i) {
    Listener listener;
    scene.run(listener, "POST", {"{}"});
    CHECK(listener.result().end == End::complete);
    CHECK(listener.result().detail == "");
    CHECK(listener.status() == 200);
  }
  CHECK(scene.provider.connections_accepted() == 1);
  // Closed by the provider: the TLS way of saying so comes in on the pooled connection.
  scene.provider.close_connections();
  scene.harness.settle();
  Listener again;
  scene.run(again);
  CHECK(again.result().end == End::complete);
  CHECK(again.connected == std::vector<bool>{false});
}

TEST_CASE("a certificate that does not hold ends the transfer and says why", "[upstream]") {
  struct Row {
    const char* certificate;
    const char* ca;
    const char* detail;  // with "HOST" for how this version of curl calls the address
  };
  const std::string folder = testing::test_data() + "/tls/";
  const Row row = GENERATE(
      Row{"server", "",
          "SSL certificate problem: unable to get local issuer certificate; if its CA is a private "
          "one, name its file in ca_file"},
      Row{"server", "other-ca.pem",
          "SSL certificate problem: unable to get local issuer certificate; its CA is not in "
          "ca_file "},
      Row{"expired", "ca.pem",
          "SSL certificate problem: certificate has expired; its certificate must be renewed, or "
          "this clock is wrong"},
      Row{"wrong-host", "ca.pem",
          "SSL: no alternative certificate subject name matches target HOST '127.0.0.1'; the "
          "certificate is for another host: check base_url"});
  CAPTURE(row.certificate, row.ca);
  Scene scene(tls(row.certificate));
  scene.endpoint.ca_file = *row.ca ? folder + row.ca : "";
  Listener listener;
  scene.run(listener, "POST", {"{}"});
  CHECK(listener.result().end == End::tls);
  CHECK_FALSE(listener.result().request_sent);
  std::string detail = "TLS with " + where(scene) + " failed: " + row.detail;
  if (const auto place = detail.find("HOST"); place != std::string::npos) {
    const bool by_family = listener.result().detail.find("ipv4 address") != std::string::npos;
    detail.replace(place, 4, by_family ? "ipv4 address" : "host name");
  }
  if (detail.ends_with(' ')) detail += scene.endpoint.ca_file;
  CHECK(listener.result().detail == detail);
  CHECK(listener.connected.empty());
  CHECK(scene.provider.requests().empty());
}

TEST_CASE("a pooled connection serves only those who trust the same CA file", "[upstream]") {
  Scene scene(tls("server"));
  const std::string folder = testing::test_data() + "/tls/";
  const auto end_with = [&scene](const std::string& ca_file) {
    Destination endpoint = scene.endpoint;
    endpoint.ca_file = ca_file;
    Listener listener;
    listener.transfer =
        scene.client.start({endpoint, "GET", endpoint.origin + "/", {}, {}}, listener);
    REQUIRE(scene.harness.run_until([&listener] { return listener.done(); }));
    return listener.result().end;
  };
  CHECK(end_with(folder + "ca.pem") == End::complete);
  CHECK(end_with(folder + "other-ca.pem") == End::tls);
  CHECK(end_with("") == End::tls);
  CHECK(end_with(folder + "ca.pem") == End::complete);
  CHECK(scene.provider.requests().size() == 2);
}

TEST_CASE("a CA file that has changed is read again", "[upstream]") {
  const std::string folder = testing::test_data() + "/tls/";
  const auto file = std::filesystem::temp_directory_path() /
                    ("cc-relay-ca-" + std::to_string(::getpid()) + ".pem");
  const auto become = [&file](const std::string& other) {
    std::filesystem::remove(file);
    std::filesystem::copy_file(other, file);
  };
  Scene scene(tls("server"));
  scene.endpoint.ca_file = file.string();
  for (const bool trusted : {false, true}) {
    become(folder + (trusted ? "ca.pem" : "other-ca.pem"));
    Listener listener;
    scene.run(listener);
    CHECK((listener.result().end == End::complete) == trusted);
    scene.provider.close_connections();
    scene.harness.settle();
  }
  std::filesystem::remove(file);
}

TEST_CASE("a CA file that cannot be read is named", "[upstream]") {
  Scene scene(tls("server"));
  scene.endpoint.ca_file = "/nowhere/ca.pem";
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::tls);
  CHECK(listener.result().detail == "cannot read ca_file /nowhere/ca.pem to verify " +
                                        where(scene) +
                                        "; it must be a readable PEM file of CA certificates");
}

TEST_CASE("TLS to a port that speaks none says so", "[upstream]") {
  Scene scene;
  scene.endpoint.origin = "https://" + where(scene);
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::tls);
  CHECK_THAT(listener.result().detail,
             Catch::Matchers::EndsWith("; check that base_url's port speaks TLS"));
}
