#include "base/network.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::base;

namespace {

bool names(const std::string& network, std::string_view peer) {
  Networks networks;
  CAPTURE(network, peer);
  REQUIRE(networks.add(network));
  return networks.contains_peer(peer);
}

}  // namespace

TEST_CASE("a network names the addresses in it, of either family", "[base]") {
  CHECK(names("10.0.0.0/8", "10.255.1.2:4711"));
  CHECK_FALSE(names("10.0.0.0/8", "11.0.0.1:4711"));
  CHECK(names("192.0.2.7", "192.0.2.7:80"));
  CHECK_FALSE(names("192.0.2.7", "192.0.2.8:80"));
  CHECK(names("172.16.0.0/12", "172.31.255.255:1"));
  CHECK_FALSE(names("172.16.0.0/12", "172.32.0.0:1"));
  CHECK(names("0.0.0.0/0", "203.0.113.1:1"));
  CHECK_FALSE(names("0.0.0.0/0", "[2001:db8::1]:1"));
  CHECK(names("2001:db8::/32", "[2001:db8:1::5]:4711"));
  CHECK_FALSE(names("2001:db8::/32", "[2001:db9::5]:4711"));
  CHECK(names("2001:db8::/33", "[2001:db8:7fff::]:1"));
  CHECK_FALSE(names("2001:db8::/33", "[2001:db8:8000::]:1"));
  CHECK(names("::1", "[::1]:4711"));
  CHECK(names("[::1]", "[::1]:4711"));
  CHECK(names("fe80::/10", "[fe80::1%eth0]:4711"));
  CHECK(names("::/0", "[::1]:1"));
}

TEST_CASE("an IPv4 client of an IPv6 socket is one of IPv4", "[base]") {
  CHECK(names("203.0.113.0/24", "[::ffff:203.0.113.7]:4711"));
  CHECK(names("::ffff:203.0.113.0/120", "203.0.113.7:4711"));
}

TEST_CASE("clients of a Unix socket are named by a word of their own", "[base]") {
  CHECK(names("unix", "unix"));
  CHECK(names("unix:", "unix"));
  CHECK_FALSE(names("unix", "127.0.0.1:1"));
  CHECK_FALSE(names("::/0", "unix"));
}

TEST_CASE("what is no address and no network is not taken", "[base]") {
  for (const std::string text :
       {"", "example.com", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0", "::/129", "/8",
        "10.0.0.0/8/8", "10.0.0.1:80", "*", "1.2.3.4\n"}) {
    CAPTURE(text);
    Networks networks;
    CHECK_FALSE(networks.add(text));
    CHECK(networks.empty());
  }
  CHECK_FALSE(parse_ip(std::string("1.2.3.4\0x", 9)));
}
