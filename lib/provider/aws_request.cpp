#include "provider/aws_request.hpp"

#include <string>
#include <utility>

#include "sign/aws4_sign.hpp"

namespace ccrelay::provider {
namespace {

// Scheme, authority and the rest of an absolute URL.
struct Parts {
  std::string host;
  std::string_view target;
};

Parts parts_of(std::string_view url) {
  const bool is_https = url.starts_with("https://");
  const auto begin = url.find("://") + 3;
  const auto slash = url.find('/', begin);
  std::string_view authority = url.substr(begin, slash - begin);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  // As Host is sent: without the scheme's own port (RFC 9110 section 4.2.3).
  const std::string_view own_port = is_https ? ":443" : ":80";
  if (authority.ends_with(own_port)) authority.remove_suffix(own_port.size());
  return {std::string(authority), slash == std::string_view::npos ? "/" : url.substr(slash)};
}

}  // namespace

Result<void> sign_for_aws(OutboundRequest& request, std::span<const std::string_view> body,
                          const AwsKeys& keys, sign::Aws4Scope scope,
                          std::chrono::system_clock::time_point now) {
  if (scope.region.empty()) {
    return Error{ErrorCode::config, "there is no AWS region to sign for; set aws_region"};
  }
  const Parts parts = parts_of(request.url);
  for (const auto name : {"x-amz-date", "authorization", "x-amz-security-token"}) {
    request.headers.remove(name);
  }
  // What a connection, a proxy or a trace may change stays out of it (aws4_never_signed).
  Headers headers = request.headers;
  headers.set("host", parts.host);
  sign::Aws4Key key({keys.access_key_id, keys.secret_access_key, keys.session_token},
                    std::move(scope));
  const auto signature = sign::aws4_sign(key, {request.method, parts.target, headers, body}, now);
  for (const Header field : signature.headers) request.headers.add(field.name, field.value);
  return {};
}

}  // namespace ccrelay::provider
