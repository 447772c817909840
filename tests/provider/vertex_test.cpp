#include "provider/vertex.hpp"

#include <string>
#include <utility>
#include <vector>

#include "provider/asking.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

namespace {

ProviderConfig config_of(std::string region = "global") {
  ProviderConfig config;
  config.name = "v";
  config.type = "vertex";
  config.gcp_project_id = "my-project";
  config.gcp_region = std::move(region);
  return config;
}

const Credential token = BearerToken{Secret("ya29")};

}  // namespace

TEST_CASE("each region has its host", "[provider]") {
  const std::vector<std::pair<std::string, std::string>> hosts{
      {"global", "https://aiplatform.googleapis.com"},
      {"us", "https://aiplatform.us.rep.googleapis.com"},
      {"eu", "https://aiplatform.eu.rep.googleapis.com"},
      {"europe-west1", "https://europe-west1-aiplatform.googleapis.com"},
  };
  for (const auto& [region, url] : hosts) {
    const auto config = config_of(region);
    CHECK(made(config)->base_url() == url);
  }
}

TEST_CASE("the model goes into the path, the version into the body", "[provider]") {
  const auto config = config_of("us");
  const auto vertex = made(config);
  Asking asking(R"({"model":"claude-x","stream":true,"messages":[]})");
  asking.stream = true;
  asking.upstream_model = "claude-x@2025";
  asking.forwardable.add("anthropic-beta", "one-1");
  asking.forwardable.add("anthropic-user-profile-id", "uprof_1");
  const auto out = asking.ask(*vertex, token);
  CHECK(out.url ==
        "https://aiplatform.us.rep.googleapis.com/v1/projects/my-project/locations/us/publishers/"
        "anthropic/models/claude-x@2025:streamRawPredict");
  CHECK(asking.sent_body ==
        R"({"anthropic_version":"vertex-2023-10-16","stream":true,"messages":[]})");
  CHECK(out.headers.get("authorization") == "Bearer ya29");
  CHECK(out.headers.get("anthropic-beta") == "one-1");
  CHECK(out.headers.get("anthropic-user-profile-id") == "uprof_1");
  CHECK_FALSE(out.headers.contains("anthropic-version"));

  asking.stream = false;
  CHECK(asking.ask(*vertex, token).url.ends_with("/models/claude-x@2025:rawPredict"));
}

TEST_CASE("counting keeps the model in the body", "[provider]") {
  auto config = config_of();
  config.base_url = "http://127.0.0.1:1/v1";
  const auto vertex = made(config);
  Asking asking(R"({"model":"claude-x","messages":[]})");
  asking.operation = Operation::count_tokens;
  asking.upstream_model = "claude-y";
  const auto out = asking.ask(*vertex, token);
  CHECK(out.url ==
        "http://127.0.0.1:1/v1/projects/my-project/locations/global/publishers/anthropic/models/"
        "count-tokens:rawPredict");
  CHECK(asking.sent_body ==
        R"({"anthropic_version":"vertex-2023-10-16","model":"claude-y","messages":[]})");
}

TEST_CASE("Vertex's own form goes on untouched with its headers", "[provider]") {
  const auto config = config_of();
  const auto vertex = made(config);
  Asking asking(R"({ "anthropic_version":"vertex-2023-10-16" })");
  asking.dialect = Dialect::vertex;
  asking.forwardable.add("anthropic-beta", "one-1");
  const auto out = asking.ask(*vertex, token);
  CHECK(asking.sent_body == asking.body);
  CHECK(out.headers.get("anthropic-beta") == "one-1");
  CHECK(out.headers.get("anthropic-version") == "2023-06-01");
  CHECK_FALSE(vertex->speaks(Dialect::bedrock));
}

TEST_CASE("without a Google identity nothing is asked", "[provider]") {
  const auto config = config_of();
  const auto vertex = made(config);
  Asking asking(R"({"model":"claude-x"})");
  CHECK_FALSE(vertex->build(asking.request(), {}));
}
