#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("a refused key is noted with provider, fingerprint and model as fields", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(401, "authentication_error", "bad key sk-test-one"));
  f.start();
  f.ask(request(false));
  const AttemptSummary tried = f.finished().attempts.front();
  CHECK(tried.key.size() == 8);
  CHECK(fields_of(f.observer, "key_refused") ==
        "provider=one key=" + tried.key + " model=" + tried.model);
}

TEST_CASE("a breaker that opens is noted with its provider and state", "[scenario]") {
  RelayFixture f;
  f.config.health.failure_threshold = 1;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(request(false));
  CHECK(fields_of(f.observer, "breaker") == "provider=one state=open");
}

TEST_CASE("an attempt is traced with provider and key", "[scenario]") {
  RelayFixture f;
  f.add_provider("one");
  f.start();
  f.ask(request(false));
  CHECK(fields_of(f.observer, "trace") == "provider=one key=" + f.finished().attempts.front().key);
}
