#include "provider/types.hpp"

#include <algorithm>

namespace ccrelay::provider {
// Those with a form of their own, each in the source of its name.
Type::Make make_bedrock, make_vertex, make_openai, make_gemini;

std::span<const Type> types() {
  using Auth = Type::Auth;
  static const std::vector<Type> table{
      {.name = "anthropic",
       .owner = "anthropic",
       .base_url = "https://api.anthropic.com",
       .models = {"claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-4-8", "claude-haiku-4-5"},
       .takes_client_credential = true,
       .key_variable = "ANTHROPIC_API_KEY",
       .count_tokens = true,
       .native = true},
      {.name = "zai",
       .owner = "zhipu",
       .base_url = "https://api.z.ai/api/anthropic",
       .models = {"GLM-5", "GLM-4.7", "GLM-4.5-Air"},
       .key_variable = "ZAI_API_KEY",
       .count_tokens = true},
      {.name = "minimax",
       .owner = "minimax",
       .base_url = "https://api.minimax.io/anthropic",
       .models = {"MiniMax-M2.5", "MiniMax-M2.5-highspeed", "MiniMax-M2.1", "MiniMax-M2"},
       .auth = Auth::bearer,
       .key_variable = "MINIMAX_API_KEY",
       .count_tokens = true},
      {.name = "ollama",
       .owner = "ollama",
       .base_url = "http://localhost:11434",
       .models = {},
       .auth = Auth::none,
       .profile = "anthropic_ollama",
       .check_path = "/api/version"},
      // https://learn.microsoft.com/azure/ai-foundry/foundry-models/how-to/use-foundry-models-claude
      {.name = "azure",
       .owner = "azure",
       .base_url = "https://{azure_resource_name}.services.ai.azure.com/anthropic",
       .models = {"claude-opus-4-6", "claude-sonnet-4-5", "claude-haiku-4-5"},
       .cloud = Cloud::azure,
       .settings = "azure_resource_name",
       .key_variable = "ANTHROPIC_FOUNDRY_API_KEY",
       .count_tokens = true,
       .wants_version = true},
      {.name = "bedrock",
       .owner = "aws",
       .base_url = "https://bedrock-runtime.{aws_region}.amazonaws.com",
       .models = {"anthropic.claude-opus-4-6-v1:0", "anthropic.claude-sonnet-4-5-20250514-v1:0",
                  "anthropic.claude-haiku-3-5-20241022-v1:0"},
       .cloud = Cloud::aws,
       .settings = "aws_region",
       .key_variable = "AWS_BEARER_TOKEN_BEDROCK",
       .make = make_bedrock,
       .profile = "anthropic_bedrock",
       .brings = {}},
      {.name = "vertex",
       .owner = "google",
       .base_url = "https://{google_host}",
       .models = {"claude-opus-4-6", "claude-sonnet-4-5@20250929", "claude-haiku-4-5@20251001"},
       .cloud = Cloud::google,
       .settings = "gcp_project_id gcp_region",
       .make = make_vertex,
       .brings = {}},
      // https://docs.claude.com/en/api/claude-platform-on-aws
      {.name = "anthropic_aws",
       .owner = "anthropic",
       .base_url = "https://aws-external-anthropic.{aws_region}.api.aws",
       .models = {"claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-4-8", "claude-haiku-4-5"},
       .cloud = Cloud::aws,
       .settings = "aws_region workspace_id",
       .key_variable = "ANTHROPIC_AWS_API_KEY",
       .count_tokens = true,
       .aws_service = "aws-external-anthropic",
       .wants_version = true},
      // Everybody who speaks OpenAI's API: who differs in what is a matter of the profile.
      // https://platform.openai.com/docs/api-reference
      {.name = "openai",
       .owner = "openai",
       .base_url = "https://api.openai.com/v1",
       .models = {"gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5.3-codex"},
       .auth = Auth::bearer,
       .key_variable = "OPENAI_API_KEY",
       .make = make_openai,
       .profile = {},
       .brings = "/chat/completions /responses /models",
       .own_models = "gpt-* chatgpt-* codex-* o1* o3* o4*",
       .serves_without_key = true},
      // https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
      {.name = "azure_openai",
       .owner = "azure",
       .base_url = "https://{azure_resource_name}.openai.azure.com/openai/v1",
       .models = {},
       .auth = Auth::api_key,
       .cloud = Cloud::azure,
       .settings = "azure_resource_name",
       .key_variable = "AZURE_OPENAI_API_KEY",
       .make = make_openai,
       .profile = "azure_openai",
       .brings = "/chat/completions /responses /models"},
      // https://ai.google.dev/api/generate-content
      {.name = "gemini",
       .owner = "google",
       .base_url = "https://generativelanguage.googleapis.com",
       .models = {"gemini-3.1-pro-preview", "gemini-3-flash-preview", "gemini-2.5-pro",
                  "gemini-2.5-flash"},
       .auth = Auth::x_goog_api_key,
       .key_variable = "GEMINI_API_KEY",
       .make = make_gemini,
       .profile = "gemini",
       .brings = "/v1beta/models /v1beta /v1/models /v1",
       .own_models = "gemini-*"},
      // https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
      {.name = "gemini_vertex",
       .owner = "google",
       .base_url = "https://{google_host}",
       .models = {"gemini-2.5-pro", "gemini-2.5-flash"},
       .auth = Auth::bearer,
       .cloud = Cloud::google,
       .settings = "gcp_project_id gcp_region",
       .make = make_gemini,
       .profile = "gemini",
       .brings = {}},
  };
  return table;
}

const Type* find_type(std::string_view name) {
  const auto all = types();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Type& type) { return type.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string_view> type_names() {
  std::vector<std::string_view> names;
  for (const Type& type : types()) names.push_back(type.name);
  return names;
}

}  // namespace ccrelay::provider
