#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "scenario/clouds.hpp"
#include "scenario/front.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::seconds;

// Where the relay's own identity at a cloud comes from, seen from a client's request.

namespace {

// A vertex provider whose token comes from a token endpoint of its own.
struct Vertex : RelayFixture {
  Vertex() : tokens(harness.loop()) {
    vertex = &add_provider("v");
    as_vertex(*this).gcp_credentials_file = scratch.write(
        "google.json",
        R"({"type":"authorized_user","client_id":"id","client_secret":"google-secret-canary",)"
        R"("refresh_token":"refresh-canary","token_uri":")" +
            tokens.url() + "/token\"}");
    options.environment = environment.lookup();
  }
  static Script token(const std::string& value) {
    return Script::reply(200, "application/json",
                         R"({"access_token":")" + value + R"(","expires_in":3600})");
  }
  test::ScratchDirectory scratch;
  FakeEnvironment environment;
  FakeProvider tokens;
  FakeProvider* vertex;
};

std::string asking() {
  return request(false);
}

std::string noted_of(const RecordingObserver& observer, std::string_view event) {
  for (const Note& note : observer.notes) {
    if (note.event == event) return note.message;
  }
  return {};
}

}  // namespace

TEST_CASE("a token is fetched once, and used until it is about to expire", "[scenario]") {
  Vertex f;
  f.tokens.enqueue(Vertex::token("ya29.one"));
  f.tokens.enqueue(Vertex::token("ya29.two"));
  f.start();
  CHECK(f.ask(asking()).status == 200);
  CHECK(f.ask(asking()).status == 200);
  CHECK(f.tokens.requests().size() == 1);
  CHECK(f.vertex->requests()[1].head.headers.get("authorization") == "Bearer ya29.one");
  f.harness.advance(seconds(3400));
  f.ask(asking());
  f.until([&] { return f.tokens.requests().size() == 2; });
  f.harness.settle();
  f.ask(asking());
  CHECK(f.vertex->requests().back().head.headers.get("authorization") == "Bearer ya29.two");
}

TEST_CASE("while a token service is silent the next provider is asked", "[scenario]") {
  Vertex f;
  f.add_provider("next");
  f.tokens.enqueue(Script().hold());
  f.start();
  const auto client = f.connect();
  client->send(asking());
  f.until([&] { return f.tokens.requests().size() == 1; });
  f.harness.advance(seconds(5));
  CHECK(answers(f, *client, 1).front().status == 200);
  CHECK(tries(f.finished()) == "v:failed next:success");
  CHECK(f.vertex->requests().empty());
}

TEST_CASE("what a token service refuses is seen in /v1/providers, without a secret", "[scenario]") {
  Vertex f;
  f.tokens.enqueue(Script::reply(400, "application/json",
                                 R"({"error":"invalid_grant","error_description":"revoked"})"));
  f.start();
  const Answer answer = f.ask(asking());
  CHECK(answer.status == 403);
  CHECK(answer.headers.get("x-should-retry") == "false");
  CHECK(has(answer.body, "invalid_grant"));
  const Answer providers = f.ask(RelayFixture::get("/v1/providers"));
  CHECK(has(providers.body, R"("health":"no_identity")"));
  CHECK(has(providers.body, R"("identity":{"state":"failed")"));
  CHECK(has(providers.body, "invalid_grant"));
  CHECK(f.ask(RelayFixture::get("/ready")).status == 503);
  const std::string seen =
      answer.body + providers.body + observed(f.observer) + received(*f.vertex);
  CHECK_FALSE(has(seen, "canary"));
}

TEST_CASE("a client that leaves while a token is fetched leaves nothing behind", "[scenario]") {
  Vertex f;
  f.tokens.enqueue(Script().hold());
  f.start();
  auto client = f.connect();
  client->send(asking());
  f.until([&] { return f.tokens.requests().size() == 1; });
  client->reset();
  CHECK(tries(f.finished()) == "v:cancelled");
  CHECK(f.vertex->requests().empty());
}

