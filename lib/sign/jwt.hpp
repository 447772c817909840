#pragma once

#include <ccrelay/result.hpp>

#include <string>
#include <string_view>

#include "sign/rsa_key.hpp"

namespace ccrelay::sign {

/// A JSON Web Token in its compact form (RFC 7515 section 3.1), signed with RS256: the JSON texts
/// of header and claims go in as they stand. The header must name `"alg":"RS256"`.
Result<std::string> jwt_rs256(const RsaKey& key, std::string_view header_json,
                              std::string_view claims_json);

}  // namespace ccrelay::sign
