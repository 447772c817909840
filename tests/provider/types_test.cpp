#include <set>
#include <string>

#include "provider/asking.hpp"
#include "provider/types.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

namespace {

/// A provider of that type with all that any of them needs.
ProviderConfig configured(const Type& type) {
  ProviderConfig config;
  config.name = "p";
  config.type = type.name;
  config.aws_region = "us-east-1";
  config.workspace_id = "wrkspc_1";
  config.gcp_project_id = "project";
  config.gcp_region = "global";
  config.azure_resource_name = "res";
  return config;
}

}  // namespace

TEST_CASE("every type makes a provider that is what its row says", "[provider]") {
  for (const Type& type : types()) {
    INFO(type.name);
    const ProviderConfig config = configured(type);
    const auto provider = made(config);
    CHECK(provider->owner() == type.owner);
    CHECK_FALSE(provider->owner().empty());
    CHECK(provider->cloud() == type.cloud);
    CHECK(provider->takes_client_credential() == type.takes_client_credential);
    CHECK(provider->needs_credential() == (type.auth != Type::Auth::none));
    CHECK(provider->default_models().size() == type.models.size());
    CHECK(provider->supports(Operation::messages));
    CHECK(provider->base_url().substr(0, 4) == "http");
    CHECK(provider->base_url().find('{') == std::string_view::npos);
    CHECK(provider->base_url().back() != '/');
    CHECK(find_type(type.name) == &type);
  }
  CHECK(find_type("openia") == nullptr);
}

TEST_CASE("every type takes a key of the configuration, and asks at its base URL", "[provider]") {
  for (const Type& type : types()) {
    INFO(type.name);
    const ProviderConfig config = configured(type);
    const auto provider = made(config);
    Asking asking(R"({"model":"claude-x","max_tokens":8,"messages":[]})");
    for (const Dialect dialect : {Dialect::gemini, Dialect::chat, Dialect::anthropic}) {
      if (provider->speaks(dialect)) asking.dialect = dialect;
    }
    const auto out = asking.ask(*provider, ApiKey{Secret("the-key")});
    CHECK(out.url.find(provider->base_url()) == 0);
    const bool bearer = out.headers.get("authorization") == "Bearer the-key";
    const bool x_api_key = out.headers.get("x-api-key") == "the-key";
    const bool api_key = out.headers.get("api-key") == "the-key";
    const bool x_goog_api_key = out.headers.get("x-goog-api-key") == "the-key";
    CHECK(bearer + x_api_key + api_key + x_goog_api_key == 1);
  }
}

TEST_CASE("a base URL of the configuration goes before the type's own, without end slashes",
          "[provider]") {
  for (const Type& type : types()) {
    INFO(type.name);
    ProviderConfig config = configured(type);
    config.base_url = "https://gateway.example/x//";
    CHECK(made(config)->base_url() == "https://gateway.example/x");
  }
}

TEST_CASE("no two types have one name", "[provider]") {
  std::set<std::string_view> names;
  for (const Type& type : types()) CHECK(names.insert(type.name).second);
}

TEST_CASE("a type that is none is refused with those there are", "[provider]") {
  ProviderConfig config;
  config.name = "p";
  config.type = "openia";
  const auto refused = make_provider(config, {});
  REQUIRE_FALSE(refused);
  CHECK(
      refused.error().message ==
      "provider \"p\": type \"openia\" is unknown; known are anthropic, zai, minimax, ollama, "
      "azure, bedrock, vertex, anthropic_aws, openai, azure_openai, gemini, gemini_vertex and what "
      "RelayOptions::provider_types names");
}
