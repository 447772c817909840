#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::minutes;

TEST_CASE("a refused key goes to the next key of the provider", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const int status = GENERATE(401, 403);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::error(status, "authentication_error", "bad key sk-test-one"));
  f.start();
  CHECK(f.ask(request(stream)).status == 200);
  CHECK(tries(f.finished()) == "one:key_refused one:success");
  CHECK(one.requests()[1].head.headers.get("x-api-key") == "sk-test-one-b");
}

TEST_CASE("with its only key refused the next provider is asked", "[scenario]") {
  const int status = GENERATE(401, 403);
  const Script script = Script::error(status, "authentication_error", "bad key");
  CHECK(tries_after(script, GENERATE(false, true)) == "one:key_refused two:success");
}

TEST_CASE("a refused key is set aside for five minutes", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(401, "authentication_error", "bad key"));
  f.start();
  f.ask(request(false));
  f.harness.advance(minutes(5) - milliseconds(1));
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(milliseconds(1));
  f.ask(request(false));
  CHECK(tries(f.finished(3)) == "one:success");
}

TEST_CASE("a lone refused key is told with the provider's words, and not to ask again",
          "[scenario]") {
  const int status = GENERATE(401, 403);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(status, "authentication_error",
                            "bad X-API-Key sk-test-one, ask your administrator"));
  f.start();
  const Answer answer = f.ask(request(GENERATE(false, true)));
  const std::string key = f.finished().attempts[0].key;
  CHECK(answer.status == 403);
  CHECK(answer.headers.get("x-should-retry") == "false");
  CHECK(has(answer.body, "\"type\":\"permission_error\""));
  CHECK(has(answer.body, "provider \\\"one\\\" refused the relay's key " + key + " (" +
                             std::to_string(status) +
                             "): bad API key ***, ask your administrator; correct providers.keys "
                             "and reload (SIGHUP)"));
  CHECK(one.requests().size() == 1);
}

TEST_CASE("after a refused key the client hears when a merely limited one is free", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  f.ask(request(false));  // limits the first key; the second answers
  f.finished();
  one.enqueue(Script::error(401, "authentication_error", "bad key"));
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "30");
}

TEST_CASE("a refusal of the client's own credential is passed on as it is", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const int status = GENERATE(401, 403);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  const std::string body = "{\"type\":\"error\" ,\"error\":{}}";
  one.enqueue(Script::reply(status, "application/json", body, {{"x-should-retry", "false"}}));
  f.start();
  const Answer answer = f.ask(request(stream, "x-api-key: sk-ant-mine\r\n"));
  CHECK(answer.status == status);
  CHECK(answer.body == body);
  CHECK(answer.headers.get("x-should-retry") == "false");
  CHECK(one.requests()[0].head.headers.get("x-api-key") == "sk-ant-mine");
  CHECK(two.requests().empty());
}

TEST_CASE("while its only key is refused a client is told so again, and not to wait",
          "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(401, "authentication_error", "bad key"));
  f.start();
  const Answer first = f.ask(request(false));
  CHECK(first.status == 403);
  const Answer again = f.ask(request(GENERATE(false, true)));
  CHECK(again.status == 403);
  CHECK_FALSE(again.headers.contains("retry-after"));
  CHECK(again.headers.get("x-should-retry") == "false");
  CHECK(has(again.body, "refused the relay's key"));
  CHECK(has(again.body, "bad key"));
  CHECK(one.requests().size() == 1);
}
