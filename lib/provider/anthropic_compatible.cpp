#include "provider/anthropic_compatible.hpp"

#include "wire/json_text.hpp"

namespace ccrelay::provider {

AnthropicCompatible::AnthropicCompatible(const Profile& profile, const ProviderConfig& config)
    : profile_(profile),
      config_(config),
      base_url_(config.base_url.empty() ? std::string(profile.base_url) : config.base_url) {
  while (!base_url_.empty() && base_url_.back() == '/') base_url_.pop_back();
}

std::vector<std::string> AnthropicCompatible::default_models() const {
  return {profile_.models.begin(), profile_.models.end()};
}

bool AnthropicCompatible::supports(Operation operation) const {
  switch (operation) {
    case Operation::messages:
      return true;
    case Operation::count_tokens:
      return profile_.count_tokens;
    case Operation::other:
      return profile_.native;
  }
  return false;
}

std::optional<Outcome> AnthropicCompatible::outcome_of(std::string_view code) const {
  return profile_.type == "zai" ? zai_outcome(code) : std::nullopt;
}

std::optional<OutboundRequest> AnthropicCompatible::health_check(
    const Credential& credential) const {
  OutboundRequest out;
  out.method = "GET";
  out.url = base_url_ + std::string(profile_.check_path);
  out.headers.add("accept", "application/json");
  out.headers.add("anthropic-version", "2023-06-01");
  add_credential(out.headers, credential);
  for (const auto& [name, value] : config_.headers) out.headers.set(name, value.reveal());
  return out;
}

void AnthropicCompatible::add_credential(Headers& headers, const Credential& credential) const {
  if (const auto* key = std::get_if<ApiKey>(&credential)) {
    if (profile_.auth == Profile::Auth::bearer) {
      headers.add("authorization", "Bearer " + std::string(key->key.reveal()));
    } else {
      headers.add("x-api-key", key->key.reveal());
    }
  } else if (const auto* own = std::get_if<ClientCredential>(&credential)) {
    for (const Header field : own->fields) headers.add(field.name, field.value);
  }
}

Result<OutboundRequest> AnthropicCompatible::build(const ProviderRequest& request,
                                                   const Credential& credential) const {
  OutboundRequest out;
  out.method = request.head.method;
  out.url = base_url_ + request.head.target;
  out.headers.reserve_for(request.forwardable);
  out.headers = request.forwardable;
  // Streams and usage are read in passing, which compressed bytes would not allow.
  out.headers.add("accept-encoding", "identity");
  add_credential(out.headers, credential);
  for (const auto& [name, value] : config_.headers) out.headers.set(name, value.reveal());
  if (request.upstream_model != request.model) {
    out.splices = request.model_splices;
    for (Splice& splice : out.splices) {
      splice.replacement = wire::json_string(request.upstream_model);
    }
  }
  return out;
}

}  // namespace ccrelay::provider
