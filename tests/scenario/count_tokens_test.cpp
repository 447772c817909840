#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

std::string count_request() {
  return RelayFixture::post(RelayFixture::body(false), {}, "/v1/messages/count_tokens");
}

}  // namespace

TEST_CASE("a provider that cannot count tokens is skipped", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.config.providers[0].type = "ollama";
  f.config.providers[0].keys.clear();
  two.enqueue(Script::reply(200, "application/json", "{\"input_tokens\":42}"));
  f.start();
  const Answer answer = f.ask(count_request());
  CHECK(answer.status == 200);
  CHECK(answer.body == "{\"input_tokens\":42}");
  CHECK(one.requests().empty());
  REQUIRE(two.requests().size() == 1);
  CHECK(two.requests()[0].head.target == "/v1/messages/count_tokens");
}

TEST_CASE("with nobody to count tokens the answer is 404", "[scenario]") {
  RelayFixture f;
  f.add_provider("one");
  f.config.providers[0].type = "ollama";
  f.config.providers[0].keys.clear();
  f.start();
  const Answer answer = f.ask(count_request());
  CHECK(answer.status == 404);
  CHECK(has(answer.body, "\"type\":\"not_found_error\""));
}

TEST_CASE("a provider that says it cannot count tokens is followed by the next", "[scenario]") {
  const int status = GENERATE(404, 405, 501);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(status, "not_found_error", "what?"));
  f.add_provider("two").enqueue(Script::reply(200, "application/json", "{\"input_tokens\":42}"));
  f.start();
  CHECK(f.ask(count_request()).body == "{\"input_tokens\":42}");
  CHECK(tries(f.finished()) == "one:not_here two:success");
}

TEST_CASE("a 429 for counting tokens cools no key", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(
      Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.add_provider("two");
  f.start();
  f.ask(count_request());
  CHECK(tries(f.finished()) == "one:rate_limited two:success");
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("a lone provider that cannot count tokens means 404, whichever status it says it with",
          "[scenario]") {
  // A 501 would be retried for minutes.
  const int status = GENERATE(405, 501);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(status, "api_error", "what?"));
  f.start();
  const Answer answer = f.ask(count_request());
  CHECK(answer.status == 404);
  CHECK(has(answer.body, "\"type\":\"not_found_error\""));
}

TEST_CASE("a key that may not count tokens is still good for messages", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(403, "permission_error", "not with this key"));
  f.start();
  f.ask(count_request());
  CHECK(f.ask(request(false)).status == 200);
}

namespace {
const Script counted = Script::reply(200, "application/json", R"({"input_tokens":3})");
}

TEST_CASE("what fails at counting keeps nobody from answering, and back", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.config.health.checks = false;
  bool counts = false;
  one.respond_with([&counts](const RecordedRequest& request) {
    const bool is_count = has(request.head.target, "count_tokens");
    if (is_count != counts) return Script::error(500, "api_error", "down");
    return is_count ? counted : Script::message("hi");
  });
  two.respond_with([](const RecordedRequest& request) {
    return has(request.head.target, "count_tokens") ? counted : Script::message("hi");
  });
  counts = GENERATE(false, true);
  f.start();
  const std::string failing = counts ? request(false) : count_request();
  const std::string other = counts ? count_request() : request(false);
  for (int i = 0; i < 5; ++i) f.ask(failing);
  const std::size_t asked = one.requests().size();
  CHECK(asked == 5);
  f.ask(failing);
  CHECK(one.requests().size() == asked);
  CHECK(tries(f.finished(6)) == "two:success");
  f.ask(other);
  CHECK(one.requests().size() == asked + 1);
  CHECK(tries(f.finished(7)) == "one:success");
  CHECK(two.requests().size() == 6);
  // Each is let in again when its own time is over.
  f.harness.advance(std::chrono::seconds(30));
  f.ask(failing);
  CHECK(one.requests().size() == asked + 2);
}
