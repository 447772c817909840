#include "provider/vertex.hpp"

#include "base/percent.hpp"
#include "provider/betas.hpp"
#include "provider/body_edit.hpp"
#include "provider/cloud_request.hpp"
#include "provider/foreign_error.hpp"
#include "provider/model_name.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {
namespace {

constexpr std::string_view vertex_version = "vertex-2023-10-16";

}  // namespace

std::optional<OutboundRequest> Vertex::health_check(const Credential&) const {
  return unsigned_check(base_url_);
}

std::string Vertex::path(const ProviderRequest& request) const {
  // Google's SDKs are told a base URL with the version in it, ours without: both work.
  std::string out = base_url_.ends_with("/v1") ? "" : "/v1";
  out += "/projects/" + base::percent_encoded(config_.gcp_project_id) + "/locations/" +
         base::percent_encoded(config_.gcp_region) + "/publishers/anthropic/models/";
  if (request.operation == Operation::count_tokens) return out + "count-tokens:rawPredict";
  // Versions follow an @, which is allowed in a path as it is (RFC 3986 section 3.3).
  out += base::percent_encoded(request.upstream_model, "@");
  return out + (request.stream ? ":streamRawPredict" : ":rawPredict");
}

Result<OutboundRequest> Vertex::build(const ProviderRequest& request,
                                      const Credential& credential) const {
  if (!may_be_in_path(request.upstream_model)) {
    return Error{ErrorCode::client, "model: that is no name a model can have here"};
  }
  OutboundRequest out;
  out.url = base_url_ + path(request);
  out.headers = cloud_headers(request);
  if (request.dialect == Dialect::anthropic) {
    // As Google's SDK has it, while Bedrock's puts it into the body.
    if (const auto profile = request.forwardable.get("anthropic-user-profile-id")) {
      out.headers.add("anthropic-user-profile-id", *profile);
    }
    auto splices = transform(request);
    if (!splices) return splices.error();
    out.splices = std::move(*splices);
  } else {
    auto splices = left_out_splices(request);
    if (!splices) return splices.error();
    out.splices = std::move(*splices);
  }
  if (!add_bearer(out.headers, credential)) {
    return Error{ErrorCode::config, "there is no Google identity to ask with"};
  }
  add_configured(out.headers, config_);
  return out;
}

Result<std::vector<Splice>> Vertex::transform(const ProviderRequest& request) const {
  auto edit = BodyEdit::of(request.body);
  if (!edit) return edit.error();
  if (request.operation != Operation::count_tokens) {
    edit->remove("model");
  } else if (request.upstream_model != request.model) {
    edit->replace("model", wire::json_string(request.upstream_model));
  }
  for (const std::string& field : request.unsupported.fields) edit->remove(field);
  if (!edit->has("anthropic_version")) {
    edit->insert("anthropic_version", wire::json_string(version_for(request, vertex_version)));
  }
  return edit->take_splices();
}

void Vertex::translate_error(ResponseHead& head, std::string& body) const {
  translate_foreign_error(head, body, "Vertex");
}

std::unique_ptr<Provider> make_vertex(const Type& type, const ProviderConfig& config,
                                      const dialect::Profiles&) {
  return std::make_unique<Vertex>(type, config);
}

}  // namespace ccrelay::provider
