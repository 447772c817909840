#include "identity/azure_links.hpp"
#include "identity/files.hpp"
#include "identity/refusal.hpp"
#include "identity/token_answer.hpp"
#include "identity/url.hpp"

namespace ccrelay::identity {
namespace {

constexpr const char* without_an_identity = "does this machine or app have a managed identity?";

// Managed identities know resources, which are scopes without their last part.
std::string resource_of(std::string scope) {
  constexpr std::string_view suffix = "/.default";
  if (scope.size() > suffix.size() &&
      scope.compare(scope.size() - suffix.size(), suffix.size(), suffix) == 0)
    scope.resize(scope.size() - suffix.size());
  return scope;
}

Ask ask_for(const std::string& url, const char* version, const std::string& client_id,
            const std::string& scope) {
  Form query;
  query.add("api-version", version).add("resource", resource_of(scope));
  if (!client_id.empty()) query.add("client_id", client_id);
  Ask ask;
  ask.who = "Azure's managed identity service";
  ask.url = url + (url.find('?') == std::string::npos ? "?" : "&") + query.text();
  ask.then = [](const Answer& answer) { return token_answered(answer, without_an_identity); };
  return ask;
}

}  // namespace

// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
Step azure_managed_identity(const Environment& env, const std::string& client_id,
                            const std::string& scope) {
  const auto endpoint = variable(env, "IDENTITY_ENDPOINT");
  const auto header = variable(env, "IDENTITY_HEADER");
  if (endpoint && variable(env, "IMDS_ENDPOINT"))
    return config_error(
        "IMDS_ENDPOINT is set, as Azure Arc does it; its way of giving out tokens is not "
        "supported: "
        "set azure_tenant_id, azure_client_id and azure_client_secret");
  if (endpoint && variable(env, "IDENTITY_SERVER_THUMBPRINT"))
    return config_error(
        "IDENTITY_SERVER_THUMBPRINT is set, as Service Fabric does it; its way of giving out "
        "tokens "
        "is not supported: set azure_tenant_id, azure_client_id and azure_client_secret");
  if (endpoint) {
    if (!header) return config_error("IDENTITY_ENDPOINT is set and IDENTITY_HEADER is not");
    Ask ask = ask_for(*endpoint, "2019-08-01", client_id, scope);
    ask.plain = Plain::link_local;
    ask.headers.add("X-IDENTITY-HEADER", *header);
    ask.secrets = {Secret(*header)};
    return ask;
  }
  const std::string host =
      variable(env, "AZURE_POD_IDENTITY_AUTHORITY_HOST").value_or("http://169.254.169.254");
  Ask ask = ask_for(without_slash(host) + "/metadata/identity/oauth2/token", "2018-02-01",
                    client_id, scope);
  ask.plain = Plain::anywhere;
  ask.headers.add("Metadata", "true");
  return ask;
}

}  // namespace ccrelay::identity