TEST_CASE("many clients wait for one fetch", "[scenario]") {
  Vertex f;
  f.tokens.enqueue(
      Script().hold().send("HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n"
                           R"({"access_token":"ya29.one","expires_in":3600})"));
  f.start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(f.connect());
    clients.back()->send(asking());
  }
  f.until([&] { return f.tokens.requests().size() == 1; });
  f.harness.settle();
  CHECK(f.vertex->requests().empty());
  f.tokens.release();
  for (auto& client : clients) CHECK(answers(f, *client, 1).front().status == 200);
  CHECK(f.tokens.requests().size() == 1);
}

TEST_CASE("a token that is refused is fetched anew, once", "[scenario]") {
  Vertex f;
  f.tokens.enqueue(Vertex::token("ya29.one"));
  f.tokens.enqueue(Vertex::token("ya29.two"));
  const Script refusal = Script::reply(
      401, "application/json",
      R"({"error":{"code":401,"message":"Request had invalid credentials","status":"UNAUTHENTICATED"}})");
  f.vertex->enqueue(refusal);
  f.start();
  CHECK(f.ask(asking()).status == 200);
  CHECK(tries(f.finished()) == "v:key_refused v:success");
  CHECK(f.vertex->requests()[1].head.headers.get("authorization") == "Bearer ya29.two");
  CHECK(noted(f.observer, "identity_refused", "invalid credentials"));
  CHECK(fields_of(f.observer, "identity_refused") == "provider=v");
  // Not again at once: a service that refuses everything shall not be a reason to fetch for ever.
  f.vertex->enqueue(refusal);
  const Answer refused = f.ask(asking());
  CHECK(refused.status == 403);
  CHECK(refused.headers.get("x-should-retry") == "false");
  CHECK(has(
      refused.body,
      "provider \\\"v\\\" refused the relay's identity (401): Request had invalid credentials"));
  CHECK(f.tokens.requests().size() == 2);
}

