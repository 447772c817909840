#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// A refusal that stands inside a 200 is healed as one with a status of its own.

namespace {

std::string error_json(const std::string& message) {
  return R"({"type":"error","error":{"type":"invalid_request_error","message":")" + message +
         "\"}}";
}

Script told(const std::string& message, bool as_event) {
  const std::string json = error_json(message);
  if (!as_event) return Script::reply(200, "application/json", json);
  return Script::stream_head().chunk("event: error\ndata: " + json + "\n\n").last_chunk();
}

}  // namespace

TEST_CASE("a field that is refused inside a 200 is left out, and remembered",
          "[scenario][healing]") {
  const bool stream = GENERATE(false, true);
  const bool as_event = stream && GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(told("odd: Extra inputs are not permitted", as_event));
  f.start();
  const std::string body = std::string(R"({"model":"claude-test","odd":1,"stream":)") +
                           (stream ? "true" : "false") + R"(,"messages":[]})";
  const Answer answer = f.ask(RelayFixture::post(body));
  CHECK(answer.status == 200);
  CHECK(has(answer.body, stream ? "message_stop" : "end_turn"));
  CHECK_FALSE(has(answer.body, "Extra inputs"));
  CHECK(tries(f.finished()) == "one:rejected one:success");
  REQUIRE(one.requests().size() == 2);
  CHECK(has(one.requests()[0].body, "odd"));
  CHECK_FALSE(has(one.requests()[1].body, "odd"));
  CHECK(noted(f.observer, "capability_refused", "field odd"));
}

TEST_CASE("an exception that begins Bedrock's frames is healed", "[scenario][healing]") {
  const bool own_form = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f).keys.push_back({Secret("bedrock-key"), 1, 1});
  bedrock.enqueue(
      bedrock_head()
          .chunk(bedrock_exception("validationException", "odd: Extra inputs are not permitted"))
          .last_chunk());
  bedrock.enqueue(bedrock_stream("hello"));
  f.start();
  const std::string members = R"("odd":1,"max_tokens":8,"messages":[]})";
  const Answer answer =
      own_form ? f.ask(RelayFixture::post(R"({"anthropic_version":"v",)" + members, {},
                                          "/model/claude-test/invoke-with-response-stream"))
               : f.ask(RelayFixture::post(R"({"model":"claude-test","stream":true,)" + members));
  CHECK(answer.status == 200);
  CHECK_FALSE(has(answer.body, "Extra inputs"));
  CHECK(tries(f.finished()) == "b:rejected b:success");
  REQUIRE(bedrock.requests().size() == 2);
  CHECK(has(bedrock.requests()[0].body, "odd"));
  CHECK_FALSE(has(bedrock.requests()[1].body, "odd"));
}

TEST_CASE("a signature that is refused inside a 200 is left out with its thinking",
          "[scenario][healing]") {
  const bool as_event = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(told("messages.1.content.0: Invalid `signature` in `thinking` block", as_event));
  f.start();
  const std::string body =
      R"({"model":"claude-test","stream":true,"max_tokens":8,"messages":[{"role":"user","content":)"
      R"("hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln")"
      R"(},{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})";
  const Answer answer = f.ask(RelayFixture::post(body));
  CHECK(answer.status == 200);
  CHECK_FALSE(has(answer.body, "Invalid"));
  REQUIRE(one.requests().size() == 2);
  CHECK(has(one.requests()[0].body, "c2ln"));
  CHECK_FALSE(has(one.requests()[1].body, "c2ln"));
}

TEST_CASE("an error inside a 200 that names nothing new is the client's", "[scenario][healing]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(told("not_there: Extra inputs are not permitted", false));
  f.start();
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 400);
  CHECK(answer.body == error_json("not_there: Extra inputs are not permitted"));
  CHECK(one.requests().size() == 1);
}
