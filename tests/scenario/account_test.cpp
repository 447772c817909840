#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/tries.hpp"

// An account that is empty, a key that is refused, a model that a key may not use: who is asked
// then, and what the client is told.

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const std::string empty_account =
    R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."},"request_id":"req_1"})";

Script said(int status, const std::string& body) {
  return Script::reply(status, "application/json", body);
}

Script in_stream(const std::string& data) {
  return Script::stream_head().chunk("event: error\ndata: " + data + "\n\n").last_chunk();
}

std::string key_of(const RecordedRequest& request) {
  return std::string(request.head.headers.get("x-api-key").value_or(""));
}

}  // namespace

TEST_CASE("an account that is empty moves on to the next key, and stays out", "[scenario]") {
  struct Case {
    int status;
    std::string body;
  };
  const std::vector<Case> cases{
      {400, empty_account},
      {402, R"({"type":"error","error":{"type":"billing_error","message":"pay"}})"},
      {500,
       R"j({"type":"error","error":{"type":"api_error","message":"insufficient balance (1008)"}})j"},
      {429, R"({"error":{"code":"1113","message":"余额不足"}})"},
      {403, R"({"code":"personal-team-blocked:spending-limit","error":"out of credits"})"},
      {429, R"({"error":{"message":"quota","type":"insufficient_quota","code":null}})"},
  };
  for (const Case& one : cases) {
    INFO(one.status << " " << one.body);
    RelayFixture f;
    FakeProvider& provider = f.add_provider("one");
    add_key(f, 0, "sk-test-one-b");
    provider.enqueue(said(one.status, one.body));
    f.start();
    CHECK(f.ask(request(false)).status == 200);
    CHECK(tries(f.finished()) == "one:exhausted one:success");
    CHECK(noted(f.observer, "key_exhausted", "is exhausted or disabled"));
    for (int i = 0; i < 4; ++i) CHECK(f.ask(request(false)).status == 200);
    REQUIRE(provider.requests().size() == 6);
    for (std::size_t i = 1; i < 6; ++i) CHECK(key_of(provider.requests()[i]) == "sk-test-one-b");
    const Answer status = f.ask(RelayFixture::get("/v1/providers"));
    CHECK(has(status.body, R"("state":"exhausted")"));
    CHECK(has(status.body, R"("asked_again_in_ms":1800000)"));
  }
}

TEST_CASE("a conversation at home with an empty account moves, and is served", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.start();
  CHECK(f.ask(request_of("s1")).status == 200);
  one.enqueue(said(400, empty_account));
  CHECK(f.ask(request_of("s1")).status == 200);
  CHECK(tries(f.finished(2)) == "one:exhausted two:success");
  for (int i = 0; i < 3; ++i) CHECK(f.ask(request_of("s1")).status == 200);
  CHECK(one.requests().size() == 2);
  CHECK(two.requests().size() == 4);
}

TEST_CASE("with nobody else an empty account is told in the provider's own words", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(said(400, empty_account));
  f.start();
  // Also to who asks while the key is set aside.
  for (int i = 0; i < 2; ++i) {
    const Answer answer = f.ask(request(GENERATE(false, true)));
    CHECK(answer.status == 400);
    CHECK(answer.body == empty_account);
    CHECK(answer.headers.get("x-should-retry") == "false");
    CHECK_FALSE(answer.headers.contains("retry-after"));
  }
  CHECK(one.requests().size() == 1);
  CHECK(has(f.ask(RelayFixture::get("/v1/providers")).body,
            "the account of its key is exhausted or disabled, tried again in"));
}

TEST_CASE("after half an hour one request finds out whether an account was filled", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(said(400, empty_account));
  f.start();
  f.ask(request(false));
  f.harness.advance(minutes(30) - milliseconds(1));
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(milliseconds(1));
  one.enqueue(held(said(400, empty_account)));
  const auto probe = f.connect();
  probe->send(request(false));
  f.until([&] { return one.requests().size() == 2; });
  // While it does, others go elsewhere.
  f.ask(request(false));
  CHECK(tries(f.finished(3)) == "two:success");
  one.release();
  CHECK(tries(f.finished(4)) == "one:exhausted two:success");
  f.ask(request(false));
  CHECK(tries(f.finished(5)) == "two:success");
  f.harness.advance(minutes(30));
  f.ask(request(false));
  CHECK(tries(f.finished(6)) == "one:success");
  f.ask(request(false));
  CHECK(tries(f.finished(7)) == "one:success");
}

TEST_CASE("an answer that says when an account is open again is heeded", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  // The manual clock starts at one in the morning of 2026-01-01.
  one.enqueue(said(
      400,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-01-01 at 03:00 UTC."}})"));
  f.start();
  f.ask(request(false));
  f.harness.advance(minutes(119));
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(minutes(1));
  f.ask(request(false));
  CHECK(tries(f.finished(3)) == "one:success");
}

TEST_CASE("an error that begins a stream is as the status of its name", "[scenario]") {
  struct Case {
    std::string type;
    std::string outcome;
  };
  const Case one =
      GENERATE(Case{"authentication_error", "key_refused"}, Case{"permission_error", "key_refused"},
               Case{"billing_error", "exhausted"}, Case{"rate_limit_error", "rate_limited"});
  RelayFixture f;
  FakeProvider& provider = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  provider.enqueue(
      in_stream(R"({"type":"error","error":{"type":")" + one.type + R"(","message":"no"}})"));
  f.start();
  const Answer answer = f.ask(request(true));
  CHECK(answer.status == 200);
  CHECK(has(answer.body, "message_stop"));
  CHECK(tries(f.finished()) == "one:" + one.outcome + " one:success");
  CHECK(f.ask(request(true)).status == 200);
  REQUIRE(provider.requests().size() == 3);
  CHECK(key_of(provider.requests()[2]) == "sk-test-one-b");
}

