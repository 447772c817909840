#include <chrono>
#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/front.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// Clients that speak a cloud's own form to the relay (the contract's table of formats).

namespace {

// Its bytes must arrive as they are, odd spacing and all.
const std::string invoke_body =
    R"( {"anthropic_version":"bedrock-2023-05-31","max_tokens":8, "messages":[]} )";

struct Clouds : RelayFixture {
  Clouds() {
    environment.set("AWS_ACCESS_KEY_ID", "AKIDTEST");
    environment.set("AWS_SECRET_ACCESS_KEY", "aws-secret-canary");
    options.environment = environment.lookup();
    plain = &add_provider("plain");
    bedrock = &add_provider("b");
    as_bedrock(*this);
  }
  FakeProvider& with_vertex() {
    FakeProvider& vertex = add_provider("v");
    as_vertex(*this).keys.push_back({Secret("ya29.token"), 1, 1});
    return vertex;
  }
  FakeEnvironment environment;
  FakeProvider* plain;
  FakeProvider* bedrock;
};

const std::string client_signature =
    "Authorization: AWS4-HMAC-SHA256 Credential=CLIENT/20260101/us-east-1/bedrock/aws4_request, "
    "SignedHeaders=host, Signature=00\r\nX-Amz-Date: 20260101T000000Z\r\n"
    "X-Amz-Security-Token: client-token\r\n";

}  // namespace

TEST_CASE("a Bedrock client reaches Bedrock with its bytes, signed anew", "[scenario]") {
  Clouds f;
  f.start();
  const Answer answer = f.ask(
      RelayFixture::post(invoke_body, client_signature, "/model/eu.claude-test-v1%3A0/invoke"));
  CHECK(answer.status == 200);
  CHECK(f.plain->requests().empty());
  REQUIRE(f.bedrock->requests().size() == 1);
  const auto& request = f.bedrock->requests()[0];
  CHECK(request.head.target == "/model/eu.claude-test-v1%3A0/invoke");
  CHECK(request.body == invoke_body);
  CHECK(has(std::string(request.head.headers.get("authorization").value_or("")),
            "Credential=AKIDTEST/"));
  CHECK_FALSE(request.head.headers.contains("x-amz-security-token"));
  CHECK_FALSE(has(received(*f.bedrock), "client-token"));
  CHECK(f.finished().model_asked == "eu.claude-test-v1:0");
}

TEST_CASE("a Bedrock client gets the frames as they are, and its usage is counted", "[scenario]") {
  Clouds f;
  const std::string frames = bedrock_frames("hello");
  f.bedrock->enqueue(
      bedrock_head().chunk(frames.substr(0, 50)).chunk(frames.substr(50)).last_chunk());
  f.start();
  const Answer answer =
      f.ask(RelayFixture::post(invoke_body, {}, "/model/claude-test/invoke-with-response-stream"));
  CHECK(answer.body == frames);
  CHECK(answer.headers.get("content-type") == "application/vnd.amazon.eventstream");
  const RequestSummary& summary = f.finished();
  CHECK(summary.stream);
  CHECK(usage_of(summary).tokens[TokenClass::output] > 0u);
  CHECK(summary.attempts.back().outcome == Outcome::success);
}

TEST_CASE("no ping is put between frames", "[scenario]") {
  Clouds f;
  const std::string first = bedrock_beginning();
  f.bedrock->enqueue(bedrock_head().chunk(first).hold());
  f.start();
  const auto client = f.connect();
  client->send(
      RelayFixture::post(invoke_body, {}, "/model/claude-test/invoke-with-response-stream"));
  f.until([&] { return has(client->received(), first); });
  f.harness.advance(f.config.stream.keepalive * 3);
  f.harness.settle();
  CHECK_FALSE(has(client->received(), "ping"));
}

TEST_CASE("a stream of frames that breaks off ends with an exception between two of them",
          "[scenario]") {
  const bool inside = GENERATE(false, true);
  Clouds f;
  std::string sent = bedrock_beginning();
  if (inside) sent += bedrock_frame(R"({"type":"ping"})").substr(0, 20);
  f.bedrock->enqueue(bedrock_head().chunk(sent).reset());
  f.start();
  const auto client = f.connect();
  client->send(
      RelayFixture::post(invoke_body, {}, "/model/claude-test/invoke-with-response-stream"));
  f.until([&] {
    const auto all = client->answers();
    return client->gone() || (!all.empty() && all.back().complete);
  });
  // Of the frame that is cut the client gets nothing.
  CHECK(has(client->received(), "modelStreamErrorException"));
  CHECK(f.finished().attempts.back().outcome == Outcome::stream_broken);
}

