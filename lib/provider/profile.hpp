#pragma once

#include <ccrelay/provider.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::provider {

/// What distinguishes one Anthropic-compatible provider from another. Sources: each vendor's public
/// page on its Anthropic-compatible endpoint.
struct Profile {
  enum class Auth : std::uint8_t { none, x_api_key, bearer };

  std::string_view type;
  std::string_view owner;
  std::string_view base_url;  ///< `{KEY}` stands for the provider's setting of that name
  Auth auth;
  bool count_tokens;                     ///< worth asking; a 404 moves on to the next provider
  bool takes_client_credential;          ///< Anthropic's own API alone
  bool native;                           ///< serves the other /v1 endpoints too
  std::string_view check_path;           ///< a cheap GET that tells whether it is well
  std::vector<std::string_view> models;  ///< for /v1/models when the configuration names none
  Cloud cloud = Cloud::none;             ///< whose identity it takes instead of a key
  std::string_view aws_service = {};     ///< what its requests are signed for
  /// Refuses a request without `anthropic-version`, which Anthropic's own API lets pass.
  bool wants_version = false;
};

/// A base URL with the settings it names put in.
std::string filled_in(std::string_view base_url, const ProviderConfig& config);

/// What Z.AI's own codes mean (https://docs.z.ai/api-reference/api-code): 1302 is a limit of the
/// key, too many requests at once; 1305 is overload of the service, whatever the status says.
std::optional<Outcome> zai_outcome(std::string_view code);

/// Null for a type that is no row of the table.
const Profile* find_profile(std::string_view type);

}  // namespace ccrelay::provider
