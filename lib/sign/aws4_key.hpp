#pragma once

#include <ccrelay/secret.hpp>

#include <string>
#include <string_view>

#include "sign/digests.hpp"

namespace ccrelay::sign {

/// What AWS gives to a caller; a long-lived pair, or one of a role with a token beside it.
struct Aws4Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  ///< empty: none
};

/// Where a signature is good.
struct Aws4Scope {
  std::string region;   ///< such as "eu-west-1"
  std::string service;  ///< the signing name, such as "bedrock"
};

/// Credentials for one region and service. Keeps the key derived from them for the day last signed
/// on, which costs four HMACs. A value type; not thread-safe.
class Aws4Key {
 public:
  Aws4Key(Aws4Credentials credentials, Aws4Scope scope);

  const std::string& access_key_id() const { return credentials_.access_key_id; }
  const Secret& session_token() const { return credentials_.session_token; }
  /// What stands behind the access key's id: `date/region/service/aws4_request`. `date` is a day in
  /// UTC, as YYYYMMDD.
  std::string scope(std::string_view date) const;
  /// "Create a signature for an AWS API request", step 4: derive a signing key.
  const Digest& derived(std::string_view date);

 private:
  Aws4Credentials credentials_;
  Aws4Scope scope_;
  std::string date_;  // of derived_; empty: none yet
  Digest derived_{};
};

}  // namespace ccrelay::sign
