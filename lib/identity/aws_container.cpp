#include "identity/aws_answer.hpp"
#include "identity/aws_links.hpp"
#include "identity/files.hpp"
#include "identity/refusal.hpp"
#include "identity/url.hpp"

namespace ccrelay::identity {
namespace {

constexpr const char* relative_name = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* full_name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

// The addresses that AWS's SDKs allow over plain http: ECS, EKS pod identity, this machine.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
bool is_agent(const Url& url) {
  return is_loopback(url) || url.host == "169.254.170.2" || url.host == "169.254.170.23" ||
         url.host == "[fd00:ec2::23]";
}

// The file is the newer way and is written anew from time to time.
Result<std::string> authorization(const Environment& env) {
  Result<std::string> token = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  if (const auto file = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))
    token = read_token_file(*file);
  if (token && token->find_first_of("\r\n") != std::string::npos)
    return config_error("the container's authorization token has a line break in it");
  return token;
}

}  // namespace

Step aws_container(const Environment& env) {
  const auto relative = variable(env, relative_name);
  const auto full = variable(env, full_name);
  if (!relative && !full) return Pass{};
  if (relative && relative->front() != '/')
    return config_error(std::string(relative_name) + " must begin with '/'");
  const std::string address = relative ? "http://169.254.170.2" + *relative : *full;
  const auto url = parse_url(address);
  if (!url) return config_error(std::string(full_name) + " is not an http or https URL");
  if (!url->tls && !is_agent(*url))
    return config_error(std::string(full_name) + " names " + url->origin +
                        "; over plain http only this machine and the agents of ECS and EKS "
                        "(169.254.170.2, 169.254.170.23, [fd00:ec2::23]) are asked");
  const auto token = authorization(env);
  if (!token) return token.error();

  Ask ask;
  ask.who = "the container's credential service";
  ask.url = address;
  ask.plain = Plain::anywhere;           // checked above, more closely
  ask.hide_path = relative.has_value();  // holds the id of the task's credentials
  ask.headers.add("Accept", "application/json");
  if (!token->empty()) {
    ask.headers.add("Authorization", *token);
    ask.secrets = {Secret(*token)};
  }
  ask.then = [](const Answer& answer) {
    return aws_json_answered(answer, "does the task or pod have a role?");
  };
  return ask;
}

}  // namespace ccrelay::identity
