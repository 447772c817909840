#include "provider/cloud_request.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "provider/betas.hpp"

namespace ccrelay::provider {
namespace {

using namespace std::string_view_literals;

constexpr std::array common_headers{"content-type"sv, "accept"sv, "user-agent"sv};
constexpr std::string_view last_common_version = "2023-06-01";

bool is_common(std::string_view name) {
  return std::any_of(common_headers.begin(), common_headers.end(),
                     [&](std::string_view common) { return base::iequals(name, common); });
}

}  // namespace

std::string query_without_beta(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (part.empty() || part == "beta=true") continue;
    out += out.empty() ? '?' : '&';
    out += part;
  }
  return out;
}

Headers cloud_headers(const ProviderRequest& request, std::string_view prefix) {
  Headers out;
  for (const Header field : request.forwardable) {
    if (base::istarts_with(field.name, prefix) || is_common(field.name)) {
      out.add(field.name, field.value);
    }
  }
  if (!out.contains("content-type")) out.add("content-type", "application/json");
  // Streams and usage are read in passing, which compressed bytes would not allow.
  out.add("accept-encoding", "identity");
  if (request.dialect == Dialect::anthropic) {
    const auto betas = without(betas_of(request.forwardable), request.unsupported.betas);
    if (!betas.empty()) out.add("anthropic-beta", as_header(betas));
    return out;
  }
  for (const Header field : request.forwardable) {
    if (base::istarts_with(field.name, "anthropic-")) out.add(field.name, field.value);
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

void remove_field(BodyEdit& edit, std::string_view field) {
  constexpr std::string_view of_tools = "tools[].";
  if (field.starts_with(of_tools)) {
    edit.remove_in_each("tools", field.substr(of_tools.size()));
  } else {
    edit.remove(field);
  }
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
