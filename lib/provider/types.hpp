#pragma once

#include <ccrelay/provider.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::dialect {
class Profiles;
}

namespace ccrelay::provider {

struct Type;

/// Makes a provider that speaks the Anthropic API, as its type has it.
std::unique_ptr<Provider> make_anthropic_compatible(const Type& type, const ProviderConfig& config,
                                                    const dialect::Profiles& profiles);

/// One word that a provider's `type` may be, with what is said of it anywhere. A provider that
/// speaks the Anthropic API is a row of the table and no more. Sources: each vendor's public page
/// on its Anthropic-compatible endpoint.
struct Type {
  enum class Auth : std::uint8_t { none, x_api_key, bearer, api_key, x_goog_api_key };
  /// `profiles` are looked at, and not kept.
  using Make = std::unique_ptr<Provider>(const Type& type, const ProviderConfig& config,
                                         const dialect::Profiles& profiles);

  std::string_view name;
  std::string_view owner;
  /// `{KEY}` stands for the provider's setting of that name, `{google_host}` for the host of its
  /// gcp_region.
  std::string_view base_url;
  std::vector<std::string_view> models;  ///< for /v1/models when the configuration names none
  Auth auth = Auth::x_api_key;
  Cloud cloud = Cloud::none;             ///< whose identity it takes instead of a key
  bool takes_client_credential = false;  ///< Anthropic's own API alone
  /// Settings it can't do without, with a blank between them.
  std::string_view settings = {};
  /// Where in the environment its users keep a key. Makes a provider where there is no
  /// configuration; at a cloud it is looked at where the configuration names nobody.
  std::string_view key_variable = {};
  Make* make = make_anthropic_compatible;
  /// The row of the profiles that `profile = "auto"` means; empty: the one for its host.
  std::string_view profile = "anthropic";
  /// What every request brings along, with a blank between: taken off once where base_url has it,
  /// as people copy it from examples.
  std::string_view brings =
      "/v1/messages/count_tokens /v1/messages /v1/chat/completions /v1/models"
      " /v1";
  /// How the vendor's models are called, with blanks between: what a provider that only the
  /// environment tells of serves. Empty: whatever is asked for.
  std::string_view own_models = {};

  // Of those that speak the Anthropic API.
  bool count_tokens = false;  ///< worth asking; a 404 moves on to the next provider
  bool native = false;        ///< serves the other /v1 endpoints too
  std::string_view check_path = "/v1/models?limit=1";  ///< a cheap GET: whether it is well
  std::string_view aws_service = {};                   ///< what its requests are signed for
  /// Refuses a request without `anthropic-version`, which Anthropic's own API lets pass.
  bool wants_version = false;

  /// Servers of one's own speak its API, and many of them ask for no key.
  bool serves_without_key = false;

  /// Whether it is of no use without a key of the configuration.
  bool needs_key(const ProviderConfig& config) const {
    const bool may_do_without = serves_without_key && !config.base_url.empty();
    return auth != Auth::none && cloud == Cloud::none && !takes_client_credential &&
           !may_do_without;
  }
};

/// All there are, in the order in which messages name them. The one list: what is written, checked
/// or made goes by it.
std::span<const Type> types();

/// Null for a word that is none: a mistake, or a type that the embedding program brings.
const Type* find_type(std::string_view name);

/// Their names.
std::vector<std::string_view> type_names();

}  // namespace ccrelay::provider
