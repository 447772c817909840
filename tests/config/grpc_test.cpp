#include <ccrelay/config_load.hpp>

#include <string>

#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;
using test::variables;

namespace {

std::string listening_at(const std::string& address) {
  return "[grpc]\nlisten = \"" + address + "\"\n";
}

}  // namespace

TEST_CASE("gRPC listens where it is told, and nowhere else", "[config][grpc]") {
  CHECK(Config().grpc.listen.empty());
  const auto none = parse_config("", "c.toml", variables());
  REQUIRE(none);
  CHECK(none->grpc.listen.empty());
  for (const char* address : {"127.0.0.1:9090", "[::1]:0", "localhost:9090", "unix:/run/x.sock"}) {
    const auto config = parse_config(listening_at(address), "c.toml", variables());
    if (!config) FAIL(config.error().message);
    CHECK(config->grpc.listen == address);
    CHECK(show_config(*config).find("\n" + listening_at(address)) != std::string::npos);
  }
}

TEST_CASE("what is no address for gRPC is said with its place", "[config][grpc]") {
  CHECK(said_about(listening_at("9090")) ==
        "c.toml:2:10: grpc.listen \"9090\" is not an address to listen on; write host:port, "
        "[v6]:port or :port, with a port from 0 to 65535, or unix:/path");
  CHECK(said_about("[grpc]\nport = 9090").find("grpc.port is unknown; grpc.listen is meant") !=
        std::string::npos);
}

TEST_CASE("of TLS 1.3 alone gRPC does not say that it is kept", "[config][grpc]") {
  const std::string tls =
      "[manage.tls]\ncert_file = \"/c.pem\"\nkey_file = \"/k.pem\"\nmin_version = ";
  CHECK(said_about(listening_at("127.0.0.1:9090") + tls + "\"1.3\"\n") ==
        "c.toml:6:15: manage.tls.min_version \"1.3\" can't be kept at grpc.listen "
        "\"127.0.0.1:9090\": gRPC takes TLS 1.2 too, and can't be told not to; set min_version to "
        "\"1.2\", write grpc.listen = \"unix:/path\", or leave grpc.listen empty");
  CHECK(said_about(listening_at("127.0.0.1:9090") + tls + "\"1.2\"\n") == "ok");
  CHECK(said_about(listening_at("unix:/run/x.sock") + tls + "\"1.3\"\n") == "ok");
  CHECK(said_about(tls + "\"1.3\"\n") == "ok");
}

TEST_CASE("a public address of gRPC needs somebody who may, and TLS", "[config][grpc]") {
  const std::string anywhere = listening_at("0.0.0.0:9090");
  const std::string token = "[[manage.auth.tokens]]\nname = \"a\"\ntoken = \"canary-0123456789\"\n";
  const std::string tls = "[manage.tls]\ncert_file = \"/c.pem\"\nkey_file = \"/k.pem\"\n";
  const auto says = [](const std::string& text, const std::string& words) {
    return said_about(text).find(words) != std::string::npos;
  };
  CHECK(says(anywhere,
             "c.toml:2:10: grpc.listen \"0.0.0.0:9090\" can be reached from other "
             "machines, and nothing says who may manage the relay"));
  CHECK(says(anywhere + token, "tokens would be sent to it in the clear"));
  CHECK(says(anywhere + tls, "nothing says who may"));
  CHECK(said_about(anywhere + token + tls) == "ok");
  CHECK(said_about("[manage]\nallow_public_without_tls = true\n" + anywhere + token) == "ok");
}
