#include "provider/cloud_request.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace ccrelay::provider {
namespace {

using namespace std::string_view_literals;

constexpr std::array common_headers{"content-type"sv, "accept"sv, "user-agent"sv};
constexpr std::string_view last_common_version = "2023-06-01";

}  // namespace

std::string without_end_slashes(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

std::string query_without_beta(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (part.empty() || part == "beta=true") continue;
    out += out.empty() ? '?' : '&';
    out += part;
  }
  return out;
}

Headers known_headers(const Headers& forwardable, std::initializer_list<std::string_view> prefixes,
                      bool common) {
  Headers out;
  for (const Header field : forwardable) {
    const bool is_common =
        common && std::any_of(common_headers.begin(), common_headers.end(),
                              [&](auto name) { return base::iequals(field.name, name); });
    const bool is_known =
        is_common || std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
          return base::istarts_with(field.name, prefix);
        });
    if (is_known) out.add(field.name, field.value);
  }
  if (!common) return out;
  if (!out.contains("content-type")) out.add("content-type", "application/json");
  // Streams and usage are read in passing, which compressed bytes would not allow.
  out.add("accept-encoding", "identity");
  return out;
}

std::string_view version_for(const ProviderRequest& request, std::string_view of_the_cloud) {
  const auto version = request.forwardable.get("anthropic-version").value_or("");
  return version > last_common_version ? version : of_the_cloud;
}

void remove_field(BodyEdit& edit, std::string_view field) {
  constexpr std::string_view of_tools = "tools[].";
  if (field.starts_with(of_tools)) {
    edit.remove_in_each("tools", field.substr(of_tools.size()));
  } else {
    edit.remove(field);
  }
}

void name_request(Headers& headers) {
  const auto id = headers.get("x-amzn-requestid");
  if (id && !headers.contains("request-id")) headers.add("request-id", std::string(*id));
}

OutboundRequest unsigned_check(const std::string& base_url) {
  OutboundRequest out;
  out.method = "GET";
  out.url = base_url + "/";
  return out;
}

}  // namespace ccrelay::provider
