#pragma once

#include <ccrelay/http.hpp>

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "sign/aws4_key.hpp"

namespace ccrelay::sign {

/// A request as it will be sent: nothing of it may change once it is signed. Views are read during
/// the call alone.
struct Aws4Request {
  std::string_view method;
  std::string_view target;  ///< path and query, percent-encoded as they go over the wire
  /// `host` must be among them. Signed are all but those that change on the way
  /// (aws4_never_signed); the fields that signing adds are replaced.
  const Headers& headers;
  std::span<const std::string_view> body;  ///< its pieces, in order
  /// In place of the body's hash when not empty: hex, or "UNSIGNED-PAYLOAD" for services that take
  /// it.
  std::string_view payload_hash = {};
};

/// How services differ. The defaults are right for all but S3.
struct Aws4Options {
  /// The path is encoded once more, so that Bedrock's `%3A` counts as `%253A`; S3 takes it as sent.
  bool encode_path = true;
  /// Empty and dot segments of the path are taken out first.
  bool normalize_path = true;
  /// The session token is part of what is signed; else its field is only added.
  bool sign_session_token = true;
  /// `x-amz-content-sha256` is added and signed.
  bool add_content_hash = false;
};

/// A signature, and the texts it was made of, by which one that is refused can be looked into. They
/// hold the session token: they are not for logs.
struct Aws4Signature {
  /// To be added to the request: `x-amz-date`, `authorization`, and as they apply
  /// `x-amz-security-token` and `x-amz-content-sha256`. Fields of these names must go first.
  Headers headers;
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;  ///< hex
};

/// AWS Signature Version 4 in header fields (AWS IAM User Guide, "Create a signature for an AWS API
/// request"). Pure: `now` is the time that AWS compares with its own, give or take five minutes.
Aws4Signature aws4_sign(Aws4Key& key, const Aws4Request& request,
                        std::chrono::system_clock::time_point now, Aws4Options options = {});

}  // namespace ccrelay::sign
