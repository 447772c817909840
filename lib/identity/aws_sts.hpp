#pragma once

#include <ccrelay/config_load.hpp>

#include <string>

#include "identity/step.hpp"

namespace ccrelay::identity {

/// AWS_REGION or AWS_DEFAULT_REGION; empty if there is none.
std::string aws_region_of(const Environment& env);

/// Where the AWS security token service (STS) of a region is. AWS_ENDPOINT_URL_STS goes first.
struct StsPlace {
  StsPlace(const Environment& env, const std::string& region);
  /// A region that would make another host of the address, or none.
  bool is_odd() const;
  std::string url;
  std::string region;  ///< to sign for
};

/// A role to be assumed (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
struct Role {
  std::string arn;
  std::string session_name;
  std::string external_id;       ///< may be empty
  std::string duration_seconds;  ///< empty: the service's default, an hour
};
/// The session's name where nobody gave one.
inline constexpr const char* default_session_name = "cc-relay";

/// With a token of an identity provider: the request is not signed.
Step assume_role_with_web_identity(const StsPlace& sts, const Role& role,
                                   const std::string& token_file);
/// With keys that may assume it: the request is signed with them.
Step assume_role(const StsPlace& sts, const Role& role, const IssuedKeys& with, WallTime now);

}  // namespace ccrelay::identity
