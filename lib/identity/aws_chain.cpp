#include "identity/aws_links.hpp"
#include "identity/aws_sts.hpp"
#include "identity/chains.hpp"
#include "identity/files.hpp"
#include "identity/refusal.hpp"

namespace ccrelay::identity {

Step aws_environment(const Environment& env) {
  const auto id = variable(env, "AWS_ACCESS_KEY_ID");
  const auto secret = variable(env, "AWS_SECRET_ACCESS_KEY");
  if (!id && !secret) return Pass{};
  if (!secret) return config_error("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
  if (!id) return config_error("AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not");
  return Issued(
      IssuedKeys{{*id, Secret(*secret), Secret(variable(env, "AWS_SESSION_TOKEN").value_or(""))},
                 std::nullopt});
}

Step aws_web_identity(const Environment& env, const std::string& region) {
  const auto file = variable(env, "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!file) return Pass{};
  const auto arn = variable(env, "AWS_ROLE_ARN");
  if (!arn) return config_error("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not");
  const Role role{*arn, variable(env, "AWS_ROLE_SESSION_NAME").value_or(""), "", ""};
  return assume_role_with_web_identity(StsPlace(env, region), role, *file);
}

namespace {

Step config_keys(const AwsAccess& access) {
  if (access.access_key_id.empty())
    return config_error("aws_secret_access_key is set and aws_access_key_id is not");
  if (access.secret_access_key.empty())
    return config_error("aws_access_key_id is set and aws_secret_access_key is not");
  return Issued(IssuedKeys{{access.access_key_id, access.secret_access_key, access.session_token},
                           std::nullopt});
}

constexpr const char* no_other_aws =
    "no other AWS credentials are configured: set aws_access_key_id and aws_secret_access_key or "
    "aws_profile of the provider, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
    "environment";

}  // namespace

Chain aws_chain(const AwsAccess& access, const Environment& env) {
  if (!access.access_key_id.empty() || !access.secret_access_key.empty())
    return {
        {{"configuration (aws_access_key_id)", [access](WallTime) { return config_keys(access); }}},
        ""};
  const std::string region = access.region;
  if (const std::string profile = access.profile; !profile.empty())
    return {
        {{"profile \"" + profile + "\" (aws_profile)",
          [env, profile, region](WallTime now) { return aws_profile(env, profile, region, now); }}},
        ""};

  const std::string profile = variable(env, "AWS_PROFILE").value_or("");
  Chain chain;
  chain.links = {
      {"environment (AWS_ACCESS_KEY_ID)", [env](WallTime) { return aws_environment(env); }},
      {"web identity (AWS_WEB_IDENTITY_TOKEN_FILE)",
       [env, region](WallTime) { return aws_web_identity(env, region); }},
      {profile.empty() ? "profile \"default\"" : "profile \"" + profile + "\" (AWS_PROFILE)",
       [env, profile, region](WallTime now) { return aws_profile(env, profile, region, now); }},
      {"container (AWS_CONTAINER_CREDENTIALS_*)", [env](WallTime) { return aws_container(env); }},
      {"EC2 metadata", [env](WallTime) { return aws_imds(env); }, no_other_aws},
  };
  chain.nothing =
      "no AWS credentials are configured: set aws_access_key_id and "
      "aws_secret_access_key or aws_profile of the provider, or AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY in the environment (the EC2 metadata service is not asked: "
      "AWS_EC2_METADATA_DISABLED)";
  return chain;
}

}  // namespace ccrelay::identity
