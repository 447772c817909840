#include "server/client_network.hpp"

#include "catch.hpp"

using ccrelay::server::client_network;

TEST_CASE("clients of IPv4 are counted by their address") {
  CHECK(client_network("203.0.113.7:50000") == "203.0.113.7");
  CHECK(client_network("203.0.113.7:50001") == client_network("203.0.113.7:50000"));
  CHECK(client_network("203.0.113.8:50000") != client_network("203.0.113.7:50000"));
}

TEST_CASE("clients of IPv6 are counted by the first 64 bits") {
  CHECK(client_network("[2001:db8:1:2:3:4:5:6]:443") == "2001:db8:1:2::/64");
  CHECK(client_network("[2001:db8:1:2::9]:444") == "2001:db8:1:2::/64");
  CHECK(client_network("[2001:db8:1:3::9]:444") == "2001:db8:1:3::/64");
  CHECK(client_network("[::1]:9") == "::/64");
}

TEST_CASE("a client of IPv4 on a socket of IPv6 is one of IPv4") {
  CHECK(client_network("[::ffff:203.0.113.7]:50000") == "203.0.113.7");
  CHECK(client_network("[64:ff9b::203.0.113.7]:50000") == "203.0.113.7");
}

TEST_CASE("the client of a Unix socket has no network") {
  CHECK(client_network("unix").empty());
}
