#include "sign/jwt.hpp"

#include "base/base64.hpp"

namespace ccrelay::sign {

Result<std::string> jwt_rs256(const RsaKey& key, std::string_view header_json,
                              std::string_view claims_json) {
  std::string token =
      base::base64url_encoded(header_json) + '.' + base::base64url_encoded(claims_json);
  const Result<std::string> signature = key.sign_sha256(token);
  if (!signature) return signature.error();
  token += '.';
  token += base::base64url_encoded(*signature);
  return token;
}

}  // namespace ccrelay::sign
