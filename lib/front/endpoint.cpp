#include "front/endpoint.hpp"

#include "base/percent.hpp"

namespace ccrelay::front {
namespace {

using Kind = Endpoint::Kind;

Endpoint reading(const RequestHead& head, Kind kind) {
  if (head.method == "GET" || head.method == "HEAD") return {kind};
  return {Kind::wrong_method, {}, "GET, HEAD"};
}

Endpoint posting(const RequestHead& head, Operation operation) {
  if (head.method == "POST") return {Kind::relayed, operation};
  return {Kind::wrong_method, {}, "POST"};
}

Endpoint posting(const RequestHead& head, Operation operation, Dialect dialect,
                 std::string_view model, bool stream) {
  Endpoint out = posting(head, operation);
  out.dialect = dialect;
  out.model = base::percent_decoded(model);
  out.stream = stream;
  return out;
}

// /model/{id}/invoke, …/invoke-with-response-stream, …/count-tokens
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html)
Endpoint bedrock(const RequestHead& head, std::string_view path) {
  path.remove_prefix(std::string_view("/model/").size());
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return {};
  const std::string_view model = path.substr(0, slash);
  const std::string_view verb = path.substr(slash + 1);
  constexpr Dialect dialect = Dialect::bedrock;
  if (verb == "invoke") return posting(head, Operation::messages, dialect, model, false);
  if (verb == "invoke-with-response-stream") {
    return posting(head, Operation::messages, dialect, model, true);
  }
  if (verb == "count-tokens") return posting(head, Operation::count_tokens, dialect, model, false);
  return {};
}

// …/publishers/anthropic/models/{model}:rawPredict, :streamRawPredict, count-tokens:rawPredict
// (https://docs.claude.com/en/api/claude-on-vertex-ai)
Endpoint vertex(const RequestHead& head, std::string_view path) {
  constexpr std::string_view models = "/publishers/anthropic/models/";
  const auto at = path.find(models);
  if (at == std::string_view::npos) return {};
  path.remove_prefix(at + models.size());
  const auto colon = path.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const std::string_view model = path.substr(0, colon);
  const std::string_view verb = path.substr(colon + 1);
  if (model.find('/') != std::string_view::npos) return {};
  const bool stream = verb == "streamRawPredict";
  if (!stream && verb != "rawPredict") return {};
  if (model == "count-tokens") {
    // Here the body names the model.
    return posting(head, Operation::count_tokens, Dialect::vertex, {}, false);
  }
  return posting(head, Operation::messages, Dialect::vertex, model, stream);
}

}  // namespace

Endpoint endpoint_of(const RequestHead& head, bool passthrough) {
  const std::string_view path = head.path();
  if (path == "/v1/messages") return posting(head, Operation::messages);
  if (path == "/v1/messages/count_tokens") return posting(head, Operation::count_tokens);
  if (path == "/v1/models") return reading(head, Kind::models);
  if (path.starts_with("/v1/models/")) return reading(head, Kind::one_model);
  if (path == "/v1/providers") return reading(head, Kind::providers);
  if (path == "/health") return reading(head, Kind::health);
  if (path == "/ready") return reading(head, Kind::ready);
  if (path == "/" || path == "/api/hello") return reading(head, Kind::hello);
  if (path.starts_with("/v1/v1/")) return {};
  // With the operator's key nobody gets out of the provider's base URL.
  if (base::has_dot_segment(path)) return {Kind::dotted};
  if (path.starts_with("/model/")) return bedrock(head, path);
  if (path == "/inference-profiles" || path.starts_with("/inference-profiles/")) {
    return reading(head, Kind::inference_profiles);
  }
  if (path.starts_with("/v1/projects/") || path.starts_with("/projects/")) {
    return vertex(head, path);
  }
  if (path.starts_with("/v1/") && passthrough) return {Kind::relayed, Operation::other};
  return {};
}

}  // namespace ccrelay::front
