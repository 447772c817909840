#include "inherited_sockets.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
using ccrelay::app::take_inherited_sockets;

namespace {

Result<std::vector<int>> taken(const std::string& count, long process) {
  ::setenv("LISTEN_FDS", count.c_str(), 1);
  ::setenv("LISTEN_PID", std::to_string(process).c_str(), 1);
  ::setenv("LISTEN_FDNAMES", "a:b", 1);
  ::setenv("LISTEN_PIDFDID", "1", 1);
  return take_inherited_sockets();
}

}  // namespace

TEST_CASE("what says of passed sockets is kept from children, whoever it was meant for", "[app]") {
  for (const long process : {static_cast<long>(::getpid()), ::getpid() + 1L}) {
    REQUIRE(taken("0", process));
    for (const char* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID"}) {
      INFO(name);
      CHECK(std::getenv(name) == nullptr);
    }
  }
}

TEST_CASE("sockets that were passed to another process are not taken", "[app]") {
  const auto none = taken("2", ::getpid() + 1L);
  REQUIRE(none);
  CHECK(none->empty());
  const auto unset = take_inherited_sockets();
  REQUIRE(unset);
  CHECK(unset->empty());
}

TEST_CASE("a number of passed sockets that can't be is an error", "[app]") {
  for (const std::string count : {"x", "-1", "1x", "", "1000000", "99999999999999999999"}) {
    INFO(count);
    const auto sockets = taken(count, ::getpid());
    REQUIRE_FALSE(sockets);
    CHECK(sockets.error().message == "LISTEN_FDS is no number of sockets from 0 to 64");
  }
}
