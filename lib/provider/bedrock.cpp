#include "provider/bedrock.hpp"

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/percent.hpp"
#include "provider/aws_request.hpp"
#include "provider/bedrock_answer.hpp"
#include "provider/betas.hpp"
#include "provider/body_edit.hpp"
#include "provider/capabilities.hpp"
#include "provider/cloud_request.hpp"
#include "provider/foreign_error.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {
namespace {

constexpr std::string_view bedrock_version = "bedrock-2023-05-31";

std::string_view verb(const ProviderRequest& request) {
  if (request.operation == Operation::count_tokens) return "/count-tokens";
  return request.stream ? "/invoke-with-response-stream" : "/invoke";
}

}  // namespace

Bedrock::Bedrock(const ProviderConfig& config)
    : config_(config),
      base_url_(without_end_slashes(config.base_url.empty()
                                        ? "https://bedrock-runtime." + config.aws_region +
                                              ".amazonaws.com"
                                        : config.base_url)) {}

std::vector<std::string> Bedrock::default_models() const {
  return {"anthropic.claude-opus-4-6-v1:0", "anthropic.claude-sonnet-4-5-20250514-v1:0",
          "anthropic.claude-haiku-3-5-20241022-v1:0"};
}

// There is no cheap call of its own: whether anybody answers must do, and nothing is signed for
// it.
std::optional<OutboundRequest> Bedrock::health_check(const Credential&) const {
  return unsigned_check(base_url_);
}

Result<OutboundRequest> Bedrock::build(const ProviderRequest& request,
                                       const Credential& credential) const {
  OutboundRequest out;
  // One segment, whatever the id holds: an ARN has slashes
  // (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html).
  out.url = base_url_ + "/model/" + base::percent_encoded(request.upstream_model) +
            std::string(verb(request)) + query_without_beta(request.head.query());
  out.headers = known_headers(request.forwardable, {"x-amzn-bedrock-"});
  if (request.dialect == Dialect::anthropic) {
    const auto betas = without(betas_of(request.forwardable), request.unsupported.betas);
    if (!betas.empty()) out.headers.add("anthropic-beta", as_header(betas));
    auto splices = transform(request);
    if (!splices) return splices.error();
    out.splices = std::move(*splices);
  } else {
    // Its own form: what belongs to it goes on as it is.
    for (const Header field : known_headers(request.forwardable, {"anthropic-"}, false)) {
      out.headers.add(field.name, field.value);
    }
  }
  if (const auto* key = std::get_if<ApiKey>(&credential)) {
    out.headers.add("authorization", "Bearer " + std::string(key->key.reveal()));
  } else if (!std::holds_alternative<AwsKeys>(credential)) {
    return Error{ErrorCode::config, "there is neither an API key nor an AWS identity to sign with"};
  }
  for (const auto& [name, value] : config_.headers) out.headers.set(name, value.reveal());
  return out;
}

// The body of InvokeModel knows neither `model` nor `stream` and refuses what it does not know; the
// version and the betas stand in it.
Result<std::vector<Splice>> Bedrock::transform(const ProviderRequest& request) const {
  auto edit = BodyEdit::of(request.body);
  if (!edit) return edit.error();
  edit->remove("model");
  edit->remove("stream");
  for (const std::string& field : request.unsupported.fields) remove_field(*edit, field);
  if (!edit->has("anthropic_version")) {
    edit->insert("anthropic_version", wire::json_string(version_for(request, bedrock_version)));
  }
  const auto betas = without(betas_of(request.forwardable), request.unsupported.betas);
  if (!betas.empty() && !edit->has("anthropic_beta")) {
    edit->insert("anthropic_beta", as_array(betas));
  }
  const auto profile = request.forwardable.get("anthropic-user-profile-id");
  if (profile && !edit->has("user_profile_id")) {
    edit->insert("user_profile_id", wire::json_string(*profile));
  }
  // What is counted must be a body that could be invoked.
  if (request.operation == Operation::count_tokens && !edit->has("max_tokens")) {
    edit->insert("max_tokens", "1");
  }
  return edit->take_splices();
}

Result<void> Bedrock::finish(const ProviderRequest& request, OutboundRequest& out,
                             std::span<const std::string_view> body, const Credential& credential,
                             std::chrono::system_clock::time_point now) const {
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html
  if (request.operation == Operation::count_tokens && request.dialect == Dialect::anthropic) {
    std::string whole;
    for (const std::string_view piece : body) whole += piece;
    out.body = R"({"input":{"invokeModel":{"body":")" + base::base64_encoded(whole) + R"("}}})";
  }
  const auto* keys = std::get_if<AwsKeys>(&credential);
  if (!keys) return {};
  if (!out.body) return sign_for_aws(out, body, *keys, {config_.aws_region, "bedrock"}, now);
  const std::string_view replaced = *out.body;
  return sign_for_aws(out, {&replaced, 1}, *keys, {config_.aws_region, "bedrock"}, now);
}

std::unique_ptr<AnswerDecoder> Bedrock::decoder(Operation operation, Dialect dialect,
                                                ResponseHead& head) const {
  const bool is_stream = base::istarts_with(head.headers.get("content-type").value_or(""),
                                            "application/vnd.amazon.eventstream");
  const bool for_anthropic = dialect == Dialect::anthropic;
  if (for_anthropic) name_request(head.headers);
  if (is_stream) {
    if (for_anthropic) {
      head.headers.set("content-type", "text/event-stream; charset=utf-8");
      head.headers.remove("content-length");
    }
    return std::make_unique<BedrockStream>();
  }
  if (operation == Operation::count_tokens && for_anthropic) {
    head.headers.remove("content-length");
    return std::make_unique<BedrockCount>();
  }
  return nullptr;
}

void Bedrock::translate_error(ResponseHead& head, std::string& body) const {
  name_request(head.headers);
  translate_foreign_error(head, body, "Bedrock");
}

Unsupported Bedrock::refused_in(int status, std::string_view message,
                                const ProviderRequest& request) const {
  if (status != 400) return {};
  const auto sent = without(betas_of(request.forwardable), request.unsupported.betas);
  return in_pairs(named_in(message, sent, "bedrock"), sent);
}

}  // namespace ccrelay::provider
