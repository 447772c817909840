#include "provider/client_choice.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "provider/betas.hpp"
#include "wire/json_members.hpp"

namespace ccrelay::provider {
namespace {

using namespace std::string_view_literals;

// What goes to a cloud and names something of its account.
constexpr std::array of_clouds{"x-amzn-bedrock-guardrailidentifier"sv,
                               "x-amzn-bedrock-guardrailversion"sv,
                               "x-amzn-bedrock-trace"sv,
                               "x-amzn-bedrock-performanceconfig-latency"sv,
                               "x-amzn-bedrock-service-tier"sv,
                               "anthropic-user-profile-id"sv};

// Every request to Anthropic's API has them, or may without anybody minding.
constexpr std::array harmless{
    "anthropic-version"sv, "anthropic-beta"sv,  "anthropic-dangerous-direct-browser-access"sv,
    "idempotency-key"sv,   "x-amzn-trace-id"sv, "x-goog-api-client"sv};
constexpr std::array harmless_families{"x-stainless-"sv, "x-claude-code-"sv, "x-claude-1p-"sv};

// In names of headers with which a front is told whom to ask for, or as whom: x-litellm-api-key,
// helicone-auth, x-goog-user-project, x-amz-security-token, openai-organization.
constexpr std::array telling{"auth"sv,       "key"sv,          "token"sv,      "secret"sv,
                             "credential"sv, "project"sv,      "profile"sv,    "account"sv,
                             "tenant"sv,     "organization"sv, "workspace"sv,  "guardrail"sv,
                             "x-amz"sv,      "x-goog"sv,       "x-ms-"sv,      "signature"sv,
                             "permission"sv, "scope"sv,        "impersonat"sv, "subscription"sv};

// Of a body: https://docs.claude.com/en/api/messages, with what betas add for everybody.
constexpr std::array common_members{"model"sv,         "messages"sv,       "system"sv,
                                    "max_tokens"sv,    "stream"sv,         "tools"sv,
                                    "tool_choice"sv,   "thinking"sv,       "temperature"sv,
                                    "top_p"sv,         "top_k"sv,          "stop_sequences"sv,
                                    "metadata"sv,      "anthropic_beta"sv, "anthropic_version"sv,
                                    "betas"sv,         "output_config"sv,  "output_format"sv,
                                    "cache_control"sv, "speed"sv,          "context_management"sv};

// The same of OpenAI's two and of Gemini's: what names something that an account keeps
// (`previous_response_id`, `conversation`, `prompt`, `cachedContent`) is not among them, nor is a
// tier of service. https://platform.openai.com/docs/api-reference, https://ai.google.dev/api
constexpr std::array common_elsewhere{"max_completion_tokens"sv,
                                      "stream_options"sv,
                                      "stop"sv,
                                      "parallel_tool_calls"sv,
                                      "reasoning_effort"sv,
                                      "response_format"sv,
                                      "n"sv,
                                      "seed"sv,
                                      "presence_penalty"sv,
                                      "frequency_penalty"sv,
                                      "logit_bias"sv,
                                      "logprobs"sv,
                                      "top_logprobs"sv,
                                      "user"sv,
                                      "store"sv,
                                      "verbosity"sv,
                                      "modalities"sv,
                                      "prediction"sv,
                                      "web_search_options"sv,
                                      "functions"sv,
                                      "function_call"sv,
                                      "prompt_cache_key"sv,
                                      "prompt_cache_retention"sv,
                                      "safety_identifier"sv,
                                      "input"sv,
                                      "instructions"sv,
                                      "reasoning"sv,
                                      "text"sv,
                                      "include"sv,
                                      "max_output_tokens"sv,
                                      "truncation"sv,
                                      "client_metadata"sv,
                                      "max_tool_calls"sv,
                                      "contents"sv,
                                      "systemInstruction"sv,
                                      "system_instruction"sv,
                                      "generationConfig"sv,
                                      "generation_config"sv,
                                      "safetySettings"sv,
                                      "safety_settings"sv,
                                      "toolConfig"sv,
                                      "tool_config"sv,
                                      "generateContentRequest"sv};

// In a sentence a name of some letters may be any word.
constexpr std::size_t name_bytes_min = 6;
constexpr std::size_t choices_max = 64;

template <class List>
bool stands_in(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_choice_of_header(std::string_view name, Cloud cloud) {
  if (cloud != Cloud::none) return stands_in(of_clouds, name);
  if (stands_in(harmless, name)) return false;
  for (const std::string_view family : harmless_families) {
    if (name.starts_with(family)) return false;
  }
  return name.starts_with("anthropic-") ||
         std::any_of(telling.begin(), telling.end(), [&](std::string_view word) {
           return name.find(word) != std::string_view::npos;
         });
}

void add_of_body(std::string_view body, std::vector<ClientChoice>& out) {
  const auto members = wire::JsonMembers::read(body);
  if (!members) return;
  for (const wire::JsonMember& member : *members) {
    if (out.size() >= choices_max) return;
    const bool is_common =
        stands_in(common_members, member.name) || stands_in(common_elsewhere, member.name);
    if (!is_common) out.push_back({base::lower(member.name), {}});
  }
  // A file belongs to a workspace (https://docs.claude.com/en/api/files-create).
  if (body.find(R"("file_id")") != std::string_view::npos) out.push_back({"file_id", {}});
}

bool is_said_in(std::string_view words, std::string_view name) {
  return name.size() >= name_bytes_min && words.find(name) != std::string_view::npos;
}

// How a name is said in a sentence: "user_profile_id" as "user profile".
std::string spoken(std::string_view name) {
  if (name.find("guardrail") != std::string_view::npos) return "guardrail";
  std::string out(name.starts_with("anthropic-") ? name.substr(10) : name);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
  if (out.ends_with(" id")) out.resize(out.size() - 3);
  return out;
}

}  // namespace

std::vector<ClientChoice> client_choices(const Headers& forwardable, std::string_view body,
                                         Cloud cloud) {
  std::vector<ClientChoice> out;
  for (const Header field : forwardable) {
    std::string name = base::lower(field.name);
    if (out.size() >= choices_max) break;
    if (is_choice_of_header(name, cloud))
      out.push_back({std::move(name), base::lower(field.value)});
  }
  if (!body.empty()) add_of_body(body, out);
  return out;
}

const ClientChoice* named_choice(std::string_view message,
                                 const std::vector<ClientChoice>& choices) {
  if (choices.empty()) return nullptr;
  const std::string words = base::lower(message);
  const auto found = std::find_if(choices.begin(), choices.end(), [&](const ClientChoice& choice) {
    return is_said_in(words, choice.name) || is_said_in(words, choice.value) ||
           is_said_in(words, spoken(choice.name));
  });
  return found == choices.end() ? nullptr : &*found;
}

}  // namespace ccrelay::provider
