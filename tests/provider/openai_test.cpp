#include <string>

#include "dialect/profiles.hpp"
#include "provider/asking.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

namespace {

ProviderConfig config_of(std::string type, std::string base_url = {}) {
  ProviderConfig config;
  config.name = "o";
  config.type = std::move(type);
  config.base_url = std::move(base_url);
  if (config.type == "azure_openai" && config.base_url.empty()) config.azure_resource_name = "res";
  return config;
}

const Credential key = ApiKey{Secret("sk-1")};

struct Spoken {
  std::string type;
  std::string base_url;
  std::string api;
  std::string profile;
  bool chat;
  bool responses;
};

}  // namespace

TEST_CASE("which of OpenAI's two APIs is spoken is the profile's word, or the configuration's",
          "[provider]") {
  const std::vector<Spoken> rows{
      {"openai", "", "auto", "auto", true, true},
      {"openai", "", "chat", "auto", true, false},
      {"openai", "", "responses", "auto", false, true},
      {"openai", "https://api.x.ai/v1", "auto", "auto", true, true},
      {"openai", "https://api.groq.com/openai/v1", "auto", "auto", true, false},
      {"openai", "https://gateway.example/v1", "auto", "auto", true, false},
      {"openai", "https://gateway.example/v1", "auto", "openai", true, true},
      {"azure_openai", "", "auto", "auto", true, true},
      {"azure_openai", "https://private.example/openai/v1", "auto", "auto", true, true},
  };
  for (const Spoken& row : rows) {
    INFO(row.type << ' ' << row.base_url << ' ' << row.api);
    ProviderConfig config = config_of(row.type, row.base_url);
    config.api = row.api;
    config.profile = row.profile;
    const auto provider = made(config);
    CHECK(provider->speaks(Dialect::chat) == row.chat);
    CHECK(provider->speaks(Dialect::responses) == row.responses);
    CHECK_FALSE(provider->speaks(Dialect::anthropic));
    CHECK_FALSE(provider->speaks(Dialect::gemini));
    // Chat counts nothing and keeps nothing.
    CHECK(provider->supports(Operation::count_tokens) == row.responses);
    CHECK(provider->supports(Operation::other) == row.responses);
  }
}

TEST_CASE("quirks of the configuration go over the profile, also for which API is spoken",
          "[provider]") {
  ProviderConfig config = config_of("openai", "https://gateway.example/v1");
  config.quirks["api"] = "\"responses\"";
  CHECK(made(config)->speaks(Dialect::responses));
}

TEST_CASE("a chat client's own request reaches OpenAI untouched, with nobody's account named",
          "[provider]") {
  const auto config = config_of("openai");
  const auto openai = made(config);
  Asking asking(R"({ "model" : "claude-x", "messages" : [] })");
  asking.dialect = Dialect::chat;
  asking.head.target = "/v1/chat/completions?key=relay-secret";
  asking.forwardable.add("openai-organization", "org-of-the-client");
  asking.forwardable.add("anthropic-beta", "one-1");
  asking.forwardable.add("session-id", "of-codex");
  const auto out = asking.ask(*openai, key);
  CHECK(out.method == "POST");
  CHECK(out.headers.get("session-id") == "of-codex");
  CHECK(out.url == "https://api.openai.com/v1/chat/completions");
  CHECK(asking.sent_body == asking.body);
  CHECK(out.headers.get("authorization") == "Bearer sk-1");
  CHECK(out.headers.get("accept-encoding") == "identity");
  CHECK(out.headers.get("x-stainless-lang") == "js");
  CHECK_FALSE(out.headers.contains("openai-organization"));
  CHECK_FALSE(out.headers.contains("anthropic-beta"));
  CHECK_FALSE(out.headers.contains("anthropic-version"));
  CHECK_FALSE(out.headers.contains("x-api-key"));
}

TEST_CASE("a mapped model takes the place of the client's, and nothing else changes",
          "[provider]") {
  const auto config = config_of("openai");
  const auto openai = made(config);
  Asking asking(R"({"input":"x", "model":"claude-x"})");
  asking.dialect = Dialect::responses;
  asking.upstream_model = "gpt-5.5";
  asking.model_splices = {{asking.body.find("\"claude-x\""), 10, {}}};
  const auto out = asking.ask(*openai, key);
  CHECK(out.url == "https://api.openai.com/v1/responses");
  CHECK(asking.sent_body == R"({"input":"x", "model":"gpt-5.5"})");
}

TEST_CASE("what was translated goes out as it is, and is asked for as events or JSON",
          "[provider]") {
  const auto config = config_of("openai", "http://127.0.0.1:1/v1/");
  const auto openai = made(config);
  Asking asking(R"({"model":"gpt","messages":[]})");
  asking.dialect = Dialect::chat;
  asking.translated = true;
  asking.upstream_model = "gpt";
  asking.forwardable = {{"user-agent", "claude-cli/2"}};
  auto out = asking.ask(*openai, {});
  CHECK(out.url == "http://127.0.0.1:1/v1/chat/completions");
  CHECK(asking.sent_body == asking.body);
  CHECK(out.headers.get("user-agent") == "claude-cli/2");
  CHECK(out.headers.get("content-type") == "application/json");
  CHECK(out.headers.get("accept") == "application/json");
  CHECK_FALSE(out.headers.contains("authorization"));
  asking.stream = true;
  CHECK(asking.ask(*openai, {}).headers.get("accept") == "text/event-stream");
}

