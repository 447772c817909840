#include "sign/aws4_key.hpp"

#include <utility>

namespace ccrelay::sign {

Aws4Key::Aws4Key(Aws4Credentials credentials, Aws4Scope scope)
    : credentials_(std::move(credentials)), scope_(std::move(scope)) {}

std::string Aws4Key::scope(std::string_view date) const {
  return std::string(date) + '/' + scope_.region + '/' + scope_.service + "/aws4_request";
}

const Digest& Aws4Key::derived(std::string_view date) {
  if (date_ == date) return derived_;
  const std::string secret = "AWS4" + std::string(credentials_.secret_access_key.reveal());
  const Digest of_day = hmac_sha256(secret, date);
  const Digest of_region = hmac_sha256(bytes_of(of_day), scope_.region);
  const Digest of_service = hmac_sha256(bytes_of(of_region), scope_.service);
  derived_ = hmac_sha256(bytes_of(of_service), "aws4_request");
  date_ = date;
  return derived_;
}

}  // namespace ccrelay::sign
