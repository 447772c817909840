#include "api/origin_rules.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;

namespace {

struct Place {
  std::vector<std::string> allowed;
  std::string listen = "127.0.0.1:9091";
  std::vector<std::string> addresses = {"127.0.0.1:9091"};
  bool tls = false;

  std::string says(const Headers& headers) const {
    return api::foreign_page({allowed, listen, addresses, tls}, headers);
  }
  bool lets_in(const std::string& host) const { return says({{"Host", host}}).empty(); }
};

Headers from(const std::string& host, const std::string& name, const std::string& value) {
  return {{"Host", host}, {name, value}};
}

}  // namespace

TEST_CASE("a request comes to a name of the loopback or to what is listened on", "[api]") {
  const Place here;
  for (const char* host : {"localhost", "localhost:9091", "LOCALHOST.", "a.localhost:1",
                           "127.0.0.1", "127.0.0.1:9091", "[::1]:9091", "127.8.8.8"}) {
    INFO(host);
    CHECK(here.lets_in(host));
  }
  for (const char* host :
       {"", ":9091", "evil.example", "evil.example:9091", "localhost.evil.example",
        "127.0.0.1.evil.example", "10.0.0.1:9091", "relay", "[::2]", "[::1"}) {
    INFO(host);
    CHECK_FALSE(here.lets_in(host));
  }
  CHECK_FALSE(here.says({}).empty());
  CHECK(here.says({{"Host", "evil.example"}})
            .find("Host is \"evil.example\", which is neither a name of the loopback nor") !=
        std::string::npos);
  CHECK(here.says({{"Host", "evil.example"}}).find("manage.allowed_hosts") != std::string::npos);
}

TEST_CASE("further names are those that are set, and the address that is bound", "[api]") {
  Place place;
  place.allowed = {"relay.example"};
  CHECK(place.lets_in("Relay.Example:443"));
  CHECK_FALSE(place.lets_in("a.relay.example"));
  place.listen = "relay.lan:9091";
  place.addresses = {"192.0.2.7:9091"};
  CHECK(place.lets_in("relay.lan:9091"));
  CHECK(place.lets_in("192.0.2.7:9091"));
  CHECK_FALSE(place.lets_in("192.0.2.8:9091"));
  place.addresses = {"0.0.0.0:9091", "[::]:9091"};
  CHECK(place.lets_in("192.0.2.8:9091"));
  CHECK(place.lets_in("[2001:db8::1]:9091"));
  CHECK_FALSE(place.lets_in("evil.example"));
}

TEST_CASE("a page of another origin is told so, the management's own is not", "[api]") {
  Place place;
  const auto foreign = [&](const std::string& origin) {
    return !place.says(from("127.0.0.1:9091", "Origin", origin)).empty();
  };
  CHECK_FALSE(foreign("http://127.0.0.1:9091"));
  CHECK_FALSE(foreign("HTTP://127.0.0.1:9091"));
  CHECK_FALSE(foreign("https://127.0.0.1:9091"));  // a proxy in front speaks TLS
  for (const char* origin : {"http://evil.example", "null", "http://localhost:9091",
                             "http://127.0.0.1:3000", "http://127.0.0.1", "", "file://",
                             "chrome-extension://abc", "http://127.0.0.1:9091.evil.example"}) {
    INFO(origin);
    CHECK(foreign(origin));
  }
  place.tls = true;
  CHECK(foreign("http://127.0.0.1:9091"));
  CHECK_FALSE(foreign("https://127.0.0.1:9091"));
}

TEST_CASE("what a browser says another site has made goes no further", "[api]") {
  const Place place;
  const auto says = [&](const std::string& site) {
    return place.says(from("localhost:9091", "Sec-Fetch-Site", site));
  };
  CHECK(says("cross-site").find("Sec-Fetch-Site is cross-site") != std::string::npos);
  CHECK(says("same-origin").empty());
  CHECK(says("none").empty());
}
