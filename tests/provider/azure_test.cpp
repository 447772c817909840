#include <string>

#include "provider/asking.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

TEST_CASE("Foundry gets Anthropic's form under its own address", "[provider]") {
  ProviderConfig config;
  config.name = "a";
  config.type = "azure";
  config.azure_resource_name = "res";
  const auto azure = made(config);
  Asking asking(R"({"model":"claude-x"})");
  asking.forwardable.remove("anthropic-version");
  auto out = asking.ask(*azure, ApiKey{Secret("k")});
  CHECK(out.url == "https://res.services.ai.azure.com/anthropic/v1/messages?beta=true");
  CHECK(out.headers.get("x-api-key") == "k");
  CHECK(out.headers.get("anthropic-version") == "2023-06-01");
  CHECK(asking.sent_body == asking.body);

  asking.forwardable.set("anthropic-version", "2026-10-21");
  out = asking.ask(*azure, BearerToken{Secret("entra")});
  CHECK(out.headers.get("authorization") == "Bearer entra");
  CHECK_FALSE(out.headers.contains("x-api-key"));
  CHECK(out.headers.get("anthropic-version") == "2026-10-21");
}

TEST_CASE("Claude Platform on AWS is told the workspace, and signed", "[provider]") {
  ProviderConfig config;
  config.name = "p";
  config.type = "anthropic_aws";
  config.aws_region = "us-east-1";
  config.workspace_id = "wrkspc_1";
  const auto platform = made(config);
  Asking asking(R"({"model":"claude-x"})");
  auto out = asking.ask(*platform, AwsKeys{"AKID", Secret("s"), {}});
  CHECK(out.url == "https://aws-external-anthropic.us-east-1.api.aws/v1/messages?beta=true");
  CHECK(out.headers.get("anthropic-workspace-id") == "wrkspc_1");
  const std::string authorization(out.headers.get("authorization").value_or(""));
  CHECK(authorization.find("/us-east-1/aws-external-anthropic/aws4_request") != std::string::npos);
  CHECK(authorization.find("anthropic-workspace-id;") != std::string::npos);
  CHECK_FALSE(out.headers.contains("x-amz-security-token"));

  out = asking.ask(*platform, ApiKey{Secret("k")});
  CHECK(out.headers.get("x-api-key") == "k");
  CHECK_FALSE(out.headers.contains("authorization"));
}

TEST_CASE("what the configuration says is not taken stays behind", "[provider]") {
  ProviderConfig config;
  config.name = "z";
  config.type = "zai";
  const auto zai = made(config);
  Asking asking(R"({"model":"claude-x","context_management":{}})");
  asking.upstream_model = "glm";
  asking.forwardable.add("anthropic-beta", "context-management-2025-06-27");
  asking.unsupported = {{"context-management-2025-06-27"}, {"context_management"}};
  const auto out = asking.ask(*zai, ApiKey{Secret("k")});
  CHECK(asking.sent_body == R"({"model":"glm"})");
  CHECK_FALSE(out.headers.contains("anthropic-beta"));
}
