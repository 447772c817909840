#include "rpc/gate.hpp"

#include "catch.hpp"

using ccrelay::rpc::address_of;

TEST_CASE("an address is told as the relay tells it elsewhere", "[rpc]") {
  CHECK(address_of("ipv4:127.0.0.1:50412") == "127.0.0.1:50412");
  CHECK(address_of("ipv6:%5B::1%5D:50412") == "[::1]:50412");
  CHECK(address_of("ipv6:[::1]:50412") == "[::1]:50412");
  CHECK(address_of("unix:") == "unix:");
}