TEST_CASE("a 403 that names a model shuts the key for that model alone", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(said(
      403,
      R"({"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission to use the model claude-test"}})"));
  f.start();
  const Answer refused = f.ask(request(false));
  CHECK(refused.status == 403);
  CHECK(refused.headers.get("x-should-retry") == "false");
  CHECK(has(refused.body, "does not let the relay's key"));
  CHECK(has(refused.body, "Your API key does not have permission"));
  CHECK(tries(f.finished()) == "one:no_access");
  CHECK(f.ask(RelayFixture::post(R"({"model":"claude-other","messages":[]})")).status == 200);
  CHECK(f.ask(request(false)).status == 403);
  CHECK(one.requests().size() == 2);
  f.harness.advance(minutes(5));
  CHECK(f.ask(request(false)).status == 200);
}

TEST_CASE("a 403 with a page blames no key", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::reply(403, "text/html; charset=UTF-8",
                            "<html><head><title>403 Forbidden</title></head></html>"));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished()) == "one:failed two:success");
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished(2)) == "one:success");
  CHECK(one.requests().size() == 2);
  CHECK(two.requests().size() == 1);
}

TEST_CASE("a reload forgives what a person may have mended, and no limit", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  const auto [status, body] = GENERATE(
      std::pair(401, std::string(R"({"type":"error","error":{"type":"authentication_error"}})")),
      std::pair(403, std::string(R"({"error":{"code":"model_access_denied","message":"no"}})")),
      std::pair(400, empty_account),
      std::pair(429, std::string(R"({"type":"error","error":{"type":"rate_limit_error"}})")));
  one.enqueue(said(status, body));
  f.start();
  CHECK(f.ask(request(false)).status != 200);
  CHECK(f.ask(request(false)).status != 200);
  CHECK(one.requests().size() == 1);
  REQUIRE(f.relay->reload(f.config));
  CHECK((f.ask(request(false)).status == 200) == (status != 429));
}

TEST_CASE("one word as the key of two local providers is two keys", "[scenario]") {
  const int status = GENERATE(401, 429, 402);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  for (auto& provider : f.config.providers) provider.keys[0].key = Secret("EMPTY");
  one.enqueue(Script::error(status, "error", "no"));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(f.ask(request(false)).status == 200);
  CHECK(one.requests().size() == 1);
  CHECK(two.requests().size() == 2);
}

TEST_CASE("a limit that a request by itself is above is told to its client alone", "[scenario]") {
  const std::string body =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"Extra usage is required for long context requests."}})";
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(said(429, body));
  f.start();
  const Answer answer = f.ask(request(GENERATE(false, true)));
  CHECK(answer.status == 429);
  CHECK(answer.body == body);
  CHECK(f.ask(request(false)).status == 200);
  CHECK(one.requests().size() == 2);
  CHECK(two.requests().empty());
}

TEST_CASE("what a gateway quotes of its own upstream shuts no key", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(said(
      401,
      R"({"error":{"message":"litellm.AuthenticationError: AnthropicException - {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"invalid x-api-key\"}}","code":"401"}})"));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished()) == "one:failed two:success");
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("a rule of the configuration goes before the table", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  ErrorRule rule;
  rule.status = 400;
  rule.words = "Daily allowance";
  rule.about = ErrorAbout::account;
  rule.wait = milliseconds(60'000);
  f.config.providers[0].errors = {rule};
  one.enqueue(Script::error(400, "invalid_request_error", "The daily allowance is used"));
  one.enqueue(Script::error(400, "invalid_request_error", "something else"));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished()) == "one:exhausted two:success");
  f.harness.advance(seconds(59));
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(seconds(1));
  CHECK(f.ask(request(false)).status == 400);
  CHECK(tries(f.finished(3)) == "one:rejected");
}

TEST_CASE("what a client's own login is not good for is passed on as it is", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(said(400, empty_account));
  f.start();
  const Answer answer = f.ask(request(false, "x-api-key: sk-ant-mine\r\n"));
  CHECK(answer.status == 400);
  CHECK(answer.body == empty_account);
  CHECK_FALSE(answer.headers.contains("x-should-retry"));
  CHECK(two.requests().empty());
}

TEST_CASE("nothing that only a person can mend is worth another try", "[scenario]") {
  RelayFixture f;
  SECTION("no provider") {
    f.start();
    const Answer answer = f.ask(request(false));
    CHECK(answer.status == 403);
    CHECK(answer.headers.get("x-should-retry") == "false");
    CHECK(has(answer.body, "no provider is configured"));
  }
  SECTION("an address where nobody lives") {
    FakeProvider& one = f.add_provider("one");
    one.enqueue(Script::reply(404, "text/plain", "404 page not found\n"));
    f.start();
    const Answer answer = f.ask(request(false));
    CHECK(answer.status == 403);
    CHECK(answer.headers.get("x-should-retry") == "false");
    CHECK(has(answer.body, "check base_url"));
    CHECK(has(answer.body, "404 page not found"));
  }
  SECTION("nobody who could take this client's credential") {
    f.add_provider("one");
    f.config.server.auth.api_key = Secret("relay-key");
    f.config.server.auth.allow_subscription = true;
    f.config.providers[0].credentials = Credentials::configured;
    f.start();
    const Answer answer = f.ask(request(false, "Authorization: Bearer sk-ant-oat01-mine\r\n"));
    CHECK(answer.status == 403);
    CHECK(answer.headers.get("x-should-retry") == "false");
  }
}
