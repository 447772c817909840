#include "provider/anthropic_compatible.hpp"

#include "provider/aws_request.hpp"
#include "provider/betas.hpp"
#include "provider/body_edit.hpp"
#include "provider/cloud_request.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {

bool AnthropicCompatible::supports(Operation operation) const {
  switch (operation) {
    case Operation::messages:
      return true;
    case Operation::count_tokens:
      return type_.count_tokens;
    case Operation::other:
      return type_.native;
  }
  return false;
}

std::optional<OutboundRequest> AnthropicCompatible::health_check(
    const Credential& credential) const {
  // A cloud has no cheap call: whether anybody answers must do, and no identity is fetched for it.
  if (type_.cloud != Cloud::none) return unsigned_check(base_url_);
  OutboundRequest out;
  out.method = "GET";
  out.url = base_url_ + std::string(type_.check_path);
  out.headers.add("accept", "application/json");
  out.headers.add("anthropic-version", "2023-06-01");
  add_credential(out.headers, credential);
  add_configured(out.headers, config_);
  return out;
}

void AnthropicCompatible::add_credential(Headers& headers, const Credential& credential) const {
  if (const auto* key = std::get_if<ApiKey>(&credential)) {
    if (type_.auth == Type::Auth::bearer) {
      headers.add("authorization", "Bearer " + std::string(key->key.reveal()));
    } else {
      headers.add("x-api-key", key->key.reveal());
    }
  } else if (const auto* own = std::get_if<ClientCredential>(&credential)) {
    for (const Header field : own->fields) headers.add(field.name, field.value);
  } else if (const auto* token = std::get_if<BearerToken>(&credential)) {
    headers.add("authorization", "Bearer " + std::string(token->token.reveal()));
  }
}

namespace {

Result<void> leave_out(const ProviderRequest& request, OutboundRequest& out) {
  const auto sent = betas_of(request.forwardable);
  const auto left = without(sent, request.unsupported.betas);
  if (left.size() != sent.size()) {
    const std::string betas = as_header(left);
    out.headers.remove("anthropic-beta");
    if (!betas.empty()) out.headers.add("anthropic-beta", betas);
  }
  auto edit = BodyEdit::of(request.body);
  if (!edit) return edit.error();
  for (const std::string& field : request.unsupported.fields) edit->remove(field);
  if (request.upstream_model != request.model) {
    edit->replace("model", wire::json_string(request.upstream_model));
  }
  out.splices = edit->take_splices();
  return {};
}

}  // namespace

Result<OutboundRequest> AnthropicCompatible::build(const ProviderRequest& request,
                                                   const Credential& credential) const {
  OutboundRequest out;
  out.method = request.head.method;
  if (type_.cloud == Cloud::none) {
    out.url = base_url_ + request.head.target;
    out.headers.reserve_for(request.forwardable);
    out.headers = request.forwardable;
  } else {
    out.url = base_url_ + std::string(request.head.path()) + beta_query(request.head.query());
    out.headers = known_headers(request.forwardable);
  }
  // Streams and usage are read in passing, which compressed bytes would not allow.
  out.headers.add("accept-encoding", "identity");
  if (type_.wants_version && !out.headers.contains("anthropic-version")) {
    out.headers.add("anthropic-version", "2023-06-01");
  }
  if (!config_.workspace_id.empty()) {
    out.headers.set("anthropic-workspace-id", config_.workspace_id);
  }
  add_credential(out.headers, credential);
  add_configured(out.headers, config_);
  if (!request.unsupported.empty()) {
    if (auto left_out = leave_out(request, out); !left_out) return left_out.error();
  } else {
    out.splices = mapped_model(request);
  }
  return out;
}

Result<void> AnthropicCompatible::finish(const ProviderRequest&, OutboundRequest& out,
                                         std::span<const std::string_view> body,
                                         const Credential& credential,
                                         std::chrono::system_clock::time_point now) const {
  const auto* keys = std::get_if<AwsKeys>(&credential);
  if (!keys) return {};
  return sign_for_aws(out, body, *keys, {config_.aws_region, std::string(type_.aws_service)}, now);
}

std::unique_ptr<Provider> make_anthropic_compatible(const Type& type, const ProviderConfig& config,
                                                    const dialect::Profiles&) {
  return std::make_unique<AnthropicCompatible>(type, config);
}

}  // namespace ccrelay::provider
