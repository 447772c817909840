#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/front.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

struct Bedrock : RelayFixture {
  Bedrock() {
    provider = &add_provider("b");
    as_bedrock(*this).keys.push_back({Secret("bedrock-key"), 1, 1});
  }
  FakeProvider* provider;
};

const std::string betas = "anthropic-beta: context-management-2025-06-27,other-1\r\n";

std::string asking() {
  return RelayFixture::post(
      R"({"model":"claude-test","max_tokens":8,"context_management":{"edits":[]},)"
      R"("messages":[{"role":"user","content":"hi"}]})",
      betas);
}

const std::string refusal = "context_management: Extra inputs are not permitted";

}  // namespace

TEST_CASE("what a 400 names is left out with its other half, asked again, and remembered",
          "[scenario]") {
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  CHECK(f.ask(asking()).status == 200);
  CHECK(tries(f.finished()) == "b:rejected b:success");
  REQUIRE(f.provider->requests().size() == 2);
  CHECK(has(f.provider->requests()[0].body, "context_management"));
  const std::string without =
      R"({"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["other-1"],"max_tokens":8,)"
      R"("messages":[{"role":"user","content":"hi"}]})";
  CHECK(f.provider->requests()[1].body == without);
  CHECK(f.provider->requests()[1].head.headers.get("anthropic-beta") == "other-1");
  CHECK(noted(f.observer, "capability_refused", "context_management"));
  CHECK(fields_of(f.observer, "capability_refused") == "provider=b model=claude-test");
  CHECK(noted(f.observer, "trace", "b: left out beta context-management-2025-06-27, field "));
  // From now on it does not go along in the first place.
  CHECK(f.ask(asking()).status == 200);
  REQUIRE(f.provider->requests().size() == 3);
  CHECK(f.provider->requests()[2].body == without);
  // A day later the provider may have learnt it.
  f.harness.advance(std::chrono::hours(25));
  f.ask(asking());
  CHECK(has(f.provider->requests()[3].body, "context_management"));
}

TEST_CASE("a 400 that names nothing new is the client's", "[scenario]") {
  Bedrock f;
  // It refuses what did not even go along.
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  const Answer answer = f.ask(asking());
  CHECK(answer.status == 400);
  CHECK(has(answer.body, refusal));
  CHECK(f.provider->requests().size() == 2);
}

TEST_CASE("a client is told that its safeguards can't be had", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(
      aws_error(400, "ValidationException", "safeguards: Extra inputs are not permitted"));
  f.start();
  const Answer answer = f.ask(asking());
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "safeguards"));
  CHECK(f.provider->requests().size() == 1);
}

TEST_CASE("one thing after the other is left out, but not for ever", "[scenario]") {
  Bedrock f;
  for (const std::string name : {"a1", "a2", "a3", "a4", "a5", "a6"}) {
    f.provider->enqueue(
        aws_error(400, "ValidationException", name + ": Extra inputs are not permitted"));
  }
  f.start();
  CHECK(f.ask(asking()).status == 400);
  CHECK(f.provider->requests().size() == 5);
}

TEST_CASE("the configuration knows before the provider has to say it", "[scenario]") {
  Bedrock f;
  UnsupportedConfig rule;
  rule.models = {"claude-t*"};
  rule.betas = {"context-management-2025-06-27"};
  f.config.providers.back().unsupported.push_back(rule);
  f.start();
  f.ask(asking());
  CHECK_FALSE(has(f.provider->requests()[0].body, "context_management"));
}

TEST_CASE("a rule for other models changes nothing", "[scenario]") {
  Bedrock f;
  UnsupportedConfig rule;
  rule.models = {"claude-u*"};
  rule.fields = {"context_management"};
  f.config.providers.back().unsupported.push_back(rule);
  f.start();
  f.ask(asking());
  CHECK(has(f.provider->requests()[0].body, "context_management"));
}

TEST_CASE("who was on the way when it was learnt is asked again as well", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(
      Script().hold().send("HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: ValidationException\r\n"
                           "content-length: 65\r\n\r\n{\"message\":\"context_management: Extra "
                           "inputs are not permitted\"} "));
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  const auto slow = f.connect();
  slow->send(asking());
  f.until([&] { return f.provider->requests().size() == 1; });
  CHECK(f.ask(asking()).status == 200);
  f.provider->release();
  CHECK(answers(f, *slow, 1).front().status == 200);
}

TEST_CASE("half a pair is the client's fault, and nobody else's loss", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  const Answer answer = f.ask(RelayFixture::post(
      R"({"model":"claude-test","max_tokens":8,"context_management":{},"messages":[]})"));
  CHECK(answer.status == 400);
  f.ask(asking());
  CHECK(has(f.provider->requests().back().body, "context_management"));
}

TEST_CASE("what counting does not take says nothing of answering", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  const std::string body = R"({"model":"claude-test","context_management":{},"messages":[]})";
  CHECK(f.ask(RelayFixture::post(body, betas, "/v1/messages/count_tokens")).status == 400);
  f.ask(asking());
  CHECK(has(f.provider->requests().back().body, "context_management"));
}

TEST_CASE("a body that is no JSON is the client's to mend, whoever would be asked", "[scenario]") {
  Bedrock f;
  FakeProvider& next = f.add_provider("next");
  f.start();
  // simdjson does not look into what it does not read.
  const Answer answer = f.ask(
      RelayFixture::post(R"({"model":"claude-test","max_tokens":8,"x":[tru],"messages":[]})"));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "invalid_request_error"));
  CHECK(has(answer.body, "at byte"));
  CHECK(f.provider->requests().empty());
  CHECK(next.requests().empty());
}