TEST_CASE("a token is refused by the head of an error whose body never comes", "[scenario]") {
  Vertex f;
  f.tokens.enqueue(Vertex::token("ya29.one"));
  f.tokens.enqueue(Vertex::token("ya29.two"));
  f.vertex->enqueue(
      Script().head(401, {{"content-type", "application/json"}, {"content-length", "100"}}).hold());
  f.start();
  const auto client = f.connect();
  client->send(asking());
  f.until([&] { return f.vertex->requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(f.config.timeouts.error_body);
  CHECK(answers(f, *client, 1).front().status == 200);
  CHECK(tries(f.finished()) == "v:key_refused v:success");
  CHECK(f.vertex->requests()[1].head.headers.get("authorization") == "Bearer ya29.two");
}

TEST_CASE("the operator's identity is not spent on who may not spend keys", "[scenario]") {
  Vertex f;
  f.config.server.auth.api_key = Secret("relay-key");
  f.config.server.auth.allow_subscription = true;
  f.start();
  const Answer answer = f.ask(request(false, "Authorization: Bearer sk-ant-oat01-someone\r\n"));
  CHECK(answer.status == 403);
  CHECK(f.tokens.requests().empty());
}

TEST_CASE("without any identity the reason is told", "[scenario]") {
  RelayFixture f;
  FakeEnvironment environment;
  environment.set("AWS_EC2_METADATA_DISABLED", "true");
  environment.set("HOME", "/nonexistent");
  f.options.environment = environment.lookup();
  f.add_provider("b");
  as_bedrock(f);
  f.add_provider("next");
  f.start();
  CHECK(f.ask(asking()).status == 200);
  CHECK(tries(f.finished()) == "b:failed next:success");
  CHECK(has(f.ask(RelayFixture::get("/v1/providers")).body, R"("health":"no_identity")"));
}

TEST_CASE("without any identity and with nobody else it is said what is missing", "[scenario]") {
  RelayFixture f;
  FakeEnvironment environment;
  environment.set("AWS_EC2_METADATA_DISABLED", "true");
  environment.set("HOME", "/nonexistent");
  f.options.environment = environment.lookup();
  f.add_provider("b");
  as_bedrock(f);
  f.start();
  const Answer answer = f.ask(asking());
  CHECK(answer.status == 403);
  CHECK(answer.headers.get("x-should-retry") == "false");
  CHECK(has(answer.body, "provider \\\"b\\\": "));
  CHECK(has(answer.body, "AWS"));
}

TEST_CASE("that an identity may not do something is no reason to fetch another", "[scenario]") {
  Vertex f;
  f.tokens.enqueue(Vertex::token("ya29.one"));
  f.vertex->enqueue(Script::reply(
      403, "application/json",
      R"({"error":{"code":403,"message":"no access","status":"PERMISSION_DENIED"}})"));
  f.start();
  CHECK(f.ask(asking()).status == 403);
  CHECK(tries(f.finished()) == "v:key_refused");
  f.ask(asking());
  CHECK(f.tokens.requests().size() == 1);
}

TEST_CASE("an identity that is throttled is set aside for that model alone", "[scenario]") {
  Vertex f;
  f.add_provider("next");
  f.config.health.failure_threshold = 2;
  f.tokens.enqueue(Vertex::token("ya29.one"));
  for (int i = 0; i < 5; ++i) {
    f.vertex->enqueue(
        Script::reply(429, "application/json",
                      R"({"error":{"code":429,"message":"full","status":"RESOURCE_EXHAUSTED"}})"));
  }
  f.start();
  for (int i = 0; i < 5; ++i) {
    CHECK(f.ask(asking()).status == 200);
    CHECK(tries(f.finished(2 * i + 1)) == "v:rate_limited next:success");
    // Nobody asks there again before the limit may have ended.
    f.ask(asking());
    CHECK(tries(f.finished(2 * i + 2)) == "next:success");
    f.harness.advance(std::chrono::seconds(10));
  }
  CHECK(f.vertex->requests().size() == 5);
  f.ask(RelayFixture::post(R"({"model":"claude-other","max_tokens":8,"messages":[]})"));
  CHECK(tries(f.finished(11)) == "v:success");
}

TEST_CASE("a model that an identity may not use is no reason to leave its cloud", "[scenario]") {
  Vertex f;
  f.tokens.enqueue(Vertex::token("ya29.one"));
  f.vertex->enqueue(Script::reply(
      403, "application/json",
      R"({"error":{"code":403,"message":"Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/p/locations/l/publishers/anthropic/models/m' (or it may not exist). You have no access to the model.","status":"PERMISSION_DENIED"}})"));
  f.start();
  const Answer refused = f.ask(asking());
  CHECK(refused.status == 403);
  CHECK(refused.headers.get("x-should-retry") == "false");
  CHECK(has(refused.body, "does not let the relay's identity use model"));
  CHECK(tries(f.finished()) == "v:no_access");
  f.ask(RelayFixture::post(R"({"model":"claude-other","max_tokens":8,"messages":[]})"));
  CHECK(tries(f.finished(2)) == "v:success");
  CHECK(f.vertex->requests().size() == 2);
}

TEST_CASE("of a cloud's words the log has one line of 300 bytes at most", "[scenario]") {
  struct Case {
    std::string said;  // as JSON has it
    std::string logged;
  };
  // AWS quotes in further lines what it was sent.
  const Case words = GENERATE(Case{"not so\\nbut what was sent", "not so"},
                              Case{std::string(301, 'x'), std::string(300, 'x')});
  const int status = GENERATE(400, 403);
  Vertex f;
  f.tokens.enqueue(Vertex::token("ya29.one"));
  f.vertex->enqueue(
      Script::reply(status, "application/json", R"({"error":{"message":")" + words.said + "\"}}"));
  f.start();
  f.ask(asking());
  if (status == 400) {
    CHECK(f.finished().attempts.back().detail == "answered 400: " + words.logged);
  } else {
    CHECK(noted_of(f.observer, "identity_refused") ==
          "v refused the relay's identity (answered 403): " + words.logged);
  }
}
