#include <algorithm>
#include <string>
#include <vector>

#include "base/ascii.hpp"
#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/seen.hpp"
#include "support/h2_frames.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// What a client with a key may put into its requests, and whom that must not hurt.

namespace {

const std::string odd_headers =
    "access_token: x\r\nkey: x\r\napi-key: x\r\nx-goog-api-key: x\r\n"
    "X-Goog-User-Project: other\r\nX-Goog-Request-Params: a=b\r\nX-Amz-Target: Other\r\n"
    "X-Amz-Date: 20260101T000000Z\r\nX-Amz-Security-Token: x\r\nX-Amz-Content-Sha256: x\r\n"
    "x-amzn-bedrock-guardrailidentifier: g\r\nOcp-Apim-Subscription-Key: x\r\napi-version: 1\r\n"
    "x-ms-client-principal: x\r\nX-HTTP-Method-Override: DELETE\r\nanthropic-workspace-id: "
    "other\r\n";
const std::string odd_query =
    "?access_token=x&key=x&beta=true&api-version=2020&X-Amz-Signature=x&%61lt=json&$userProject=y";

struct Row {
  const char* type;
  std::string target;
  std::vector<std::string> headers;  // that may reach it
};

const std::vector<Row> clouds{
    {"bedrock", "/model/claude-test/invoke", {}},
    {"vertex",
     "/v1/projects/my-project/locations/global/publishers/anthropic/models/claude-test:rawPredict",
     {}},
    {"azure", "/v1/messages?beta=true", {"anthropic-version", "x-stainless-lang"}},
    {"anthropic_aws",
     "/v1/messages?beta=true",
     {"anthropic-version", "x-stainless-lang", "anthropic-workspace-id"}},
};

FakeProvider& add_cloud(F& f, const std::string& type) {
  FakeProvider& provider = f.add_provider(type);
  ProviderConfig& config = f.config.providers.back();
  config.type = type;
  if (type == "bedrock" || type == "anthropic_aws") config.aws_region = "eu-west-1";
  if (type == "anthropic_aws") config.workspace_id = "ours";
  if (type == "vertex") config.gcp_project_id = "my-project";
  if (type == "vertex") config.gcp_region = "global";
  return provider;
}

}  // namespace

TEST_CASE("a cloud gets what it knows of a client, and no parameter", "[scenario][odd]") {
  for (const Row& cloud : clouds) {
    INFO(cloud.type);
    F f;
    FakeProvider& provider = add_cloud(f, cloud.type);
    f.start();
    const Answer answer = f.ask(F::post(
        F::body(false), odd_headers + "anthropic-version: 2023-06-01\r\nX-Stainless-Lang: js\r\n",
        "/v1/messages" + odd_query));
    CHECK(answer.status == 200);
    REQUIRE(provider.requests().size() == 1);
    const RecordedRequest& got = provider.requests()[0];
    CHECK(got.head.target == cloud.target);
    std::vector<std::string> allowed{
        "host",      "content-length",  "content-type", "authorization",
        "x-api-key", "accept-encoding", "via"};  // the relay's own
    allowed.insert(allowed.end(), cloud.headers.begin(), cloud.headers.end());
    for (const Header field : got.head.headers) {
      INFO(field.name);
      CHECK(std::find(allowed.begin(), allowed.end(), base::lower(field.name)) != allowed.end());
      CHECK(field.value != "x");
      CHECK(field.value != "other");
    }
  }
}

TEST_CASE("the relay's secrets go nowhere, whatever they are called", "[scenario][odd]") {
  for (const char* type : {"anthropic", "zai", "bedrock", "azure"}) {
    F f;
    FakeProvider& provider = add_cloud(f, type);
    f.config.server.auth.api_key = Secret("relay-key-canary=");
    f.config.server.auth.bearer_secret = Secret("relay-bearer-canary");
    f.start();
    for (const char* name :
         {"api-key", "x-goog-api-key", "X-Auth-Token", "Proxy-Auth", "X-Authorization", "Cookie",
          "X-Request-ID", "X-Claude-Code-Session-Id", "anthropic-beta", "User-Agent", "Accept"}) {
      for (const char* value :
           {"relay-key-canary=", "Bearer relay-key-canary=", "relay-bearer-canary",
            "Token token=\"relay-bearer-canary\"", "a=b; k=relay-bearer-canary",
            "x,relay-bearer-canary", "Bearer  relay-bearer-canary", "managed-by-cc-relay"}) {
        INFO(type << ' ' << name << ": " << value);
        const Answer answer = f.ask(
            F::post(F::body(false),
                    "x-api-key: relay-key-canary=\r\n" + std::string(name) + ": " + value + "\r\n",
                    "/v1/"
                    "messages?api_key=relay-key-canary%3D&beta=true&t=relay%2Dbearer-canary&k="
                    "managed-by-cc-relay"));
        CHECK(answer.status == 200);
        REQUIRE_FALSE(provider.requests().empty());
        const RecordedRequest& got = provider.requests().back();
        CHECK_FALSE(has(got.head.target, "canary"));
        CHECK_FALSE(has(got.head.target, "managed"));
        for (const Header field : got.head.headers) {
          CHECK_FALSE(has(field.value, "canary"));
          CHECK_FALSE(has(field.value, "managed"));
        }
        CHECK_FALSE(has(std::string(answer.headers.get("x-request-id").value_or("")), "canary"));
      }
    }
    CHECK_FALSE(has(log_lines(f.observer), "relay-key-canary"));
    CHECK_FALSE(has(log_lines(f.observer), "relay-bearer-canary"));
  }
}

