#include "config/environment.hpp"

#include <cstdlib>

namespace ccrelay {

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

namespace config {

std::string first_set(const Environment& env, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (auto value = env(name); value && !value->empty()) return *value;
  }
  return {};
}

ProxyConfig proxy_from(const Environment& env) {
  ProxyConfig proxy;
  const auto all = first_set(env, {"all_proxy", "ALL_PROXY"});
  proxy.https = first_set(env, {"https_proxy", "HTTPS_PROXY"});
  // Under CGI, HTTP_PROXY is what a client sent as a `Proxy` header (CVE-2016-5385).
  proxy.http = env("REQUEST_METHOD") ? first_set(env, {"http_proxy"})
                                     : first_set(env, {"http_proxy", "HTTP_PROXY"});
  if (proxy.https.empty()) proxy.https = all;
  if (proxy.http.empty()) proxy.http = all;
  proxy.no_proxy = first_set(env, {"no_proxy", "NO_PROXY"});
  return proxy;
}

}  // namespace config
}  // namespace ccrelay
