#include "front/forwarded.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using front::forwarded_for;

namespace {

base::Networks trusted() {
  base::Networks networks;
  for (const auto* network : {"127.0.0.1", "10.0.0.0/8", "2001:db8:ff::/48"}) {
    REQUIRE(networks.add(network));
  }
  return networks;
}

std::string said(const Headers& headers, std::string_view peer = "127.0.0.1:4711") {
  return forwarded_for(headers, trusted(), peer);
}

}  // namespace

TEST_CASE("a trusted proxy says who its client is, whatever header it uses", "[front]") {
  CHECK(said({{"x-forwarded-for", "203.0.113.9"}}) == "203.0.113.9");
  CHECK(said({{"X-Forwarded-For", " 203.0.113.9 "}}, "[2001:db8:ff::7]:80") == "203.0.113.9");
  CHECK(said({{"forwarded", "for=203.0.113.9;proto=https"}}) == "203.0.113.9");
  CHECK(said({{"forwarded", R"(proto=https; For="[2001:db8::17]:4711")"}}) ==
        "[2001:db8::17]:4711");
  CHECK(said({{"x-real-ip", "203.0.113.9"}}) == "203.0.113.9");
  CHECK(said({{"x-real-ip", "192.0.2.1"}, {"x-forwarded-for", "203.0.113.9"}}) == "203.0.113.9");
}

TEST_CASE("of a chain the last that is no trusted proxy is the client", "[front]") {
  // What stands before it the client itself may have sent.
  CHECK(said({{"x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.1.2.3"}}) == "203.0.113.9");
  CHECK(said({{"x-forwarded-for", "1.1.1.1, 203.0.113.9"}, {"x-forwarded-for", "10.1.2.3"}}) ==
        "203.0.113.9");
  CHECK(said({{"x-forwarded-for", "10.9.9.9, 10.1.2.3"}}) == "10.9.9.9");
  CHECK(said({{"forwarded", "for=1.1.1.1, for=203.0.113.9, for=10.1.2.3"}}) == "203.0.113.9");
  CHECK(said({{"x-forwarded-for", "unknown"}}) == "unknown");
}

TEST_CASE("nobody else is believed", "[front]") {
  CHECK(said({{"x-forwarded-for", "203.0.113.9"}}, "192.0.2.1:80") == "");
  CHECK(said({{"x-forwarded-for", "203.0.113.9"}}, "unix") == "");
  CHECK(forwarded_for({{"x-forwarded-for", "203.0.113.9"}}, {}, "127.0.0.1:1") == "");
  CHECK(said({}) == "");
  CHECK(said({{"x-forwarded-for", " , ,"}}) == "");
  CHECK(said({{"forwarded", "proto=https"}}) == "");
}

TEST_CASE("what a proxy says is cut like everything that clients invent", "[front]") {
  CHECK(said({{"x-forwarded-for", std::string(60'000, 'x')}}).size() == 256);
}
