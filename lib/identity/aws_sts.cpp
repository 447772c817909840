#include "identity/aws_sts.hpp"

#include "identity/aws_answer.hpp"
#include "identity/files.hpp"
#include "identity/refusal.hpp"
#include "identity/url.hpp"
#include "sign/aws4_sign.hpp"

namespace ccrelay::identity {
namespace {

// The domains of AWS's partitions (botocore's endpoints.json).
std::string domain_of(const std::string& region) {
  if (region.rfind("cn-", 0) == 0) return "amazonaws.com.cn";
  if (region.rfind("us-iso-", 0) == 0) return "c2s.ic.gov";
  if (region.rfind("us-isob-", 0) == 0) return "sc2s.sgov.gov";
  return "amazonaws.com";
}

Form form_for(const char* action, const Role& role) {
  Form form;
  form.add("Action", action).add("Version", "2011-06-15").add("RoleArn", role.arn);
  form.add("RoleSessionName", role.session_name.empty() ? default_session_name : role.session_name);
  if (!role.external_id.empty()) form.add("ExternalId", role.external_id);
  if (!role.duration_seconds.empty()) form.add("DurationSeconds", role.duration_seconds);
  return form;
}

Error odd_region(const StsPlace& sts) {
  return config_error("\"" + sts.region + "\" is no AWS region; they look like eu-west-1");
}

Ask post_to_sts(const StsPlace& sts, const Form& form) {
  Ask ask;
  ask.who = "the AWS security token service";
  ask.method = "POST";
  ask.url = sts.url + "/";
  ask.headers.add("Content-Type", "application/x-www-form-urlencoded");
  ask.body = form.text();
  return ask;
}

std::function<Step(const Answer&)> keys_for(const Role& role) {
  return [arn = role.arn](const Answer& answer) -> Step {
    if (!succeeded(answer)) return refused(answer, "may " + arn + " be assumed from here?");
    auto keys = read_aws_xml(answer.body);
    if (!keys) return unusable(answer, "with something that " + keys.error().message);
    return Issued(*std::move(keys));
  };
}

}  // namespace

std::string aws_region_of(const Environment& env) {
  if (auto region = variable(env, "AWS_REGION")) return *std::move(region);
  return variable(env, "AWS_DEFAULT_REGION").value_or("");
}

StsPlace::StsPlace(const Environment& env, const std::string& wanted)
    : region(wanted.empty() ? aws_region_of(env) : wanted) {
  const auto override_url = variable(env, "AWS_ENDPOINT_URL_STS");
  if (override_url) {
    url = without_slash(*override_url);
  } else if (region.empty()) {
    url = "https://sts.amazonaws.com";
  } else {
    url = "https://sts." + region + "." + domain_of(region);
  }
  // What the endpoint without a region takes.
  if (region.empty()) region = "us-east-1";
}

bool StsPlace::is_odd() const {
  return region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos;
}

Step assume_role_with_web_identity(const StsPlace& sts, const Role& role,
                                   const std::string& token_file) {
  if (sts.is_odd()) return odd_region(sts);
  // Read each time: whoever writes it puts a new token there before the old one expires.
  const auto token = read_token_file(token_file);
  if (!token) return token.error();
  Form form = form_for("AssumeRoleWithWebIdentity", role);
  form.add("WebIdentityToken", *token);
  Ask ask = post_to_sts(sts, form);
  ask.secrets = {Secret(*token)};
  ask.then = keys_for(role);
  return ask;
}

Step assume_role(const StsPlace& sts, const Role& role, const IssuedKeys& with, WallTime now) {
  if (sts.is_odd()) return odd_region(sts);
  Ask ask = post_to_sts(sts, form_for("AssumeRole", role));
  const auto url = parse_url(ask.url);
  if (!url) return config_error("AWS_ENDPOINT_URL_STS is not an http or https URL");
  // Signed as curl will send it.
  Headers signing = ask.headers;
  signing.add("Host", url->authority);
  const std::string_view body[] = {ask.body};
  sign::Aws4Key key({with.access_key_id, with.secret_access_key, with.session_token},
                    {sts.region, "sts"});
  const auto signature = sign::aws4_sign(
      key, {"POST", std::string_view(ask.url).substr(url->origin.size()), signing, body}, now);
  for (const Header field : signature.headers) ask.headers.add(field.name, field.value);
  ask.secrets = {with.secret_access_key, with.session_token};
  ask.then = keys_for(role);
  return ask;
}

}  // namespace ccrelay::identity
