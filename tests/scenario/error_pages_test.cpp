#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// Errors that are no JSON: a load balancer's, a firewall's, a captive portal's.

namespace {

const std::string cdn_page =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad "
    "Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n";

Script page(int status, const std::string& body = cdn_page, const Headers& more = {}) {
  return Script::reply(status, "text/html; charset=UTF-8", body, more);
}

std::string envelope(const std::string& type, const std::string& message) {
  return R"({"type":"error","error":{"type":")" + type + R"(","message":")" + message +
         R"("},"request_id":"the-one"})";
}

struct Asked {
  Answer answer;
  RequestSummary summary;
};

Asked ask_alone(const Script& script, bool stream) {
  RelayFixture f;
  f.add_provider("one").enqueue(script);
  f.start();
  Asked asked;
  asked.answer = f.ask(request(stream, "X-Request-ID: the-one\r\n"));
  asked.summary = f.finished();
  CHECK(f.providers[0]->requests().size() == 1);
  return asked;
}

}  // namespace

TEST_CASE("an error that is a page keeps its status and becomes an envelope with its title",
          "[scenario][pages]") {
  struct Case {
    int status;
    const char* type;
    Outcome outcome;
  };
  const Case c =
      GENERATE(Case{502, "api_error", Outcome::failed}, Case{520, "api_error", Outcome::failed},
               Case{504, "timeout_error", Outcome::failed},
               Case{413, "request_too_large", Outcome::rejected},
               Case{400, "invalid_request_error", Outcome::rejected});
  const bool stream = GENERATE(false, true);
  const Asked asked =
      ask_alone(page(c.status, cdn_page, {{"retry-after", "3"}, {"etag", "\"x\""}}), stream);
  CHECK(asked.answer.status == c.status);
  CHECK(asked.answer.headers.get("content-type") == "application/json");
  CHECK(asked.answer.headers.get("retry-after") == "3");
  CHECK_FALSE(asked.answer.headers.contains("etag"));
  CHECK(asked.answer.body ==
        envelope(c.type, "provider \\\"one\\\" answered " + std::to_string(c.status) +
                             " with a page: 502 Bad Gateway"));
  REQUIRE(asked.summary.attempts.size() == 1);
  CHECK(asked.summary.attempts[0].outcome == c.outcome);
  CHECK(asked.summary.attempts[0].detail ==
        "answered " + std::to_string(c.status) + " with a page: 502 Bad Gateway");
}

TEST_CASE("a page fails over like any error of its status", "[scenario][pages]") {
  const bool stream = GENERATE(false, true);
  CHECK(tries_after(page(502), stream) == "one:failed two:success");
  CHECK(tries_after(page(404), stream) == "one:not_here two:success");
}

TEST_CASE("an error that is text is quoted, one without a body is told so", "[scenario][pages]") {
  const bool stream = GENERATE(false, true);
  CHECK(ask_alone(Script::reply(500, "text/plain", "upstream connect error\r\n"), stream)
            .answer.body ==
        envelope("api_error",
                 "provider \\\"one\\\" answered 500 without JSON: upstream connect error"));
  CHECK(ask_alone(Script::reply(400, "application/json", ""), stream).answer.body ==
        envelope("invalid_request_error", "provider \\\"one\\\" answered 400 without a body"));
  // What claims to be JSON and is none.
  CHECK(ask_alone(Script::reply(500, "application/json", "{\"cut\":"), stream).answer.body ==
        envelope("api_error", "provider \\\"one\\\" answered 500 without JSON: {\\\"cut\\\":"));
}

TEST_CASE("JSON is passed on as it is, whatever its head calls it", "[scenario][pages]") {
  const int status = GENERATE(400, 413, 500);
  const std::string type = GENERATE("text/plain", "text/html", "application/problem+json");
  const std::string body = " { \"x\" : 1e2 }\n";
  const Asked asked = ask_alone(Script::reply(status, type, body), GENERATE(false, true));
  CHECK(asked.answer.status == status);
  CHECK(asked.answer.body == body);
  CHECK(asked.answer.headers.get("content-type") == type);
}