TEST_CASE("a 400 of OpenAI's names what is not taken, in words or as its parameter", "[provider]") {
  const auto config = config_of("openai");
  const auto openai = made(config);
  Asking asking(R"({"model":"gpt","messages":[],"max_tokens":5,"temperature":1})");
  asking.dialect = Dialect::chat;
  const std::string words =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
      "'max_completion_tokens' instead.";
  CHECK(openai->refused_in(400, words, asking.request()).fields ==
        std::vector<std::string>{"max_tokens"});
  const std::string answer =
      R"({"error":{"message":"no","type":"invalid_request_error","param":"temperature"}})";
  CHECK(openai->refused_in(400, answer, asking.request()).fields ==
        std::vector<std::string>{"temperature"});
  CHECK(openai->refused_in(400, "messages: too long", asking.request()).empty());
  // Mistral's, whatever its status.
  const std::string mistral =
      R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body",)"
      R"("temperature"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"})";
  CHECK(openai->refused_in(422, mistral, asking.request()).fields ==
        std::vector<std::string>{"temperature"});
  CHECK(openai->refused_in(500, words, asking.request()).empty());
}

TEST_CASE("a stored answer is asked for below the provider's version", "[provider]") {
  const auto config = config_of("openai");
  const auto openai = made(config);
  Asking asking("");
  asking.operation = Operation::other;
  asking.dialect = Dialect::responses;
  asking.head.method = "GET";
  asking.head.target = "/v1/responses/resp_1/input_items?limit=2&key=relay-secret";
  const auto out = asking.ask(*openai, key);
  CHECK(out.method == "GET");
  CHECK(out.url == "https://api.openai.com/v1/responses/resp_1/input_items?limit=2");
  asking.head.target = "/v1/responses/../files";
  CHECK_FALSE(openai->build(asking.request(), key));
}

TEST_CASE("with Azure's older paths all is asked for on them", "[provider]") {
  auto config = config_of("azure_openai");
  config.azure_api_version = "2025-04-01-preview";
  const auto azure = made(config);
  Asking asking("");
  asking.operation = Operation::other;
  asking.dialect = Dialect::responses;
  asking.head.method = "GET";
  asking.head.target = "/v1/responses/resp_1";
  const std::string root = "https://res.openai.azure.com/openai/";
  const std::string version = "?api-version=2025-04-01-preview";
  CHECK(asking.ask(*azure, key).url == root + "responses/resp_1" + version);
  const auto check = azure->health_check(key);
  REQUIRE(check);
  CHECK(check->url == root + "models" + version);
}

TEST_CASE("Azure takes api-key or an Entra identity, on the newer paths and the older",
          "[provider]") {
  auto config = config_of("azure_openai");
  Asking asking(R"({"model":"claude-x"})");
  asking.dialect = Dialect::chat;
  asking.upstream_model = "my deployment";
  asking.forwardable.add("x-of-the-client", "1");
  auto out = asking.ask(*made(config), key);
  CHECK_FALSE(out.headers.contains("x-of-the-client"));
  CHECK(out.url == "https://res.openai.azure.com/openai/v1/chat/completions");
  CHECK(out.headers.get("api-key") == "sk-1");
  CHECK_FALSE(out.headers.contains("authorization"));
  out = asking.ask(*made(config), BearerToken{Secret("entra")});
  CHECK(out.headers.get("authorization") == "Bearer entra");
  CHECK_FALSE(out.headers.contains("api-key"));

  config.azure_api_version = "2025-04-01-preview";
  out = asking.ask(*made(config), key);
  CHECK(out.url ==
        "https://res.openai.azure.com/openai/deployments/my%20deployment/chat/completions"
        "?api-version=2025-04-01-preview");
}

TEST_CASE("a server of one's own needs no key, the vendor does", "[provider]") {
  const auto vllm = config_of("openai", "http://127.0.0.1:8000/v1");
  CHECK_FALSE(made(vllm)->needs_credential());
  CHECK(made(vllm)->default_models().empty());
  auto guarded = vllm;
  guarded.keys.emplace_back().key = Secret("k");
  CHECK(made(guarded)->needs_credential());
  const auto vendor = config_of("openai");
  CHECK(made(vendor)->needs_credential());
}

TEST_CASE("a check of OpenAI's health lists the models", "[provider]") {
  auto config = config_of("openai", "https://gateway.example/v1/chat/completions");
  config.headers.emplace_back("x-team", Secret("t"));
  const auto check = made(config)->health_check(key);
  REQUIRE(check);
  CHECK(check->method == "GET");
  CHECK(check->url == "https://gateway.example/v1/models");
  CHECK(check->headers.get("authorization") == "Bearer sk-1");
  CHECK(check->headers.get("x-team") == "t");
}
