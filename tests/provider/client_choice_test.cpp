#include "provider/client_choice.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

namespace {

std::string names_of(const std::vector<ClientChoice>& choices) {
  std::string out;
  for (const ClientChoice& one : choices) out += (out.empty() ? "" : " ") + one.name;
  return out;
}

std::string chosen(const Headers& headers, std::string_view body = {}, Cloud cloud = Cloud::none) {
  return names_of(client_choices(headers, body, cloud));
}

}  // namespace

TEST_CASE("what Claude Code and the SDKs send with every request is no choice of the client's",
          "[provider]") {
  CHECK(chosen({{"Accept", "application/json"},
                {"Content-Type", "application/json"},
                {"User-Agent", "claude-cli/2.0.0 (external, cli)"},
                {"X-Stainless-Retry-Count", "0"},
                {"anthropic-beta", "oauth-2025-04-20"},
                {"anthropic-version", "2023-06-01"},
                {"anthropic-dangerous-direct-browser-access", "true"},
                {"X-Claude-Code-Session-Id", "s"},
                {"Idempotency-Key", "i"},
                {"x-app", "cli"},
                {"x-team", "blue"}},
               R"({"model":"m","max_tokens":1,"messages":[],"system":"s","metadata":{},"tools":[],)"
               R"("thinking":{},"context_management":{},"output_config":{},"stream":true})")
            .empty());
}

TEST_CASE("nor is what OpenAI's and Gemini's clients send", "[provider]") {
  CHECK(
      chosen({{"X-Goog-Api-Client", "google-genai-sdk/2.32"},
              {"OpenAI-Beta", "responses"},
              {"session-id", "of-codex"},
              {"originator", "codex_cli_rs"}},
             R"({"model":"m","input":[],"instructions":"s","reasoning":{},"text":{},"store":false,)"
             R"("include":[],"prompt_cache_key":"k","client_metadata":{},"tools":[],)"
             R"("tool_choice":"auto","parallel_tool_calls":true,"stream":true})")
          .empty());
  CHECK(chosen({},
               R"({"model":"m","messages":[],"max_completion_tokens":1,"reasoning_effort":"low",)"
               R"("stream_options":{},"stop":[],"seed":1,"user":"u","response_format":{}})")
            .empty());
  CHECK(chosen({}, R"({"contents":[],"systemInstruction":{},"generationConfig":{},"tools":[],)"
                   R"("toolConfig":{},"safetySettings":[]})")
            .empty());
  CHECK(chosen({},
               R"({"input":[],"previous_response_id":"r","conversation":"c","prompt":{"id":"p"},)"
               R"("service_tier":"priority","cachedContent":"x"})") ==
        "previous_response_id conversation prompt service_tier cachedcontent");
}

TEST_CASE("another credential, account or guardrail is a choice of the client's", "[provider]") {
  CHECK(chosen({{"X-LiteLLM-API-Key", "x"},
                {"Helicone-Auth", "x"},
                {"X-Goog-User-Project", "p"},
                {"X-Amz-Security-Token", "t"},
                {"OpenAI-Organization", "o"},
                {"Anthropic-User-Profile-Id", "u"},
                {"anthropic-workspace-id", "w"}}) ==
        "x-litellm-api-key helicone-auth x-goog-user-project x-amz-security-token "
        "openai-organization anthropic-user-profile-id anthropic-workspace-id");
  CHECK(chosen({}, R"({"model":"m","container":"c","user_profile_id":"u","messages":[{"content":)"
                   R"([{"type":"document","source":{"type":"file","file_id":"f"}}]}]})") ==
        "container user_profile_id file_id");
}

TEST_CASE("a cloud is told little, so little is chosen there", "[provider]") {
  const Headers headers{{"X-LiteLLM-API-Key", "x"},
                        {"X-Amzn-Bedrock-GuardrailIdentifier", "g"},
                        {"anthropic-user-profile-id", "u"}};
  CHECK(chosen(headers, {}, Cloud::aws) ==
        "x-amzn-bedrock-guardrailidentifier anthropic-user-profile-id");
}

TEST_CASE("a body that is none has no members to choose", "[provider]") {
  CHECK(chosen({}, "{\"container\":").empty());
}

TEST_CASE("words name a choice by its name, as it is spoken, or by its value", "[provider]") {
  const auto named = [](const ClientChoice& choice, std::string_view message) {
    return named_choice(message, {choice}) != nullptr;
  };
  const ClientChoice guardrail{"x-amzn-bedrock-guardrailidentifier", "gr-0a1b2c"};
  CHECK(named(guardrail, "not authorized to perform: bedrock:ApplyGuardrail"));
  CHECK(named(guardrail, "no access to arn:aws:bedrock:eu-west-1:1:x/GR-0A1B2C"));
  CHECK_FALSE(named(guardrail, "The security token included in the request is invalid."));
  CHECK(named({"anthropic-user-profile-id", "x"}, "You may not use that user profile."));
  CHECK(named({"user_profile_id", ""}, "user_profile_id: not found"));
  // Too short to be told from other words.
  CHECK_FALSE(named({"x-key", "a"}, "a key"));
}
