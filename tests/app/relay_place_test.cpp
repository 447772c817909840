#include "../../app/relay_place.hpp"

#include "catch.hpp"

namespace ccrelay::app {

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

TEST_CASE("a relay on all addresses is asked where it may listen, one after the other", "[app]") {
  using Urls = std::vector<std::string>;
  CHECK(*urls_to_try(":8787") == Urls{"http://127.0.0.1:8787", "http://[::1]:8787"});
  CHECK(*urls_to_try("[::]:8787") == Urls{"http://[::1]:8787", "http://127.0.0.1:8787"});
  CHECK(*urls_to_try("0.0.0.0:8787") == Urls{"http://127.0.0.1:8787"});
  CHECK(*urls_to_try("[fe80::1%eth0]:8787") == Urls{"http://[fe80::1%eth0]:8787"});
}

TEST_CASE("a Unix socket is asked under a name of its own", "[app]") {
  ServerConfig server;
  server.listen = "unix:/run/relay";
  CHECK(*urls_to_try(server) == std::vector<std::string>{"http://relay"});
  server.tls.cert_file = "x";
  CHECK(*urls_to_try(server) == std::vector<std::string>{"https://relay"});
  CHECK(RelayPlace(server).unix_path() == "/run/relay");
}

TEST_CASE("a URL that was named is the place", "[app]") {
  const RelayPlace place = RelayPlace::at("https://relay.example/team");
  CHECK(*local_url(place) == "https://relay.example/team");
  CHECK(*urls_to_try(place) == std::vector<std::string>{"https://relay.example/team"});
  CHECK(place.name() == "https://relay.example/team");
  CHECK(RelayPlace("[::1]:1").name() == "[::1]:1");
}

TEST_CASE("host and port are told apart", "[app]") {
  const auto text = [](const std::string& from) {
    const HostAndPort parts = host_and_port(from);
    return parts.host + " " + parts.port;
  };
  CHECK(text("http://127.0.0.1:8787") == "127.0.0.1 8787");
  CHECK(text("https://relay.example/a:b") == "relay.example 443");
  CHECK(text("http://[::1]/") == "[::1] 80");
  CHECK(text("http://u:p@[::1]:8/") == "[::1] 8");
  CHECK(text("[::]:8787") == "[::] 8787");
  CHECK(text(":8787") == " 8787");
}

}  // namespace ccrelay::app
