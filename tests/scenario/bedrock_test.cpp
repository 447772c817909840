#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/front.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"
#include "support/deflated.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

struct Bedrock : RelayFixture {
  Bedrock() {
    environment.set("AWS_ACCESS_KEY_ID", "AKIDTEST");
    environment.set("AWS_SECRET_ACCESS_KEY", "aws-secret-canary");
    options.environment = environment.lookup();
  }
  FakeEnvironment environment;
};

std::string all_events(std::string_view text) {
  std::string out;
  for (const std::string& event : Script::events(text)) out += event;
  return out;
}

// As BedrockEvents writes them: name and data a line each.
std::string sse_of(std::string_view text) {
  std::string out;
  for (const std::string& json : event_jsons(text)) {
    const auto at = json.find("\"type\":") + 7;
    const auto begin = json.find('"', at) + 1;
    out +=
        "event: " + json.substr(begin, json.find('"', begin) - begin) + "\ndata: " + json + "\n\n";
  }
  return out;
}

}  // namespace

TEST_CASE("a message goes to Bedrock signed, and its answer comes back as it is", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f).model_mapping = {{"claude-test", "eu.claude-test-v1:0"}};
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(false)));
  CHECK(answer.status == 200);
  CHECK(has(answer.body, "\"type\":\"message\""));
  REQUIRE(bedrock.requests().size() == 1);
  const auto& request = bedrock.requests()[0];
  CHECK(request.head.target == "/model/eu.claude-test-v1%3A0/invoke");
  CHECK(request.body == R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":8,)"
                        R"("messages":[{"role":"user","content":"hi"}]})");
  CHECK(has(std::string(request.head.headers.get("authorization").value_or("")),
            "AWS4-HMAC-SHA256 Credential=AKIDTEST/"));
  CHECK(f.finished().attempts.back().key == "identity");
}

TEST_CASE("Bedrock's frames become events, however they are cut", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  const std::string frames = bedrock_frames("hello");
  const std::size_t piece = GENERATE(1u, 7u, 100u, 100000u);
  Script script = bedrock_head();
  for (std::size_t at = 0; at < frames.size(); at += piece) script.chunk(frames.substr(at, piece));
  bedrock.enqueue(script.last_chunk());
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(answer.status == 200);
  CHECK(has(std::string(answer.headers.get("content-type").value_or("")), "text/event-stream"));
  CHECK(answer.headers.get("request-id") == "aws-1");
  CHECK(answer.body == sse_of("hello"));
  CHECK(bedrock.requests()[0].head.target == "/model/claude-test/invoke-with-response-stream");
  const RequestSummary& summary = f.finished();
  CHECK(summary.attempts.back().outcome == Outcome::success);
  CHECK(usage_of(summary).tokens[TokenClass::output] > 0u);
}

TEST_CASE("a stream of Bedrock's that begins with an exception goes elsewhere", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  f.add_provider("next");
  bedrock.enqueue(
      bedrock_head().chunk(bedrock_exception("throttlingException", "slow down")).last_chunk());
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(answer.status == 200);
  CHECK(answer.body == all_events("Hello from the fake provider."));
  CHECK(tries(f.finished()) == "b:rate_limited next:success");
}

TEST_CASE("an exception after the beginning is told in the stream", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  bedrock.enqueue(
      bedrock_head()
          .chunk(bedrock_beginning() + bedrock_exception("serviceUnavailableException", "busy"))
          .last_chunk());
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(has(answer.body, "event: error\ndata: {\"type\":\"error\""));
  CHECK(has(answer.body, "overloaded_error"));
  CHECK(has(answer.body, "busy"));
  CHECK(f.finished().attempts.back().outcome == Outcome::stream_broken);
}

TEST_CASE("a corrupt frame ends the stream with an error, or is made good before", "[scenario]") {
  const bool committed = GENERATE(false, true);
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  f.add_provider("next");
  const auto events = event_jsons("hello");
  std::string corrupt = bedrock_frame(events[3]);
  corrupt[corrupt.size() / 2] = static_cast<char>(corrupt[corrupt.size() / 2] ^ 1);
  const std::string before = committed ? bedrock_beginning() : bedrock_frame(events[0]);
  // It stays open: the relay must not wait for more.
  bedrock.enqueue(bedrock_head().chunk(before + corrupt).hold());
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  if (committed) {
    CHECK(has(answer.body,
              "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
              "\"api_error\""));
    CHECK(tries(f.finished()) == "b:stream_broken");
  } else {
    CHECK(answer.body == all_events("Hello from the fake provider."));
    CHECK(tries(f.finished()) == "b:failed next:success");
  }
  f.until([&] { return bedrock.connections_open() == 0; });
}

