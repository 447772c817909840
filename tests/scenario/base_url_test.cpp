#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

TEST_CASE("a base_url with what requests bring along works as one without", "[scenario]") {
  const std::string path = GENERATE("", "/", "/v1", "/v1/", "/v1/messages", "/v1/messages/");
  const std::string type = GENERATE("anthropic", "zai", "minimax", "ollama");
  CAPTURE(path, type);
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].type = type;
  f.config.providers[0].base_url += path;
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  REQUIRE(one.requests().size() == 1);
  CHECK(one.requests()[0].head.target == "/v1/messages");
}

TEST_CASE("a path before it stays, and one that is meant can be written twice", "[scenario]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].base_url += GENERATE("/proxy/v1", "/proxy");
  f.start();
  f.ask(request(false));
  CHECK(one.requests().at(0).head.target == "/proxy/v1/messages");
}

TEST_CASE("of two versions in a base_url one is taken off", "[scenario]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].base_url += "/v1/v1";
  f.start();
  f.ask(request(false));
  CHECK(one.requests().at(0).head.target == "/v1/v1/messages");
}
