#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// A refusal that is about what the client has picked is the client's: the credential that everybody
// uses stays in.

namespace {

const std::string invoke_body =
    R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":8,"messages":[]})";
const std::string guardrail =
    "X-Amzn-Bedrock-GuardrailIdentifier: gr-0a1b2c\r\nX-Amzn-Bedrock-GuardrailVersion: 1\r\n";

struct Aws : RelayFixture {
  Aws() {
    environment.set("AWS_ACCESS_KEY_ID", "AKIDTEST");
    environment.set("AWS_SECRET_ACCESS_KEY", "aws-secret-canary");
    options.environment = environment.lookup();
    bedrock = &add_provider("b");
    as_bedrock(*this);
  }
  Answer invoke(const std::string& headers = {}) {
    return ask(post(invoke_body, headers, "/model/claude-test/invoke"));
  }
  FakeEnvironment environment;
  FakeProvider* bedrock;
};

}  // namespace

TEST_CASE("a guardrail that the client has no access to costs nobody else the identity",
          "[scenario][choice]") {
  Aws f;
  const std::string words =
      "User: arn:aws:iam::1:user/relay is not authorized to perform: bedrock:ApplyGuardrail on "
      "resource: arn:aws:bedrock:eu-west-1:1:guardrail/gr-0a1b2c";
  f.bedrock->enqueue(aws_error(403, "AccessDeniedException", words));
  f.start();
  const Answer answer = f.invoke(guardrail);
  CHECK(answer.status == 403);
  CHECK(answer.body == R"({"message":")" + words + "\"}");
  CHECK(tries(f.finished()) == "b:rejected");
  CHECK(f.bedrock->requests()[0].head.headers.get("x-amzn-bedrock-guardrailidentifier") ==
        "gr-0a1b2c");
  // The next one, who has picked nothing, is served with the same identity.
  CHECK(f.invoke().status == 200);
  CHECK(f.bedrock->requests().size() == 2);
  CHECK_FALSE(noted(f.observer, "key_refused", ""));
}

TEST_CASE("a refusal without words of a request with a guardrail proves nothing of the identity",
          "[scenario][choice]") {
  const std::string type = GENERATE("AccessDeniedException", "InvalidSignatureException");
  Aws f;
  f.bedrock->respond_with([&](const RecordedRequest& request) {
    return request.head.headers.contains("x-amzn-bedrock-guardrailidentifier")
               ? aws_error(403, type, "no")
               : bedrock_stream("hello");
  });
  f.start();
  const Answer answer = f.invoke(guardrail);
  CHECK(answer.status == 403);
  CHECK(answer.headers.get("x-should-retry") == "false");
  CHECK(has(answer.body, "the request itself brought x-amzn-bedrock-guardrailidentifier"));
  CHECK(noted(f.observer, "choice_refused", "the relay's identity stays in"));
  CHECK(f.ask(RelayFixture::post(invoke_body, {}, "/model/claude-test/invoke-with-response-stream"))
            .status == 200);
  CHECK_FALSE(noted(f.observer, "key_refused", ""));
  // Without anything that was picked the same words are about the identity.
  f.bedrock->respond_with([&](const RecordedRequest&) { return aws_error(403, type, "no"); });
  f.invoke();
  CHECK(noted(f.observer, "key_refused", ""));
  const std::size_t asked = f.bedrock->requests().size();
  CHECK(f.invoke().status == 403);
  CHECK(f.bedrock->requests().size() == asked);
}

TEST_CASE("a profile that is not the client's to use costs nobody the credential",
          "[scenario][choice]") {
  const std::string type = GENERATE("vertex", "azure", "anthropic", "bedrock");
  const int status = GENERATE(401, 403);
  CAPTURE(type, status);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  if (type == "vertex") as_vertex(f).keys.push_back({Secret("ya29.token"), 1, 1});
  if (type == "bedrock") as_bedrock(f).keys.push_back({Secret("bedrock-key"), 1, 1});
  f.config.providers.back().type = type;
  one.enqueue(Script::error(status, "permission_error", "That is not allowed."));
  f.start();
  const Answer refused = f.ask(request(false, "anthropic-user-profile-id: somebody-else\r\n"));
  CHECK(refused.status == 403);
  CHECK(has(refused.body, "That is not allowed."));
  CHECK(has(refused.body, "the request itself brought anthropic-user-profile-id"));
  CHECK(refused.headers.get("x-should-retry") == "false");
  const auto& got = one.requests()[0];
  CHECK((got.head.headers.contains("anthropic-user-profile-id") || has(got.body, "somebody-else")));
  CHECK(f.ask(request(false)).status == 200);
  CHECK(one.requests().size() == 2);
}

TEST_CASE("with a choice of the client's refused, its next key and the next provider are asked",
          "[scenario][choice]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  f.add_provider("two");
  one.respond_with([](const RecordedRequest& request) {
    return request.head.headers.contains("x-litellm-api-key")
               ? Script::error(401, "authentication_error", "no such key")
               : Script::message("fine");
  });
  f.start();
  CHECK(f.ask(request(false, "x-litellm-api-key: made-up\r\n")).status == 200);
  CHECK(tries(f.finished()) == "one:key_refused one:key_refused two:success");
  CHECK(one.requests()[0].head.headers.get("x-litellm-api-key") == "made-up");
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished(2)) == "one:success");
}

TEST_CASE("an account that can't pay for what the client picked is still asked by others",
          "[scenario][choice]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(400, "invalid_request_error",
                            "Your credit balance is too low to access the Anthropic API."));
  f.start();
  const Answer refused = f.ask(request(false, "anthropic-workspace-id: wrkspc_of_another\r\n"));
  CHECK(refused.status == 400);
  CHECK(has(refused.body, "Your credit balance is too low"));
  CHECK(f.ask(request(false)).status == 200);
  REQUIRE(one.requests().size() == 2);
  CHECK(one.requests()[0].head.headers.get("anthropic-workspace-id") == "wrkspc_of_another");
  CHECK_FALSE(one.requests()[1].head.headers.contains("anthropic-workspace-id"));
}
