#include "provider/bedrock.hpp"

#include <string>

#include "base/base64.hpp"
#include "provider/asking.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

namespace {

ProviderConfig config_of() {
  ProviderConfig config;
  config.name = "b";
  config.type = "bedrock";
  config.aws_region = "eu-west-1";
  return config;
}

const Credential key = ApiKey{Secret("bk")};
const Credential keys = AwsKeys{"AKID", Secret("s3cret"), Secret("token")};

}  // namespace

TEST_CASE("model and stream go, version and betas come, nothing else changes", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking asking(R"({"model":"claude-x", "max_tokens":8,"stream":true,"n":1.0e2,"messages":[]})");
  asking.stream = true;
  asking.upstream_model = "eu.anthropic.claude-x-v1:0";
  asking.forwardable.add("anthropic-beta", "one-1, two-2");
  asking.forwardable.add("anthropic-beta", "three-3");
  const auto out = asking.ask(*bedrock, key);
  CHECK(out.method == "POST");
  CHECK(out.url ==
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/"
        "eu.anthropic.claude-x-v1%3A0/invoke-with-response-stream");
  CHECK(asking.sent_body ==
        R"({"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["one-1","two-2","three-3"],)"
        R"("max_tokens":8,"n":1.0e2,"messages":[]})");
  CHECK(out.headers.get("authorization") == "Bearer bk");
  CHECK(out.headers.get("anthropic-beta") == "one-1,two-2,three-3");
  CHECK_FALSE(out.headers.contains("anthropic-version"));
  CHECK_FALSE(out.headers.contains("x-stainless-lang"));
  CHECK(out.headers.get("user-agent") == "test/1");
}

TEST_CASE("an ARN is one segment of the path", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking asking(R"({"model":"claude-x"})");
  asking.upstream_model = "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.x";
  CHECK(asking.ask(*bedrock, key).url ==
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/"
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.anthropic.x/invoke");
}

TEST_CASE("a version of the body's or a newer one of the client's is passed on", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking own(R"({"model":"claude-x","anthropic_version":"v","anthropic_beta":["b"]})");
  own.forwardable.add("anthropic-beta", "one-1");
  (void)own.ask(*bedrock, key);
  CHECK(own.sent_body == R"({"anthropic_version":"v","anthropic_beta":["b"]})");

  Asking newer(R"({"model":"claude-x"})");
  newer.forwardable.set("anthropic-version", "2026-10-21");
  (void)newer.ask(*bedrock, key);
  CHECK(newer.sent_body == R"({"anthropic_version":"2026-10-21"})");
}

TEST_CASE("no parameter of a client's reaches Bedrock", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking asking(R"({"model":"claude-x"})");
  asking.head.target = "/v1/messages?a=1&beta=true&X-Amz-Signature=2";
  CHECK(asking.ask(*bedrock, key).url.ends_with("/invoke"));
}

TEST_CASE("with an identity the request is signed as it goes out", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking asking(R"({"model":"claude-x"})");
  asking.upstream_model = "m:0";
  const auto out = asking.ask(*bedrock, keys);
  const std::string authorization(out.headers.get("authorization").value_or(""));
  CHECK(authorization.find("AWS4-HMAC-SHA256 Credential=AKID/20150830/eu-west-1/bedrock/") == 0);
  CHECK(out.headers.get("x-amz-security-token") == "token");
  CHECK(out.headers.get("x-amz-date") == "20150830T123600Z");
  // The host is signed, so that the signature is good nowhere else; what hops change is not.
  CHECK(authorization.find("host;") != std::string::npos);
  CHECK(authorization.find("user-agent") == std::string::npos);
}

TEST_CASE("tokens are counted of a body that could be invoked", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking asking(R"({"model":"claude-x","messages":[]})");
  asking.operation = Operation::count_tokens;
  asking.head.target = "/v1/messages/count_tokens";
  const auto out = asking.ask(*bedrock, keys);
  CHECK(out.url.ends_with("/model/claude-x/count-tokens"));
  const std::string inner =
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":[]})";
  CHECK(asking.sent_body ==
        R"({"input":{"invokeModel":{"body":")" + base::base64_encoded(inner) + R"("}}})");
}

TEST_CASE("a count is answered in Anthropic's form, however it is cut", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  ResponseHead head;
  head.headers = {{"content-type", "application/json"}, {"content-length", "19"}};
  auto decoder = bedrock->decoder(Operation::count_tokens, Dialect::anthropic, head);
  REQUIRE(decoder);
  CHECK_FALSE(head.headers.contains("content-length"));
  std::string out;
  for (const char c : std::string(R"({"inputTokens":4711})")) {
    REQUIRE(decoder->feed({&c, 1}, out));
  }
  CHECK(out.empty());
  REQUIRE(decoder->end(out));
  CHECK(out == R"({"input_tokens":4711})");

  auto broken = bedrock->decoder(Operation::count_tokens, Dialect::anthropic, head);
  REQUIRE(broken->feed("{}", out));
  CHECK_FALSE(broken->end(out));
}

TEST_CASE("Bedrock's own form goes on untouched but for what has been proven", "[provider]") {
  const bool refused = GENERATE(false, true);
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking asking(R"( {"anthropic_version":"x","stream":1,"anthropic_beta":["b", "two-2"]} )");
  asking.dialect = Dialect::bedrock;
  asking.head.target = "/model/claude-x/invoke";
  if (refused) asking.unsupported = {{"b"}, {"stream"}};
  asking.forwardable.add("x-amzn-bedrock-trace", "ENABLED");
  asking.forwardable.add("x-amz-date", "yesterday");
  asking.forwardable.add("anthropic-beta", "b,one-1");
  const auto out = asking.ask(*bedrock, keys);
  CHECK(asking.sent_body ==
        (refused ? R"( {"anthropic_version":"x","anthropic_beta":["two-2"]} )" : asking.body));
  CHECK(out.headers.get("x-amzn-bedrock-trace") == "ENABLED");
  CHECK(out.headers.get("x-amz-date") == "20150830T123600Z");
  CHECK(out.headers.get("anthropic-beta") == (refused ? "one-1" : "b,one-1"));
}

TEST_CASE("what is known not to be taken stays behind, field and flag", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking asking(
      R"({"model":"claude-x","context_management":{},"tools":[{"name":"t","strict":true}]})");
  asking.forwardable.add("anthropic-beta", "context-management-2025-06-27,other-1");
  asking.unsupported = {{"context-management-2025-06-27"},
                        {"context_management", "tools[].strict"}};
  const auto out = asking.ask(*bedrock, key);
  CHECK(asking.sent_body ==
        R"({"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["other-1"],)"
        R"("tools":[{"name":"t"}]})");
  CHECK(out.headers.get("anthropic-beta") == "other-1");
}

TEST_CASE("without key and identity nothing is asked", "[provider]") {
  const auto config = config_of();
  const auto bedrock = made(config);
  Asking asking(R"({"model":"claude-x"})");
  const auto built = bedrock->build(asking.request(), {});
  REQUIRE_FALSE(built);
  CHECK(built.error().message.find("AWS identity") != std::string::npos);
  // The check that tells whether it is well carries nothing secret.
  const auto check = bedrock->health_check(key);
  REQUIRE(check);
  CHECK(check->headers.empty());
}