TEST_CASE("the relay's own errors come in the client's form", "[scenario]") {
  Clouds f;
  f.config.providers.pop_back();
  f.config.translation.enabled = false;
  f.start();
  const Answer answer =
      f.ask(RelayFixture::post(invoke_body, with_id, "/model/claude-test/invoke"));
  CHECK(answer.status == 404);
  CHECK(answer.headers.get("x-amzn-errortype") == "ResourceNotFoundException");
  CHECK(has(answer.body, R"({"message":")"));
  CHECK(has(answer.body, "bedrock"));
}

TEST_CASE("Bedrock's own errors reach its client as they are", "[scenario]") {
  Clouds f;
  f.bedrock->enqueue(aws_error(400, "ValidationException",
                               "context_management: Extra inputs are "
                               "not permitted"));
  f.start();
  const Answer answer = f.ask(RelayFixture::post(invoke_body, {}, "/model/claude-test/invoke"));
  CHECK(answer.status == 400);
  CHECK(answer.body == R"({"message":"context_management: Extra inputs are not permitted"})");
  CHECK(answer.headers.get("x-amzn-errortype") == "ValidationException");
  CHECK(f.bedrock->requests().size() == 1);
}

TEST_CASE("a Bedrock client may count, and look for profiles", "[scenario]") {
  Clouds f;
  f.bedrock->enqueue(Script::reply(200, "application/json", R"({"inputTokens":42})"));
  f.start();
  const Answer count =
      f.ask(RelayFixture::post(R"({"input":{}})", {}, "/model/claude-test/count-tokens"));
  CHECK(count.body == R"({"inputTokens":42})");
  CHECK(f.bedrock->requests()[0].body == R"({"input":{}})");
  const Answer profiles = f.ask(RelayFixture::get("/inference-profiles?maxResults=10"));
  CHECK(profiles.status == 200);
  CHECK(profiles.body == R"({"inferenceProfileSummaries":[]})");
  CHECK(f.ask(RelayFixture::get("/inference-profiles/eu.claude")).status == 404);
}

TEST_CASE("a Vertex client reaches Vertex with its bytes, under the relay's project",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  const std::string prefix = GENERATE("/v1", "");
  Clouds f;
  FakeProvider& vertex = f.with_vertex();
  f.start();
  const std::string body = std::string(R"( {"anthropic_version":"vertex-2023-10-16","stream":)") +
                           (stream ? "true} " : "false} ");
  const Answer answer = f.ask(RelayFixture::post(
      body, "Authorization: Bearer client\r\nanthropic-beta: one-1\r\n",
      prefix + "/projects/theirs/locations/us/publishers/anthropic/models/claude-test@1:" +
          (stream ? "streamRawPredict" : "rawPredict")));
  CHECK(answer.status == 200);
  REQUIRE(vertex.requests().size() == 1);
  const auto& request = vertex.requests()[0];
  CHECK(request.head.target ==
        std::string("/v1/projects/my-project/locations/global/publishers/anthropic/models/"
                    "claude-test@1:") +
            (stream ? "streamRawPredict" : "rawPredict"));
  CHECK(request.body == body);
  CHECK(request.head.headers.get("authorization") == "Bearer ya29.token");
  CHECK(request.head.headers.get("anthropic-beta") == "one-1");
  CHECK(f.bedrock->requests().empty());
  CHECK(f.plain->requests().empty());
}

TEST_CASE("a Vertex client counts by the model in the body", "[scenario]") {
  Clouds f;
  FakeProvider& vertex = f.with_vertex();
  vertex.enqueue(Script::reply(200, "application/json", R"({"input_tokens":7})"));
  f.start();
  const std::string path =
      "/v1/projects/p/locations/us/publishers/anthropic/models/count-tokens:rawPredict";
  const std::string body = R"({"model":"claude-test","messages":[]})";
  CHECK(f.ask(RelayFixture::post(body, {}, path)).body == R"({"input_tokens":7})");
  CHECK(vertex.requests()[0].body == body);
  CHECK(f.ask(RelayFixture::post("{}", {}, path)).status == 400);
}

TEST_CASE("the clouds' forms need the relay's key as ever", "[scenario]") {
  Clouds f;
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const Answer refused = f.ask(RelayFixture::post(invoke_body, {}, "/model/claude-test/invoke"));
  CHECK(refused.status == 401);
  CHECK(refused.headers.get("x-amzn-errortype") == "AccessDeniedException");
  CHECK(f.ask(RelayFixture::get("/inference-profiles")).status == 401);
  CHECK(f.ask(RelayFixture::post(invoke_body, "Authorization: Bearer relay-key\r\n",
                                 "/model/claude-test/invoke"))
            .status == 200);
  CHECK_FALSE(has(received(*f.bedrock), "relay-key"));
}

TEST_CASE("a body of Bedrock's that never comes is told so in Bedrock's words", "[scenario]") {
  Clouds f;
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const std::string head = "POST /model/claude-test/invoke HTTP/1.1\r\nHost: x\r\n";
  // Who is refused by the head already hears it at once.
  const auto stranger = f.connect();
  stranger->send(head + "Content-Length: 10\r\n\r\n{");
  auto all = answers(f, *stranger, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 401);
  CHECK(has(all[0].body, "{\"message\":\"this relay asks for a credential"));
  const auto client = f.connect();
  client->send(head + "Authorization: Bearer relay-key\r\nContent-Length: 10\r\n\r\n{");
  f.harness.settle();
  f.harness.advance(std::chrono::seconds(31));
  all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  const auto& answer = all[0];
  CHECK(answer.status == 408);
  CHECK(answer.headers.get("x-amzn-errortype") == "ModelTimeoutException");
  CHECK(answer.body ==
        "{\"message\":\"the request's body stopped arriving (timeouts.client_body_ms)\"}");
  CHECK(f.bedrock->requests().empty());
}

TEST_CASE("paths that only look like the clouds' are not known", "[scenario]") {
  Clouds f;
  f.start();
  for (const std::string path :
       {"/model/", "/model/x", "/model//invoke", "/model/x/converse",
        "/v1/projects/p/locations/l/publishers/google/models/x:rawPredict",
        "/v1/projects/p/locations/l/publishers/anthropic/models/x:predict",
        "/v1/projects/p/locations/l/publishers/anthropic/models/:rawPredict",
        "/v1/projects/p/locations/l/publishers/anthropic/models/x/y:rawPredict"}) {
    INFO(path);
    CHECK(f.ask(RelayFixture::post("{}", {}, path)).status == 404);
  }
  CHECK(f.ask(RelayFixture::get("/model/x/invoke")).status == 405);
  CHECK(f.ask(RelayFixture::post("{}", {}, "/model/../x/invoke")).status == 400);
}
