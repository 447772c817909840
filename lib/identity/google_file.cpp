#include <chrono>

#include "identity/files.hpp"
#include "identity/google_links.hpp"
#include "identity/refusal.hpp"
#include "identity/token_answer.hpp"
#include "identity/url.hpp"
#include "sign/jwt.hpp"
#include "sign/rsa_key.hpp"
#include "wire/json_members.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::identity {
namespace {

constexpr const char* default_token_url = "https://oauth2.googleapis.com/token";

Error file_lacks(const std::string& path, const char* member) {
  return config_error(path + " holds no \"" + member + "\"");
}

Ask ask_google(const std::string& url, const Form& form, std::vector<Secret> secrets,
               const char* what_to_do) {
  Ask ask;
  ask.who = "Google's token service";
  ask.method = "POST";
  ask.url = url;
  ask.headers.add("Content-Type", "application/x-www-form-urlencoded");
  ask.body = form.text();
  ask.secrets = std::move(secrets);
  ask.then = [what_to_do](const Answer& answer) { return token_answered(answer, what_to_do); };
  return ask;
}

// The JWT bearer grant (RFC 7523):
// https://developers.google.com/identity/protocols/oauth2/service-account
Step service_account(const std::string& path, const wire::JsonMembers& file, WallTime now) {
  const auto email = file.string("client_email");
  if (!email) return file_lacks(path, "client_email");
  const auto pem = file.string("private_key");
  if (!pem) return file_lacks(path, "private_key");
  const auto key = sign::RsaKey::from_pem(Secret(*pem));
  if (!key) return config_error(path + ": private_key: " + key.error().message);

  const std::string url = file.string("token_uri").value_or(default_token_url);
  std::string header = R"({"alg":"RS256","typ":"JWT")";
  if (const auto id = file.string("private_key_id")) header += ",\"kid\":" + wire::json_string(*id);
  header += '}';
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  // An hour is the most that Google takes.
  const std::string claims =
      "{\"iss\":" + wire::json_string(*email) + ",\"scope\":" + wire::json_string(google_scope) +
      ",\"aud\":" + wire::json_string(url) + ",\"iat\":" + std::to_string(seconds) +
      ",\"exp\":" + std::to_string(seconds + 3600) + "}";
  const auto jwt = sign::jwt_rs256(*key, header, claims);
  if (!jwt) return config_error(path + ": private_key: " + jwt.error().message);
  Form form;
  form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer").add("assertion", *jwt);
  return ask_google(url, form, {Secret(*jwt)}, "is the key of this service account still valid?");
}

// The refresh token grant (RFC 6749 section 6).
Step authorized_user(const std::string& path, const wire::JsonMembers& file) {
  Form form;
  std::vector<Secret> secrets;
  form.add("grant_type", "refresh_token");
  for (const char* name : {"client_id", "client_secret", "refresh_token"}) {
    const auto value = file.string(name);
    if (!value) return file_lacks(path, name);
    form.add(name, *value);
    if (std::string_view(name) != "client_id") secrets.emplace_back(*value);
  }
  return ask_google(file.string("token_uri").value_or(default_token_url), form, std::move(secrets),
                    "`gcloud auth application-default login` signs in again");
}

}  // namespace

Step google_file(const std::string& path, const Environment& env, WallTime now) {
  const auto text = read_file(path);
  if (!text) return text.error();
  const auto file = wire::JsonMembers::read(*text);
  if (!file) return config_error(path + " is " + file.error().message);
  const auto type = file->string("type");
  if (!type) return file_lacks(path, "type");
  if (*type == "service_account") return service_account(path, *file, now);
  if (*type == "authorized_user") return authorized_user(path, *file);
  if (*type == "external_account") return google_external(path, *text, env);
  // Quoted only if it is a word: the file may be anything.
  const bool word = type->size() <= 64 &&
                    type->find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
  return config_error(path + " is of " + (word ? "type \"" + *type + "\"" : "an odd type") +
                      "; known are service_account, authorized_user and external_account");
}

}  // namespace ccrelay::identity
