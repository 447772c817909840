#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("a failure of the provider goes to the next one", "[scenario]") {
  const int status = GENERATE(500, 502, 504, 520);
  const Script script = Script::error(status, "api_error", "broken");
  CHECK(tries_after(script, GENERATE(false, true)) == "one:failed two:success");
}

TEST_CASE("the only provider's error is passed on byte for byte with its headers", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const std::string body = "{ \"type\":\"error\", \"x\": 1.0 }";
  const Answer answer = alone(Script::reply(500, "application/json", body,
                                            {{"retry-after", "3"},
                                             {"x-should-retry", "true"},
                                             {"request-id", "req_theirs"},
                                             {"x-own", "yes"}}),
                              stream);
  CHECK(answer.status == 500);
  CHECK(answer.body == body);
  CHECK(answer.headers.get("content-type") == "application/json");
  CHECK(answer.headers.get("retry-after") == "3");
  CHECK(answer.headers.get("x-should-retry") == "true");
  CHECK(answer.headers.get("request-id") == "req_theirs");
  // What it may say of its own host is a short list.
  CHECK_FALSE(answer.headers.contains("x-own"));
}

TEST_CASE("a model that is not there goes to the next provider", "[scenario]") {
  const Script script = Script::error(404, "not_found_error", "model: claude-test");
  CHECK(tries_after(script, GENERATE(false, true)) == "one:not_here two:success");
}

TEST_CASE("a 404 of the only provider is passed on byte for byte", "[scenario]") {
  const std::string body = "{\"type\": \"error\"}\n";
  const Answer answer = alone(Script::reply(404, "application/json", body, {{"x-own", "yes"}}),
                              GENERATE(false, true));
  CHECK(answer.status == 404);
  CHECK(answer.body == body);
  // What it may say of its own host is a short list.
  CHECK_FALSE(answer.headers.contains("x-own"));
}

TEST_CASE("the request's own fault is passed on at once, byte for byte", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const int status = GENERATE(400, 409, 413, 422);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::reply(status, "application/json; charset=utf-8",
                                              "{\"x\" : 1e2}\n",
                                              {{"request-id", "req_theirs"}, {"x-own", "yes"}}));
  FakeProvider& two = f.add_provider("two");
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == status);
  CHECK(answer.body == "{\"x\" : 1e2}\n");
  CHECK(answer.headers.get("content-type") == "application/json; charset=utf-8");
  CHECK(answer.headers.get("request-id") == "req_theirs");
  // What it may say of its own host is a short list.
  CHECK_FALSE(answer.headers.contains("x-own"));
  CHECK(two.requests().empty());
  CHECK(tries(f.finished()) == "one:rejected");
}

TEST_CASE("an in-band rejection of the request is passed on and not tried elsewhere",
          "[scenario]") {
  RelayFixture f;
  const std::string error = in_band_error("invalid_request_error");
  f.add_provider("one").enqueue(Script::stream_head().chunk(error).last_chunk());
  FakeProvider& two = f.add_provider("two");
  f.start();
  const Answer answer = f.ask(request(true));
  CHECK(answer.body == error);
  CHECK(two.requests().empty());
}