TEST_CASE("neither does a provider's key under another name", "[scenario][odd][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->next_stream();
  client->send(h2::head(id,
                        h2::fields("GET", "/v1/files?key=sk-test-two&a=1",
                                   {{"x-odd", "Bearer sk-test-two"}, {"x-other", "sk-test-two-x"}}),
                        true));
  CHECK(ended(f, *client, id).answer.status == 200);
  REQUIRE(one.requests().size() == 1);
  CHECK(one.requests()[0].head.target == "/v1/files?a=1");
  CHECK_FALSE(one.requests()[0].head.headers.contains("x-odd"));
  CHECK(one.requests()[0].head.headers.get("x-other") == "sk-test-two-x");
}

TEST_CASE("a name that no model can have is asked of no cloud", "[scenario][odd]") {
  for (const Row& cloud : clouds) {
    F f;
    FakeProvider& provider = add_cloud(f, cloud.type);
    f.start();
    const bool in_path = cloud.target.find("claude-test") != std::string::npos;
    for (const std::string model : {".", "..", "../x", "a/../b", "a/.", "arn:aws:bedrock:x/../y"}) {
      INFO(cloud.type << ' ' << model);
      const std::string asked = R"({"model":")" + model + R"(","max_tokens":1,"messages":[]})";
      CHECK(f.ask(F::post(asked)).status == (in_path ? 400 : 200));
    }
    for (const std::string& model : {std::string("a\\u0000b"), std::string("a\\nb"),
                                     std::string("a\\u007fb"), std::string(257, 'm')}) {
      INFO(cloud.type << ' ' << model);
      const std::string asked = R"({"model":")" + model + R"(","max_tokens":1,"messages":[]})";
      CHECK(f.ask(F::post(asked)).status == 400);
      CHECK(f.ask(F::post(asked, {}, "/v1/messages/count_tokens")).status == 400);
    }
    if (in_path) CHECK(provider.requests().empty());
  }
}

TEST_CASE("an ARN is a model's name, and one of 256 bytes", "[scenario][odd]") {
  F f;
  FakeProvider& provider = add_cloud(f, "bedrock");
  f.start();
  const std::string arn = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.claude-x";
  CHECK(f.ask(F::post(R"({"model":")" + arn + R"(","messages":[]})")).status == 200);
  CHECK(provider.requests()[0].head.target ==
        "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Feu.claude-x"
        "/invoke");
  const std::string longest(256, 'm');
  CHECK(f.ask(F::post(R"({"model":")" + longest + R"(","messages":[]})")).status == 200);
}

TEST_CASE("where a cloud can't name a model, somebody else may", "[scenario][odd]") {
  F f;
  FakeProvider& cloud = add_cloud(f, "bedrock");
  FakeProvider& other = f.add_provider("other");
  f.start();
  CHECK(f.ask(F::post(R"({"model":"vendor/../claude-x","messages":[]})")).status == 200);
  CHECK(cloud.requests().empty());
  CHECK(other.requests().size() == 1);
}

TEST_CASE("what the relay goes by stands in a body once", "[scenario][odd]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  for (const char* twice :
       {R"("model":"a","model":"b")", R"("model":"a","mod\u0065l":"b")",
        R"("model":"a","stream":true,"stream":false)",
        R"("model":"a","metadata":{},"metadata":{"user_id":"x"})",
        R"("model":"a","system":"x","system":"y")", R"("model":"a","messages":[],"messages":[])"}) {
    INFO(twice);
    const Answer answer = f.ask(F::post("{" + std::string(twice) + "}"));
    CHECK(answer.status == 400);
    CHECK(has(answer.body, "more than once"));
  }
  CHECK(provider.requests().empty());
  // What it does not read is the provider's business.
  CHECK(f.ask(F::post(R"({"model":"a","messages":[],"x":1,"x":2})")).status == 200);
  CHECK(provider.requests()[0].body == R"({"model":"a","messages":[],"x":1,"x":2})");
}

TEST_CASE("a provider that works on a request and closes is not asked again", "[scenario][odd]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  CHECK(f.ask(F::post(F::body(false))).status == 200);
  provider.enqueue(Script().hold().close());
  const auto client = f.connect();
  client->send(F::post(F::body(false)));
  f.until([&] { return provider.requests().size() == 2; });
  f.harness.advance(std::chrono::seconds(12));
  provider.release();
  CHECK(answers(f, *client, 1).front().status == 502);
  CHECK(provider.requests().size() == 2);
  CHECK(provider.connections_accepted() == 1);

  // Within a moment it was probably closing before it saw the request.
  CHECK(f.ask(F::post(F::body(false))).status == 200);
  provider.enqueue(Script().hold().close());
  const auto other = f.connect();
  other->send(F::post(F::body(false)));
  f.until([&] { return provider.requests().size() == 4; });
  f.harness.advance(std::chrono::milliseconds(900));
  provider.release();
  CHECK(answers(f, *other, 1).front().status == 200);
  CHECK(provider.requests().size() == 5);
}

TEST_CASE("0 for input at an answer's end replaces nothing", "[scenario][odd]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  const std::string start =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{"
      "\"input_tokens\":1234,\"cache_read_input_tokens\":7,\"cache_creation_input_tokens\":8,"
      "\"output_tokens\":1}}}\n\n";
  const std::string rest =
      "event: content_block_start\ndata: {\"type\":\"content_block_start\"}\n\n"
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":0,"
      "\"cache_read_input_tokens\":0,\"cache_creation_input_tokens\":0,\"output_tokens\":5}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  provider.enqueue(Script::stream_head().chunk(start).chunk(rest).last_chunk());
  f.start();
  CHECK(f.ask(F::post(F::body(true))).body == start + rest);
  CHECK(usage_of(f.finished()).tokens == Tokens{{1234, 5, 8, 0, 7}});
}
