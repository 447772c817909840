#include <algorithm>
#include <utility>

#include "base/percent.hpp"
#include "dialect/json_text.hpp"
#include "dialect/provider_paths.hpp"
#include "dialect/surface.hpp"
#include "provider/body_edit.hpp"
#include "provider/built_in.hpp"
#include "provider/cloud_request.hpp"
#include "provider/model_name.hpp"
#include "provider/model_profiles.hpp"
#include "provider/native_request.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {
namespace {

// A client's own request goes on in the form that it asked for: events, or an array of chunks. Any
// other parameter may be an instruction to the vendor's own front.
std::string form_of_stream(const ProviderRequest& request) {
  if (request.translated) return "?alt=sse";
  const auto alt = dialect::query_value(request.head.query(), "alt");
  return alt == "sse" ? "?alt=sse" : "";
}

std::size_t offset_in(std::string_view whole, std::string_view part) {
  return static_cast<std::size_t>(part.data() - whole.data());
}

// What is counted may stand a level deeper, with the model beside it, which must be the path's.
// Vertex has no such level.
Result<void> fit_counted(const ProviderRequest& request, bool is_vertex,
                         std::vector<Splice>& splices) {
  const dialect::Json inner = dialect::Json::read(request.body)["generateContentRequest"];
  if (!inner.is_object()) return {};
  const std::size_t begin = offset_in(request.body, inner.raw());
  const std::size_t end = begin + inner.raw().size();
  auto edit = BodyEdit::of(inner.raw());
  if (!edit) return edit.error();
  if (is_vertex) {
    edit->remove("model");
  } else if (edit->has("model") && request.upstream_model != request.model) {
    edit->replace("model", wire::json_string("models/" + std::string(request.upstream_model)));
  }
  splices = edit->take_splices();
  for (Splice& splice : splices) splice.offset += begin;
  if (is_vertex) {
    splices.insert(splices.begin(), {0, begin, {}});
    splices.push_back({end, request.body.size() - end, {}});
  }
  return {};
}

/// Google's own form of its models: the model and what is wanted stand in the path. `gemini` takes
/// a key, `gemini_vertex` an identity of Google's cloud.
class Gemini final : public BuiltIn {
 public:
  using BuiltIn::BuiltIn;

  bool supports(Operation operation) const override { return operation != Operation::other; }
  bool speaks(Dialect dialect) const override { return dialect == Dialect::gemini; }
  std::optional<OutboundRequest> health_check(const Credential& credential) const override;
  Result<OutboundRequest> build(const ProviderRequest& request,
                                const Credential& credential) const override;
  Unsupported refused_in(int status, std::string_view message,
                         const ProviderRequest& request) const override {
    return native_refusal(status, message, request);
  }

 private:
  std::string url_of(const ProviderRequest& request) const;
  bool add_credential(Headers& headers, const Credential& credential) const;
};

std::optional<OutboundRequest> Gemini::health_check(const Credential& credential) const {
  if (type_.cloud != Cloud::none) return unsigned_check(base_url_);
  OutboundRequest out;
  out.method = "GET";
  out.url = dialect::probe_url(dialect::Dialect::gemini, base_url_);
  out.headers.add("accept", "application/json");
  add_credential(out.headers, credential);
  add_configured(out.headers, config_);
  return out;
}

bool Gemini::add_credential(Headers& headers, const Credential& credential) const {
  const auto* key = std::get_if<ApiKey>(&credential);
  if (!key || type_.auth != Type::Auth::x_goog_api_key) return add_bearer(headers, credential);
  headers.add("x-goog-api-key", key->key.reveal());
  return true;
}

std::string Gemini::url_of(const ProviderRequest& request) const {
  const bool counts = request.operation == Operation::count_tokens;
  if (type_.cloud == Cloud::none) {
    std::string url = dialect::call_url(
        {dialect::Dialect::gemini, base_url_, request.upstream_model, counts, request.stream, {}});
    url.resize(std::min(url.find('?'), url.size()));
    return request.stream && !counts ? url + form_of_stream(request) : url;
  }
  // Google's SDKs are told a base URL with the version in it, ours without: both work.
  std::string url = base_url_;
  if (!url.ends_with("/v1") && !url.ends_with("/v1beta1")) url += "/v1";
  url += "/projects/" + base::percent_encoded(config_.gcp_project_id) + "/locations/" +
         base::percent_encoded(config_.gcp_region) + "/publishers/google/models/" +
         base::percent_encoded(request.upstream_model, "@");
  if (counts) return url + ":countTokens";
  if (!request.stream) return url + ":generateContent";
  return url + ":streamGenerateContent" + form_of_stream(request);
}

Result<OutboundRequest> Gemini::build(const ProviderRequest& request,
                                      const Credential& credential) const {
  if (!may_be_in_path(request.upstream_model)) {
    return Error{ErrorCode::client, "model: that is no name a model can have here"};
  }
  OutboundRequest out;
  out.url = url_of(request);
  out.headers = native_headers(request, type_.cloud);
  if (request.operation == Operation::count_tokens) {
    auto fitted = fit_counted(request, type_.cloud != Cloud::none, out.splices);
    if (!fitted) return fitted.error();
  }
  if (!add_credential(out.headers, credential) && type_.cloud != Cloud::none) {
    return Error{ErrorCode::config, "there is no Google identity to ask with"};
  }
  add_configured(out.headers, config_);
  return out;
}

}  // namespace

std::unique_ptr<Provider> make_gemini(const Type& type, const ProviderConfig& config,
                                      const dialect::Profiles&) {
  return std::make_unique<Gemini>(type, config);
}

}  // namespace ccrelay::provider
