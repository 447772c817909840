#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("a message goes to the provider byte for byte and its answer comes back the same",
          "[scenario]") {
  RelayFixture f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const std::string body =
      "{ \"max_tokens\":1e2,\t\"model\":\"claude-test\", \"x\":12345678901234567890 , "
      "\"messages\":[{\"role\":\"user\",\"content\":\"\\u00fc\"}]}";
  const Answer answer = f.ask(RelayFixture::post(body));
  CHECK(answer.status == 200);
  REQUIRE(provider.requests().size() == 1);
  CHECK(provider.requests()[0].body == body);
  CHECK(provider.requests()[0].head.target == "/v1/messages");
  CHECK(provider.requests()[0].head.headers.get("x-api-key") == "sk-test-one");
  const RequestSummary& summary = f.finished();
  CHECK(summary.status == 200);
  CHECK(summary.ending == Ending::complete);
  CHECK(usage_of(summary).tokens[TokenClass::input] == 11u);
  CHECK(usage_of(summary).tokens[TokenClass::output] == 7u);
  CHECK(answer.headers.get("x-request-id") == summary.request_id);
}

TEST_CASE("a stream reaches the client byte for byte with its usage counted", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(Script::stream("hello world"));
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(answer.status == 200);
  std::string expected;
  for (const auto& event : Script::events("hello world")) expected += event;
  CHECK(answer.body == expected);
  CHECK(answer.headers.get("cache-control") == "no-cache, no-transform");
  CHECK(answer.headers.get("x-accel-buffering") == "no");
  const RequestSummary& summary = f.finished();
  CHECK(usage_of(summary).tokens[TokenClass::input] == 11u);
  CHECK(usage_of(summary).tokens[TokenClass::output] == 7u);
  CHECK(usage_of(summary).tokens[TokenClass::cache_read] == 5u);
  CHECK(usage_of(summary).tokens[TokenClass::cache_write_5m] == 3u);
}

TEST_CASE("a mapped model is spliced in and nothing else changes", "[scenario]") {
  RelayFixture f;
  FakeProvider& provider = f.add_provider("one");
  f.config.providers[0].model_mapping["claude-*"] = "GLM-\"5\"";
  f.start();
  const Answer answer = f.ask(RelayFixture::post(
      R"({"a":1.0,"model" : "claude-test" ,"messages":[],"b":{"model":"claude-inner"}})"));
  CHECK(answer.status == 200);
  CHECK(provider.requests()[0].body ==
        R"({"a":1.0,"model" : "GLM-\"5\"" ,"messages":[],"b":{"model":"claude-inner"}})");
}
