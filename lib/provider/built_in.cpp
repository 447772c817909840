#include "provider/built_in.hpp"

#include <algorithm>

#include "provider/betas.hpp"
#include "provider/capabilities.hpp"

namespace ccrelay::provider {
namespace {

// https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
std::string google_host(const std::string& region) {
  if (region == "global") return "aiplatform.googleapis.com";
  if (region == "us" || region == "eu") return "aiplatform." + region + ".rep.googleapis.com";
  return region + "-aiplatform.googleapis.com";
}

void take_off_slashes(std::string& url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
}

// One of them: whoever means a path that ends so writes it twice.
void take_off_path(std::string& url, std::string_view brought_along) {
  const auto host = url.find("://");
  const auto path = host == std::string::npos ? url.npos : url.find('/', host + 3);
  if (path == std::string::npos) return;
  while (!brought_along.empty()) {
    const std::string_view one = brought_along.substr(0, brought_along.find(' '));
    if (url.size() - path >= one.size() && url.ends_with(one)) {
      url.resize(url.size() - one.size());
      return take_off_slashes(url);
    }
    brought_along.remove_prefix(std::min(one.size() + 1, brought_along.size()));
  }
}

}  // namespace

std::string base_url_of(const Type& type, const ProviderConfig& config) {
  std::string url = config.base_url;
  if (url.empty()) {
    url = type.base_url;
    const auto put = [&url](std::string_view name, const std::string& value) {
      if (const auto at = url.find(name); at != std::string::npos) {
        url.replace(at, name.size(), value);
      }
    };
    put("{azure_resource_name}", config.azure_resource_name);
    put("{aws_region}", config.aws_region);
    put("{google_host}", google_host(config.gcp_region));
  }
  take_off_slashes(url);
  take_off_path(url, type.brings);
  return url;
}

BuiltIn::BuiltIn(const Type& type, const ProviderConfig& config)
    : type_(type), config_(config), base_url_(base_url_of(type, config)) {}

// Who asks Anthropic's own API for what it does not take has meant it so. Anywhere else it is the
// relay that has brought the request there.
Unsupported BuiltIn::refused_in(int status, std::string_view message,
                                const ProviderRequest& request) const {
  const bool is_vendor = type_.takes_client_credential && base_url_ == type_.base_url;
  if (status != 400 || is_vendor || request.operation == Operation::other) return {};
  const auto sent = without(betas_of(request.forwardable, request.body, request.dialect),
                            request.unsupported.betas);
  return named_in(message, sent, request.body);
}

}  // namespace ccrelay::provider
