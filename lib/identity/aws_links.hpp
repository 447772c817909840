#pragma once

#include <ccrelay/config_load.hpp>

#include <string>

#include "identity/description.hpp"
#include "identity/step.hpp"

namespace ccrelay::identity {

/// AWS_ACCESS_KEY_ID and its companions.
Step aws_environment(const Environment& env);
/// AWS_WEB_IDENTITY_TOKEN_FILE: what EKS gives to pods by IAM roles for service accounts.
Step aws_web_identity(const Environment& env, const std::string& region);
/// A profile of the shared files. `named` is one that the configuration or AWS_PROFILE names and
/// that must be there; empty means `default`, which need not be.
Step aws_profile(const Environment& env, const std::string& named, const std::string& region,
                 WallTime now);
/// The agent of ECS and of EKS pod identity.
Step aws_container(const Environment& env);
/// The metadata service of EC2, version 2: version 1 gives keys to whoever can make the relay send
/// a request, and is not used.
Step aws_imds(const Environment& env);
/// The command of `credential_process`.
Step aws_process(const std::string& command, const std::string& profile);

}  // namespace ccrelay::identity
