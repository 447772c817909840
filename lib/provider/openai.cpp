#include <algorithm>
#include <utility>

#include "base/percent.hpp"
#include "dialect/provider_paths.hpp"
#include "dialect/surface.hpp"
#include "provider/built_in.hpp"
#include "provider/cloud_request.hpp"
#include "provider/model_profiles.hpp"
#include "provider/native_request.hpp"

namespace ccrelay::provider {
namespace {

// An answer or conversation that the provider keeps, below its version.
std::string stored_path(std::string_view path) {
  constexpr std::string_view version = "/v1";
  if (path.starts_with(version)) path.remove_prefix(version.size());
  return std::string(path);
}

/// Whoever speaks OpenAI's API, and Azure's OpenAI: chat completions, responses, or both. Which
/// fields they know is a matter of the profile, for the body comes in their words.
class OpenAi final : public BuiltIn {
 public:
  OpenAi(const Type& type, const ProviderConfig& config, const dialect::Profiles& profiles)
      : BuiltIn(type, config) {
    const bool is_auto = config.api == "auto";
    responses_ = (is_auto ? profile_of(config, profiles, "").api : config.api) == "responses";
    // Whoever has the newer API has the older one as well: a client of that gets the vendor's own.
    chat_ = is_auto || !responses_;
  }

  // Another server has other models.
  std::vector<std::string> default_models() const override {
    return config_.base_url.empty() ? BuiltIn::default_models() : std::vector<std::string>();
  }
  bool supports(Operation operation) const override {
    // Chat counts no tokens and keeps nothing.
    return operation == Operation::messages || responses_;
  }
  bool speaks(Dialect dialect) const override {
    return (dialect == Dialect::responses && responses_) || (dialect == Dialect::chat && chat_);
  }
  bool needs_credential() const override {
    return type_.cloud != Cloud::none || type_.needs_key(config_) || !config_.keys.empty();
  }
  std::optional<OutboundRequest> health_check(const Credential& credential) const override;
  Result<OutboundRequest> build(const ProviderRequest& request,
                                const Credential& credential) const override;
  Unsupported refused_in(int status, std::string_view message,
                         const ProviderRequest& request) const override {
    return native_refusal(status, message, request);
  }

 private:
  std::string stored_url(const ProviderRequest& request) const;
  void add_credential(Headers& headers, const Credential& credential) const;

  bool responses_ = false;
  bool chat_ = false;
};

std::optional<OutboundRequest> OpenAi::health_check(const Credential& credential) const {
  // No identity is fetched for it: without one that is there, whether anybody answers must do.
  const bool is_told =
      std::holds_alternative<ApiKey>(credential) || std::holds_alternative<BearerToken>(credential);
  if (type_.cloud != Cloud::none && !is_told) return unsigned_check(base_url_);
  OutboundRequest out;
  out.method = "GET";
  if (config_.azure_api_version.empty()) {
    out.url = dialect::probe_url(dialect::Dialect::chat, base_url_);
  } else {
    out.url = dialect::azure_root(base_url_) +
              "models?api-version=" + base::percent_encoded(config_.azure_api_version);
  }
  out.headers.add("accept", "application/json");
  add_credential(out.headers, credential);
  add_configured(out.headers, config_);
  return out;
}

void OpenAi::add_credential(Headers& headers, const Credential& credential) const {
  const auto* key = std::get_if<ApiKey>(&credential);
  if (key && type_.auth == Type::Auth::api_key) {
    headers.add("api-key", key->key.reveal());
  } else {
    add_bearer(headers, credential);
  }
}

std::string OpenAi::stored_url(const ProviderRequest& request) const {
  const std::string path = stored_path(request.head.path());
  // Where they were made.
  std::string url =
      config_.azure_api_version.empty()
          ? base_url_ + path
          : dialect::azure_root(base_url_) + path.substr(std::min<std::size_t>(1, path.size()));
  const std::string query =
      dialect::query_without(dialect::query_without(request.head.query(), "key"), "api-version");
  char before = '?';
  if (!query.empty()) url += std::exchange(before, '&') + query;
  if (!config_.azure_api_version.empty()) {
    url += before + ("api-version=" + base::percent_encoded(config_.azure_api_version));
  }
  return url;
}

Result<OutboundRequest> OpenAi::build(const ProviderRequest& request,
                                      const Credential& credential) const {
  OutboundRequest out;
  out.headers = native_headers(request, type_.cloud);
  if (request.operation == Operation::other) {
    if (base::has_dot_segment(request.head.path())) {
      return Error{ErrorCode::client, "that is no path of the API"};
    }
    out.method = request.head.method;
    out.url = stored_url(request);
  } else {
    out.url = dialect::call_url(
        {translated_dialect(request.dialect), base_url_, request.upstream_model,
         request.operation == Operation::count_tokens, request.stream, config_.azure_api_version});
    if (out.url.empty()) {
      return Error{ErrorCode::client, "tokens can't be counted over chat completions"};
    }
    out.splices = mapped_model(request);
  }
  add_credential(out.headers, credential);
  add_configured(out.headers, config_);
  return out;
}

}  // namespace

std::unique_ptr<Provider> make_openai(const Type& type, const ProviderConfig& config,
                                      const dialect::Profiles& profiles) {
  return std::make_unique<OpenAi>(type, config, profiles);
}

}  // namespace ccrelay::provider
