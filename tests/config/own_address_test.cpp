#include "config/own_address.hpp"

#include <ccrelay/config_load.hpp>

#include <string>

#include "catch.hpp"

using namespace ccrelay;

namespace {

bool leads(const std::string& url, const std::string& listen) {
  const auto address = config::parse_listen(listen);
  REQUIRE(address);
  return config::leads_to(url, *address);
}

std::string said_of(const std::string& listen, const std::string& base_url,
                    const std::string& more = {}, const std::string& better = {}) {
  const auto config = parse_config(
      "[server]\nlisten = \"" + listen +
          "\"\n[[providers]]\nname = \"a\"\ntype = "
          "\"ollama\"\nbase_url = \"" +
          base_url + "\"\n" + more,
      "c.toml", LoadOptions{{}, {}, [](std::string_view) { return std::nullopt; }, better});
  return config ? "valid" : config.error().message;
}

}  // namespace

TEST_CASE("a URL that leads to a listening address is known in any spelling", "[config]") {
  for (const std::string host :
       {"127.0.0.1", "localhost", "LocalHost.", "x.localhost", "127.1", "0x7f.1", "2130706433",
        "0.0.0.0", "[::ffff:127.0.0.1]", "ip6-localhost"}) {
    INFO(host);
    CHECK(leads("http://" + host + ":8787/v1", "127.0.0.1:8787"));
    CHECK(leads("HTTPS://" + host + ":8787", "0.0.0.0:8787"));
    CHECK(leads("http://" + host + ":8787", ":8787"));
    CHECK_FALSE(leads("http://" + host + ":8788", ":8787"));
    CHECK_FALSE(leads("http://" + host, ":8787"));
    CHECK_FALSE(leads("http://" + host + ":8787", "10.0.0.1:8787"));
    CHECK_FALSE(leads("http://" + host + ":8787", "unix:/run/relay"));
  }
  CHECK(leads("http://[::1]:8787", "[::1]:8787"));
  CHECK(leads("http://[0:0:0:0:0:0:0:1]:8787", "[::1]:8787"));
  CHECK(leads("http://[::]:8787", "[::1]:8787"));
  CHECK(leads("http://[::1]:8787", "[::]:8787"));
  CHECK(leads("http://[::1]:8787", "localhost:8787"));
  CHECK_FALSE(leads("http://[::1]:8787", "127.0.0.1:8787"));
  CHECK_FALSE(leads("http://127.0.0.2:8787", "127.0.0.1:8787"));
  CHECK(leads("http://127.0.0.2:8787", ":8787"));
  CHECK(leads("http://10.0.0.1:8787", "10.0.0.1:8787"));
  CHECK(leads("http://relay.lan:8787", "Relay.lan:8787"));
  CHECK_FALSE(leads("http://example.com:8787", ":8787"));
  CHECK(leads("http://localhost", "127.0.0.1:80"));
  CHECK(leads("https://localhost/", "127.0.0.1:443"));
}

TEST_CASE("a provider that is the relay itself is a mistake of the file", "[config]") {
  CHECK(said_of("127.0.0.1:8787", "http://localhost:8787") ==
        "c.toml:6:12: providers[0].base_url \"http://localhost:8787\" leads to server.listen "
        "\"127.0.0.1:8787\", the relay itself: each request would come back to it; write the "
        "provider's own address");
  CHECK(said_of("127.0.0.1:8787", "http://localhost:8788") == "valid");
  CHECK(said_of("127.0.0.1:8787", "http://localhost:8787",
                "enabled = false\n[[providers]]\nname = \"b\"\ntype = \"ollama\"\n") == "valid");
  CHECK(said_of("127.0.0.1:8787", "http://localhost:8787", "proxy = \"http://p:1\"\n") == "valid");
}

TEST_CASE("an address that whoever loads a file knows better is checked in place of the file's",
          "[config]") {
  const std::string other = "http://localhost:1";
  CHECK(said_of("0.0.0.0:8787", other).find("can be reached from other machines") !=
        std::string::npos);
  CHECK(said_of("0.0.0.0:8787", other, "", "127.0.0.1:9") == "valid");
  CHECK(said_of("127.0.0.1:8787", other, "", "0.0.0.0:9")
            .find("can be reached from other machines") != std::string::npos);
  CHECK(said_of("127.0.0.1:8787", other, "", "127.0.0.1:1").find("the relay itself") !=
        std::string::npos);
  CHECK(said_of("127.0.0.1:8787", "http://localhost:8787", "", "127.0.0.1:9") == "valid");
}

TEST_CASE("a host of server.hosts is a name alone", "[config]") {
  const auto said = [](const std::string& host) {
    const auto config =
        parse_config("[server]\nhosts = [\"" + host + "\"]\n", "c.toml",
                     LoadOptions{{}, {}, [](std::string_view) { return std::nullopt; }});
    return config ? "valid" : config.error().message;
  };
  CHECK(said("relay.lan") == "valid");
  for (const std::string host : {"http://relay.lan", "relay.lan:8787", "", "*"}) {
    INFO(host);
    CHECK(said(host) == "c.toml:2:10: server.hosts[0] \"" + host +
                            "\" is no host name; write it without scheme and port");
  }
}
