#include <algorithm>

#include "base/base64.hpp"
#include "identity/files.hpp"
#include "identity/google_links.hpp"
#include "identity/refusal.hpp"
#include "identity/token_answer.hpp"
#include "identity/url.hpp"
#include "wire/json_members.hpp"
#include "wire/json_text.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::identity {
namespace {

// Workload identity federation (AIP-4117): somebody else's token is exchanged for one of Google's
// (RFC 8693), and that, if a service account is named, for one of this account.
struct External {
  std::string audience;
  std::string subject_token_type;
  std::string token_url;
  std::string impersonation_url;
  std::string lifetime;  // seconds
  std::string client_id;
  Secret client_secret;
  std::string user_project;
  std::string field;  // where in a JSON text the subject token is; empty: the text is the token
};

std::string trimmed(std::string_view text) {
  static constexpr const char* white = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(white);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(white) + 1 - begin));
}

// The error continues "…: ".
Result<std::string> subject_token(std::string_view text, const std::string& field) {
  if (field.empty()) {
    std::string token = trimmed(text);
    if (token.empty()) return config_error("it is empty, and should hold a token");
    return token;
  }
  const auto members = wire::JsonMembers::read(text);
  if (!members) return config_error("it is " + members.error().message);
  auto token = members->string(field);
  if (!token || token->empty()) return config_error("it has no \"" + field + "\"");
  return *std::move(token);
}

Step impersonated(const Answer& answer) {
  if (!succeeded(answer))
    return refused(answer, "may the federated identity create tokens for the service account?");
  const auto members = wire::JsonMembers::read(answer.body);
  if (!members) return unusable(answer, "with something that is " + members.error().message);
  const auto token = members->string("accessToken");
  if (!token || token->empty()) return unusable(answer, "without an accessToken");
  const auto expiry = wire::parse_rfc3339(members->string("expireTime").value_or(""));
  if (!expiry) return unusable(answer, "without saying when the token expires (expireTime)");
  return Issued(IssuedToken{{Secret(*token)}, expiry});
}

Step impersonate(const External& account, const IssuedToken& federated) {
  Ask ask;
  ask.who = "Google's service account credentials service";
  ask.method = "POST";
  ask.url = account.impersonation_url;
  ask.headers.add("Content-Type", "application/json");
  ask.headers.add("Authorization", "Bearer " + std::string(federated.token.reveal()));
  ask.body = "{\"scope\":[" + wire::json_string(google_scope) + "],\"lifetime\":\"" +
             account.lifetime + "s\"}";
  ask.secrets = {federated.token};
  ask.then = impersonated;
  return ask;
}

Step exchanged(const External& account, const std::string& subject) {
  Form form;
  form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
      .add("audience", account.audience)
      .add("scope", google_scope)
      .add("requested_token_type", "urn:ietf:params:oauth:token-type:access_token")
      .add("subject_token_type", account.subject_token_type)
      .add("subject_token", subject);
  Ask ask;
  if (!account.client_id.empty()) {
    const std::string basic =
        base::base64_encoded(account.client_id + ":" + std::string(account.client_secret.reveal()));
    ask.headers.add("Authorization", "Basic " + basic);
    ask.secrets = {account.client_secret, Secret(basic)};
  } else if (!account.user_project.empty()) {
    form.add("options", "{\"userProject\":" + wire::json_string(account.user_project) + "}");
  }
  ask.who = "Google's token exchange";
  ask.method = "POST";
  ask.url = account.token_url;
  ask.headers.add("Content-Type", "application/x-www-form-urlencoded");
  ask.body = form.text();
  ask.secrets.emplace_back(subject);
  ask.then = [account](const Answer& answer) -> Step {
    Step step = token_answered(answer, "does the identity pool accept this subject token?");
    const auto* federated = std::get_if<Issued>(&step.kind);
    if (!federated || account.impersonation_url.empty()) return step;
    return impersonate(account, std::get<IssuedToken>(*federated));
  };
  return ask;
}

// The subject token comes from an address, such as the metadata service of another cloud.
Step from_url(const External& account, const std::string& url, const wire::JsonMembers& source) {
  Ask ask;
  ask.who = "the source of the subject token";
  ask.url = url;
  // As for metadata services. What the headers hold is the file's own and is sent where that says.
  ask.plain = Plain::link_local;
  if (const auto headers = source.inside("headers")) {
    for (const auto& header : *headers) {
      const auto value = headers->string(header);
      if (!value) continue;
      ask.headers.add(header.name, *value);
      ask.secrets.emplace_back(*value);
    }
  }
  ask.then = [account](const Answer& answer) -> Step {
    if (!succeeded(answer)) return refused(answer, "");
    const auto token = subject_token(answer.body, account.field);
    if (!token) return unusable(answer, "with no subject token: " + token.error().message);
    return exchanged(account, *token);
  };
  return ask;
}

Step from_source(const std::string& path, External account, const wire::JsonMembers& source,
                 const Environment& env) {
  for (const char* other : {"environment_id", "executable", "certificate"}) {
    if (source.find(other))
      return config_error(path + ": credential_source has \"" + other +
                          "\"; subject tokens are read from a \"file\" or a \"url\"");
  }
  if (const auto format = source.inside("format");
      format && format->string("type").value_or("text") == "json") {
    account.field = format->string("subject_token_field_name").value_or("");
    if (account.field.empty())
      return config_error(path + ": credential_source.format has no \"subject_token_field_name\"");
  }
  if (const auto file = source.string("file")) {
    const std::string token_path = expanded_path(*file, env);
    const auto text = read_file(token_path);
    if (!text) return text.error();
    const auto token = subject_token(*text, account.field);
    if (!token)
      return config_error("no subject token in " + token_path + ": " + token.error().message);
    return exchanged(account, *token);
  }
  if (const auto url = source.string("url")) return from_url(account, *url, source);
  return config_error(path + ": credential_source has neither a \"file\" nor a \"url\"");
}

}  // namespace

Step google_external(const std::string& path, const std::string& text, const Environment& env) {
  const auto file = wire::JsonMembers::read(text);
  if (!file) return config_error(path + " is " + file.error().message);
  External account;
  account.token_url = file->string("token_url").value_or("https://sts.googleapis.com/v1/token");
  account.impersonation_url = file->string("service_account_impersonation_url").value_or("");
  account.client_id = file->string("client_id").value_or("");
  account.client_secret = Secret(file->string("client_secret").value_or(""));
  account.user_project = file->string("workforce_pool_user_project").value_or("");
  account.lifetime = "3600";
  if (const auto options = file->inside("service_account_impersonation")) {
    if (const auto seconds = options->integer("token_lifetime_seconds"))
      account.lifetime = std::to_string(*seconds);
  }
  const auto take = [&](const char* name, std::string& into) {
    into = file->string(name).value_or("");
    return !into.empty();
  };
  for (const auto& [name, into] :
       {std::pair<const char*, std::string*>{"audience", &account.audience},
        {"subject_token_type", &account.subject_token_type}}) {
    if (!take(name, *into)) return config_error(path + " holds no \"" + name + "\"");
  }
  const auto source = file->inside("credential_source");
  if (!source) return config_error(path + " holds no \"credential_source\"");
  return from_source(path, std::move(account), *source, env);
}

}  // namespace ccrelay::identity
