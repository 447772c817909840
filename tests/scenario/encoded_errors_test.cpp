#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/tries.hpp"
#include "support/deflated.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// Errors that come encoded although they were asked for as they are.

namespace {

Script encoded(int status, const std::string& type, const std::string& bytes,
               const std::string& coding, const Headers& more = {}) {
  Headers headers{{"content-encoding", coding}};
  for (const Header field : more) headers.add(field.name, field.value);
  return Script::reply(status, type, bytes, headers);
}

// What the client gets of this from the only provider, which is asked once, for nothing encoded.
Answer alone_as_it_is(const Script& script, bool stream) {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(script);
  f.start();
  Answer answer = f.ask(request(stream, "Accept-Encoding: gzip, br\r\n"));
  REQUIRE(one.requests().size() == 1);
  CHECK(one.requests()[0].head.headers.get("accept-encoding") == "identity");
  return answer;
}

const std::string page = "<html><head><title>502 Bad Gateway</title></head><body></body></html>";

}  // namespace

TEST_CASE("an encoded page is quoted like any other", "[scenario][encoded]") {
  struct Case {
    const char* coding;
    Form form;
  };
  const Case c = GENERATE(Case{"gzip", Form::gzip}, Case{"x-gzip", Form::gzip},
                          Case{"deflate", Form::zlib}, Case{"deflate", Form::raw});
  const Answer answer = alone_as_it_is(encoded(502, "text/html", deflated(page, c.form), c.coding),
                                       GENERATE(false, true));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "provider \\\"one\\\" answered 502 with a page: 502 Bad Gateway"));
  CHECK_FALSE(answer.headers.contains("content-encoding"));
  CHECK(answer.complete);
}

TEST_CASE("encoded JSON says what the error is about, and the client can read it",
          "[scenario][encoded]") {
  const std::string body = R"({"type":"error","error":{"type":"invalid_request_error","message":)"
                           R"("Your credit balance is too low to access the Anthropic API."}})";
  const Script script =
      encoded(400, "application/json", deflated(deflated(body, Form::zlib), Form::gzip),
              "deflate, gzip", {{"etag", "\"of the encoded\""}});
  CHECK(tries_after(script, GENERATE(false, true)) == "one:exhausted two:success");
  const Answer answer = alone_as_it_is(script, false);
  CHECK(answer.status == 400);
  CHECK(answer.body == body);
  CHECK_FALSE(answer.headers.contains("content-encoding"));
  CHECK_FALSE(answer.headers.contains("etag"));
}

TEST_CASE("what an encoded error refuses is left out, and asked again", "[scenario][encoded]") {
  RelayFixture f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f).keys.push_back({Secret("bedrock-key"), 1, 1});
  bedrock.enqueue(
      encoded(400, "application/json",
              deflated(R"({"message":"odd_field: Extra inputs are not permitted"})", Form::gzip),
              "gzip", {{"x-amzn-errortype", "ValidationException"}}));
  f.start();
  CHECK(f.ask(RelayFixture::post(
                  R"({"model":"claude-test","max_tokens":8,"odd_field":1,"messages":[]})"))
            .status == 200);
  CHECK(tries(f.finished()) == "b:rejected b:success");
  CHECK(has(bedrock.requests()[0].body, "odd_field"));
  CHECK_FALSE(has(bedrock.requests()[1].body, "odd_field"));
}

TEST_CASE("a coding that nobody here knows goes on as it came", "[scenario][encoded]") {
  const std::string bytes = "\x1b not for reading";
  const Answer answer = alone_as_it_is(encoded(400, "application/json", bytes, "br"), false);
  CHECK(answer.status == 400);
  CHECK(answer.body == bytes);
  CHECK(answer.headers.get("content-encoding") == "br");
}

TEST_CASE("an encoded error is decoded no further than errors are kept", "[scenario][encoded]") {
  // Of JSON nothing but its length tells that there was more.
  const bool is_page = GENERATE(true, false);
  const std::string blanks(30 << 20, ' ');
  const std::string bomb =
      deflated(is_page ? page + blanks : R"({"error":{"message":")" + blanks + "\"}}", Form::gzip);
  REQUIRE(bomb.size() < 64 * 1024);
  const Answer answer =
      alone_as_it_is(encoded(502, is_page ? "text/html" : "application/json", bomb, "gzip"), false);
  CHECK(answer.status == 502);
  CHECK(has(answer.body, is_page ? "answered 502 with a page: 502 Bad Gateway" : "answered 502"));
  CHECK(answer.body.size() < 1024);
  CHECK_FALSE(answer.headers.contains("content-encoding"));
}
