#include "provider/built_in.hpp"

namespace ccrelay::provider {
namespace {

// https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
std::string google_host(const std::string& region) {
  if (region == "global") return "aiplatform.googleapis.com";
  if (region == "us" || region == "eu") return "aiplatform." + region + ".rep.googleapis.com";
  return region + "-aiplatform.googleapis.com";
}

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
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

}  // namespace

BuiltIn::BuiltIn(const Type& type, const ProviderConfig& config)
    : type_(type), config_(config), base_url_(base_url_of(type, config)) {}

}  // namespace ccrelay::provider
