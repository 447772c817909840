#include "provider/bedrock.hpp"

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/percent.hpp"
#include "provider/aws_request.hpp"
#include "provider/bedrock_answer.hpp"
#include "provider/betas.hpp"
#include "provider/body_edit.hpp"
#include "provider/cloud_request.hpp"
#include "provider/foreign_error.hpp"
#include "provider/model_name.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {
namespace {

constexpr std::string_view bedrock_version = "bedrock-2023-05-31";

std::string_view verb(const ProviderRequest& request) {
  if (request.operation == Operation::count_tokens) return "/count-tokens";
  return request.stream ? "/invoke-with-response-stream" : "/invoke";
}

}  // namespace

// There is no cheap call of its own: whether anybody answers must do, and nothing is signed for
// it.
std::optional<OutboundRequest> Bedrock::health_check(const Credential&) const {
  return unsigned_check(base_url_);
}

Result<OutboundRequest> Bedrock::build(const ProviderRequest& request,
                                       const Credential& credential) const {
  if (!may_be_in_path(request.upstream_model)) {
    return Error{ErrorCode::client, "model: that is no name a model can have here"};
  }
  OutboundRequest out;
  // One segment, whatever the id holds: an ARN has slashes
  // (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html).
  out.url = base_url_ + "/model/" + base::percent_encoded(request.upstream_model) +
            std::string(verb(request));
  out.headers = cloud_headers(request);
  if (request.dialect == Dialect::anthropic) {
    auto splices = transform(request);
    if (!splices) return splices.error();
    out.splices = std::move(*splices);
  } else {
    auto splices = left_out_splices(request);
    if (!splices) return splices.error();
    out.splices = std::move(*splices);
  }
  if (!add_bearer(out.headers, credential) && !std::holds_alternative<AwsKeys>(credential)) {
    return Error{ErrorCode::config, "there is neither an API key nor an AWS identity to sign with"};
  }
  add_configured(out.headers, config_);
  return out;
}

// The body of InvokeModel knows neither `model` nor `stream` and refuses what it does not know; the
// version and the betas stand in it.
Result<std::vector<Splice>> Bedrock::transform(const ProviderRequest& request) const {
  auto edit = BodyEdit::of(request.body);
  if (!edit) return edit.error();
  edit->remove("model");
  edit->remove("stream");
  for (const std::string& field : request.unsupported.fields) edit->remove(field);
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

std::unique_ptr<Provider> make_bedrock(const Type& type, const ProviderConfig& config,
                                       const dialect::Profiles&) {
  return std::make_unique<Bedrock>(type, config);
}

}  // namespace ccrelay::provider