TEST_CASE("a stream of Bedrock's that is cut inside a frame has an error", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  const std::string frames = bedrock_frames("hello");
  bedrock.enqueue(bedrock_head().chunk(frames.substr(0, frames.size() - 9)).last_chunk());
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(has(answer.body, "event: error\n"));
  CHECK_FALSE(has(answer.body, "event: message_stop"));
}

TEST_CASE("Bedrock has no pings, so the relay makes them in gaps", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  // The gap is inside a frame, which is between events for the client.
  const std::string rest = bedrock_frames("hello").substr(bedrock_beginning().size());
  bedrock.enqueue(bedrock_head()
                      .chunk(bedrock_beginning() + rest.substr(0, 5))
                      .hold()
                      .chunk(rest.substr(5))
                      .last_chunk());
  f.start();
  const auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(true)));
  f.until([&] { return has(client->received(), "content_block_start"); });
  f.harness.advance(f.config.stream.keepalive);
  f.until([&] { return has(client->received(), "event: ping\n"); });
  bedrock.release();
  f.until([&] { return has(client->received(), "event: message_stop"); });
  CHECK(f.finished().pings == 1);
}

TEST_CASE("Bedrock's refusals reach the client in Anthropic's words, at once", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  FakeProvider& next = f.add_provider("next");
  bedrock.enqueue(aws_error(400, "ValidationException:http://x", "Input is too long for it."));
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, R"({"type":"error","error":{"type":"invalid_request_error",)"
                         R"("message":"prompt is too long: Input is too long for it.)"));
  CHECK(answer.headers.get("content-type") == "application/json");
  CHECK(next.requests().empty());
  CHECK(tries(f.finished()) == "b:rejected");
}

TEST_CASE("what Bedrock says by a word counts for more than the status", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  f.add_provider("next");
  bedrock.enqueue(aws_error(424, "ModelErrorException", "broke"));
  f.start();
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(false))).status == 200);
  CHECK(tries(f.finished()) == "b:failed next:success");
}

TEST_CASE("tokens are counted by Bedrock", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  bedrock.enqueue(Script::reply(200, "application/json", R"({"inputTokens":42})"));
  f.start();
  const Answer answer = f.ask(
      RelayFixture::post(RelayFixture::body(false), {}, "/v1/messages/count_tokens?beta=true"));
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"input_tokens":42})");
  CHECK(bedrock.requests()[0].head.target == "/model/claude-test/count-tokens");
}

TEST_CASE("a key of Bedrock's own is sent as a token", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f).keys.push_back({Secret("bedrock-key"), 1, 1});
  f.start();
  f.ask(RelayFixture::post(RelayFixture::body(false)));
  CHECK(bedrock.requests()[0].head.headers.get("authorization") == "Bearer bedrock-key");
}

TEST_CASE("a count that makes no sense is asked for elsewhere", "[scenario]") {
  Bedrock f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  f.add_provider("next");
  bedrock.enqueue(Script::reply(200, "application/json", R"({"tokens":42})"));
  f.start();
  const Answer answer =
      f.ask(RelayFixture::post(RelayFixture::body(false), {}, "/v1/messages/count_tokens"));
  CHECK(answer.body == R"({"input_tokens":42})");
  CHECK(tries(f.finished()) == "b:failed next:success");
}

// Frames in a coding are none that could be read, and their client has others.
TEST_CASE("a stream of Bedrock's that comes encoded goes to the next provider", "[scenario]") {
  for (const bool alone : {true, false}) {
    INFO(alone);
    Bedrock f;
    FakeProvider& bedrock = f.add_provider("b");
    as_bedrock(f);
    const std::string body = deflated("frames", Form::gzip);
    bedrock.enqueue(Script()
                        .head(200, {{"content-type", "application/vnd.amazon.eventstream"},
                                    {"content-encoding", "gzip"},
                                    {"content-length", std::to_string(body.size())}})
                        .send(body));
    if (!alone) f.add_provider("two");
    f.start();
    const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(true)));
    REQUIRE(bedrock.requests().size() == 1);
    CHECK_FALSE(answer.headers.contains("content-encoding"));
    CHECK(answer.status == (alone ? 502 : 200));
    if (alone) CHECK(has(answer.body, "gzip"));
    if (!alone) CHECK(f.providers[1]->requests().size() == 1);
  }
}
