#include "provider/cloud_request.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "provider/betas.hpp"

namespace ccrelay::provider {
namespace {

using namespace std::string_view_literals;

// What a cloud may be told of a client, and nothing else: any other header or parameter may be an
// instruction to the cloud's own front (`key`, `access_token`, `x-goog-user-project`, `x-amz-*`,
// `api-version`), which would act on it with the operator's credential.
constexpr std::array common_headers{"content-type"sv, "accept"sv, "user-agent"sv};
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
constexpr std::array of_bedrock{"x-amzn-bedrock-trace"sv,
                                "x-amzn-bedrock-guardrailidentifier"sv,
                                "x-amzn-bedrock-guardrailversion"sv,
                                "x-amzn-bedrock-performanceconfig-latency"sv,
                                "x-amzn-bedrock-service-tier"sv,
                                "x-amzn-bedrock-accept"sv,
                                "x-amzn-bedrock-content-type"sv};
// Of Anthropic's API, where it stands in a cloud's.
constexpr std::array of_anthropic{"anthropic-version"sv, "anthropic-beta"sv,
                                  "anthropic-user-profile-id"sv,
                                  "anthropic-dangerous-direct-browser-access"sv, "x-app"sv};
constexpr std::array families_of_anthropic{"x-stainless-"sv, "x-claude-code-"sv, "x-claude-1p-"sv};
constexpr std::string_view last_common_version = "2023-06-01";

template <class List>
bool is_one_of(const List& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view one) { return base::iequals(name, one); });
}

}  // namespace

std::string beta_query(std::string_view query) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    if (query.substr(0, end) == "beta=true") return "?beta=true";
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

Headers known_headers(const Headers& from_client) {
  Headers out;
  out.reserve_for(from_client);
  for (std::size_t i = 0; i < from_client.size(); ++i) {
    const std::string_view name = from_client[i].name;
    const bool known =
        is_one_of(common_headers, name) || is_one_of(of_anthropic, name) ||
        std::any_of(families_of_anthropic.begin(), families_of_anthropic.end(),
                    [&](std::string_view one) { return base::istarts_with(name, one); });
    if (known) out.add(from_client, i);
  }
  return out;
}

Headers cloud_headers(const ProviderRequest& request) {
  Headers out;
  for (const Header field : request.forwardable) {
    if (is_one_of(common_headers, field.name)) out.add(field.name, field.value);
  }
  if (!out.contains("content-type")) out.add("content-type", "application/json");
  // Streams and usage are read in passing, which compressed bytes would not allow.
  out.add("accept-encoding", "identity");
  if (request.dialect == Dialect::anthropic) {
    const auto betas = without(betas_of(request.forwardable), request.unsupported.betas);
    if (!betas.empty()) out.add("anthropic-beta", as_header(betas));
    return out;
  }
  // In the cloud's own form its client knows what it may say.
  for (const Header field : request.forwardable) {
    const bool of_the_cloud =
        request.dialect == Dialect::bedrock && is_one_of(of_bedrock, field.name);
    const bool is_beta = base::iequals(field.name, "anthropic-beta");
    if (is_beta && !request.unsupported.betas.empty()) continue;
    if (of_the_cloud || is_beta || base::iequals(field.name, "anthropic-version") ||
        base::iequals(field.name, "anthropic-user-profile-id")) {
      out.add(field.name, field.value);
    }
  }
  if (!request.unsupported.betas.empty()) {
    const auto betas = without(betas_of(request.forwardable), request.unsupported.betas);
    if (!betas.empty()) out.add("anthropic-beta", as_header(betas));
  }
  return out;
}

bool add_bearer(Headers& headers, const Credential& credential) {
  const auto* key = std::get_if<ApiKey>(&credential);
  const auto* token = std::get_if<BearerToken>(&credential);
  if (!key && !token) return false;
  headers.add("authorization",
              "Bearer " + std::string(key ? key->key.reveal() : token->token.reveal()));
  return true;
}

void add_configured(Headers& headers, const ProviderConfig& config) {
  for (const auto& [name, value] : config.headers) headers.set(name, value.reveal());
}

std::string_view version_for(const ProviderRequest& request, std::string_view of_the_cloud) {
  const auto version = request.forwardable.get("anthropic-version").value_or("");
  return version > last_common_version ? version : of_the_cloud;
}

void name_request(Headers& headers) {
  const auto id = headers.get("x-amzn-requestid");
  if (id && !headers.contains("request-id")) headers.add("request-id", std::string(*id));
}

OutboundRequest unsigned_check(const std::string& base_url) {
  OutboundRequest out;
  out.method = "GET";
  out.url = base_url + "/";
  return out;
}

}  // namespace ccrelay::provider
