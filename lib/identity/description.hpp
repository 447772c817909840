#pragma once

#include <ccrelay/secret.hpp>

#include <string>
#include <variant>

#include "identity/fetch.hpp"

namespace ccrelay::identity {

/// What a provider's entry says of its AWS credentials. Each member may be empty.
struct AwsAccess {
  std::string region;  ///< for STS, where nothing else names one
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  std::string profile;
};

struct GoogleAccess {
  std::string credentials_file;
};

struct AzureAccess {
  std::string tenant_id;
  std::string client_id;
  Secret client_secret;
  std::string scope = "https://cognitiveservices.azure.com/.default";
};

/// Where a provider's credentials come from. Two entries with equal ones share a vault.
struct Description {
  std::variant<AwsAccess, GoogleAccess, AzureAccess> access;
  Route route;
};

}  // namespace ccrelay::identity
