#include "identity/azure_links.hpp"
#include "identity/chains.hpp"
#include "identity/files.hpp"
#include "identity/refusal.hpp"
#include "identity/token_answer.hpp"
#include "identity/url.hpp"

namespace ccrelay::identity {
namespace {

// Each from the configuration, else from the environment.
struct Application {
  std::string tenant_id;
  std::string client_id;
  std::string scope;
  std::string authority;
};

Application application_of(const AzureAccess& access, const Environment& env) {
  const auto either = [&](const std::string& configured, const char* name) {
    return configured.empty() ? variable(env, name).value_or("") : configured;
  };
  Application app{
      either(access.tenant_id, "AZURE_TENANT_ID"), either(access.client_id, "AZURE_CLIENT_ID"),
      access.scope,
      without_slash(
          variable(env, "AZURE_AUTHORITY_HOST").value_or("https://login.microsoftonline.com"))};
  // Some of Microsoft's tools take it without a scheme.
  if (app.authority.find("://") == std::string::npos) app.authority.insert(0, "https://");
  return app;
}

Error incomplete(const char* what, const Application& app) {
  const char* missing = app.tenant_id.empty() ? "a tenant (azure_tenant_id or AZURE_TENANT_ID)"
                                              : "a client (azure_client_id or AZURE_CLIENT_ID)";
  return config_error(std::string(what) + " is set, but not " + missing);
}

bool is_complete(const Application& app) {
  return !app.tenant_id.empty() && !app.client_id.empty();
}

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
Ask post_to_login(const Application& app, Form form, const Secret& secret) {
  Ask ask;
  ask.who = "Entra";
  ask.method = "POST";
  ask.url = app.authority + "/" + percent_encoded(app.tenant_id) + "/oauth2/v2.0/token";
  ask.headers.add("Content-Type", "application/x-www-form-urlencoded");
  form.add("client_id", app.client_id)
      .add("scope", app.scope)
      .add("grant_type", "client_credentials");
  ask.body = form.text();
  ask.secrets = {secret};
  ask.then = [](const Answer& answer) { return token_answered(answer, ""); };
  return ask;
}

Step with_secret(const Application& app, const Secret& secret, const char* name) {
  if (!is_complete(app)) return incomplete(name, app);
  return post_to_login(app, Form().add("client_secret", secret.reveal()), secret);
}

Step environment_secret(const Application& app, const Environment& env) {
  if (const auto secret = variable(env, "AZURE_CLIENT_SECRET"))
    return with_secret(app, Secret(*secret), "AZURE_CLIENT_SECRET");
  if (variable(env, "AZURE_CLIENT_CERTIFICATE_PATH"))
    return config_error(
        "AZURE_CLIENT_CERTIFICATE_PATH is set; signing in with a certificate is not supported: set "
        "AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE");
  return Pass{};
}

// The kubelet writes the file anew before the token in it expires.
Step workload_identity(const Application& app, const Environment& env) {
  const auto file = variable(env, "AZURE_FEDERATED_TOKEN_FILE");
  if (!file) return Pass{};
  if (!is_complete(app)) return incomplete("AZURE_FEDERATED_TOKEN_FILE", app);
  const auto token = read_token_file(*file);
  if (!token) return token.error();
  Form form;
  form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
      .add("client_assertion", *token);
  return post_to_login(app, std::move(form), Secret(*token));
}

constexpr const char* no_other_azure =
    "no other Azure credentials are configured: set azure_tenant_id, azure_client_id and "
    "azure_client_secret of the provider, or AZURE_TENANT_ID, AZURE_CLIENT_ID and "
    "AZURE_CLIENT_SECRET in the environment";

}  // namespace

Chain azure_chain(const AzureAccess& access, const Environment& env) {
  const Application app = application_of(access, env);
  if (const Secret secret = access.client_secret; !secret.empty())
    return {{{"configuration (azure_client_secret)",
              [app, secret](WallTime) { return with_secret(app, secret, "azure_client_secret"); }}},
            ""};
  Chain chain;
  chain.links = {
      {"environment (AZURE_CLIENT_SECRET)",
       [app, env](WallTime) { return environment_secret(app, env); }},
      {"workload identity (AZURE_FEDERATED_TOKEN_FILE)",
       [app, env](WallTime) { return workload_identity(app, env); }},
      {"managed identity",
       [app, env](WallTime) { return azure_managed_identity(env, app.client_id, app.scope); },
       no_other_azure},
  };
  return chain;
}

}  // namespace ccrelay::identity