TEST_CASE("a page longer than what is kept of an error has its status and its title",
          "[scenario][pages]") {
  const Asked asked = ask_alone(page(400, cdn_page + std::string(200'000, ' ')), false);
  CHECK(asked.answer.status == 400);
  CHECK(asked.answer.body ==
        envelope("invalid_request_error",
                 "provider \\\"one\\\" answered 400 with a page: 502 Bad Gateway"));
}

TEST_CASE("an encoded page is not quoted, encoded JSON goes on", "[scenario][pages]") {
  const std::string bytes = "\x1f\x8b\x08 not for reading";
  const Asked asked = ask_alone(page(502, bytes, {{"content-encoding", "gzip"}}), true);
  CHECK(asked.answer.status == 502);
  CHECK(asked.answer.body ==
        envelope("api_error", "provider \\\"one\\\" answered 502 with a page"));
  CHECK_FALSE(asked.answer.headers.contains("content-encoding"));
  const Asked json = ask_alone(
      Script::reply(400, "application/json", bytes, {{"content-encoding", "gzip"}}), true);
  CHECK(json.answer.body == bytes);
  CHECK(json.answer.headers.get("content-encoding") == "gzip");
}

TEST_CASE("what a page repeats of a secret is told to nobody", "[scenario][pages]") {
  RelayFixture f;
  f.add_provider("one").enqueue(
      page(502, "<title>no sk-test-one for x-api-key: sk-test-one</title>"));
  f.start();
  const Answer answer = f.ask(request(false));
  CHECK(has(answer.body, "no *** for API key: ***"));
  CHECK_FALSE(has(answer.body, "sk-test-one"));
  CHECK_FALSE(has(answer.body, "x-api-key"));
  CHECK_FALSE(has(f.finished().attempts[0].detail, "sk-test-one"));
  REQUIRE(f.providers[0]->requests().size() == 1);
  CHECK(f.providers[0]->requests()[0].head.headers.get("x-api-key") == "sk-test-one");
}

TEST_CASE("a cloud's page is an error of its status, in the client's form", "[scenario][pages]") {
  FakeEnvironment environment;
  environment.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  environment.set("AWS_SECRET_ACCESS_KEY", "not-a-real-secret");
  RelayFixture f;
  f.options.environment = environment.lookup();
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  bedrock.respond_with([](const RecordedRequest&) { return page(502); });
  f.start();
  const Answer plain = f.ask(request(true, "X-Request-ID: the-one\r\n"));
  CHECK(plain.status == 502);
  CHECK(plain.body ==
        envelope("api_error", "provider \\\"b\\\" answered 502 with a page: 502 Bad Gateway"));
  const Answer own = f.ask(RelayFixture::post(R"({"anthropic_version":"bedrock-2023-05-31"})", {},
                                              "/model/claude-test/invoke"));
  CHECK(own.status == 502);
  CHECK(own.headers.get("x-amzn-errortype") == "InternalServerException");
  CHECK(own.body == R"({"message":"provider \"b\" answered 502 with a page: 502 Bad Gateway"})");
  CHECK(bedrock.requests().size() == 2);
}

TEST_CASE("a page of an endpoint that is passed through stays as it is", "[scenario][pages]") {
  RelayFixture f;
  f.add_provider("one").enqueue(page(502));
  f.start();
  const Answer answer = f.ask(RelayFixture::get("/v1/files"));
  CHECK(answer.status == 502);
  CHECK(answer.body == cdn_page);
}

TEST_CASE("a client with HTTP/2 gets the same of a page", "[scenario][pages]") {
  RelayFixture f;
  f.add_provider("one").enqueue(page(502));
  f.start();
  const auto client = h2_connect(f);
  const auto stream = ended(f, *client, client->post(RelayFixture::body(true)));
  CHECK(stream.answer.status == 502);
  CHECK(has(stream.answer.body, "answered 502 with a page: 502 Bad Gateway"));
}
