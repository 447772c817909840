#include "base/ascii.hpp"
#include "identity/aws_answer.hpp"
#include "identity/aws_links.hpp"
#include "identity/files.hpp"
#include "identity/refusal.hpp"
#include "identity/url.hpp"

namespace ccrelay::identity {
namespace {

constexpr const char* without_a_role = "does the instance have a role (an instance profile)?";
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
constexpr const char* roles_path = "/latest/meta-data/iam/security-credentials/";

std::string endpoint_of(const Environment& env) {
  if (auto endpoint = variable(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT"))
    return without_slash(*std::move(endpoint));
  const auto mode = variable(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
  return mode && base::iequals(*mode, "IPv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

Ask plain_ask(const std::string& url) {
  Ask ask;
  ask.who = "the EC2 metadata service";
  ask.url = url;
  ask.plain = Plain::anywhere;
  return ask;
}

Ask ask_with(const std::string& url, const Secret& token) {
  Ask ask = plain_ask(url);
  ask.headers.add("X-aws-ec2-metadata-token", token.reveal());
  ask.secrets = {token};
  return ask;
}

std::string first_line(std::string_view text) {
  return std::string(base::trim(text.substr(0, text.find_first_of("\r\n"))));
}

Step role_named(const Answer& answer, const std::string& endpoint, const Secret& token) {
  if (!succeeded(answer)) return refused(answer, without_a_role);
  const std::string role = first_line(answer.body);
  if (role.empty()) return unusable(answer, "without the name of a role");
  Ask ask = ask_with(endpoint + roles_path + percent_encoded(role), token);
  ask.then = [](const Answer& keys) { return aws_json_answered(keys, without_a_role); };
  return ask;
}

}  // namespace

Step aws_imds(const Environment& env) {
  if (is_on(env, "AWS_EC2_METADATA_DISABLED")) return Pass{};
  const std::string endpoint = endpoint_of(env);
  Ask ask = plain_ask(endpoint + "/latest/api/token");
  ask.method = "PUT";
  ask.headers.add("X-aws-ec2-metadata-token-ttl-seconds", "21600");
  ask.then = [endpoint](const Answer& answer) -> Step {
    if (!succeeded(answer)) return refused(answer, "");
    const std::string token = first_line(answer.body);
    if (token.empty()) return unusable(answer, "without a token");
    Ask roles = ask_with(endpoint + roles_path, Secret(token));
    roles.then = [endpoint, token](const Answer& named) {
      return role_named(named, endpoint, Secret(token));
    };
    return roles;
  };
  return ask;
}

}  // namespace ccrelay::identity
