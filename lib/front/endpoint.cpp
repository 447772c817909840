#include "front/endpoint.hpp"

#include <algorithm>
#include <array>

#include "base/percent.hpp"
#include "base/uri_path.hpp"
#include "dialect/surface.hpp"

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

Dialect spoken(dialect::Dialect words) {
  switch (words) {
    case dialect::Dialect::chat:
      return Dialect::chat;
    case dialect::Dialect::responses:
      return Dialect::responses;
    case dialect::Dialect::gemini:
      return Dialect::gemini;
    case dialect::Dialect::anthropic:
      break;
  }
  return Dialect::anthropic;
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

bool is_openai(std::string_view path) {
  for (const std::string_view folder : {"/v1/chat", "/v1/responses", "/v1/conversations"}) {
    if (path == folder || is_below(path, folder)) return true;
  }
  return false;
}

// Answers and conversations, and what is done with them.
bool is_kept_there(std::string_view path) {
  return is_below(path, "/v1/responses") || path == "/v1/conversations" ||
         is_below(path, "/v1/conversations");
}

// https://platform.openai.com/docs/api-reference
Endpoint openai(const RequestHead& head, std::string_view path, bool passthrough) {
  using dialect::Ask;
  const auto posted = dialect::asked_by("POST", path, {});
  if (posted && posted->ask != Ask::stored) {
    // Whoever asks for a websocket asks again by HTTPS, if that is said with the right status.
    if (path == "/v1/responses" && head.method == "GET") {
      return {Kind::websocket, {}, {}, Dialect::responses};
    }
    const bool counts = posted->ask == Ask::count;
    return posting(head, counts ? Operation::count_tokens : Operation::messages,
                   spoken(posted->dialect), {}, false);
  }
  // Only a provider knows what it keeps, and it must find it there however it reads the path.
  const std::string careless = base::careless_path(path);
  const auto taken_for = dialect::asked_by("POST", careless, {});
  if (!passthrough || !is_kept_there(path) || !is_kept_there(careless) ||
      (taken_for && taken_for->ask != Ask::stored)) {
    return {};
  }
  return {Kind::relayed, Operation::other, {}, Dialect::responses};
}

// /v1beta/models, /v1beta/models/{m}, and /v1beta/models/{m}:{verb}, which is also under /v1
// (https://ai.google.dev/api/models, …/api/generate-content); the same at Vertex AI
// (https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference).
Endpoint gemini(const RequestHead& head, std::string_view path) {
  using dialect::Ask;
  if (const auto posted = dialect::asked_by("POST", path, head.query())) {
    const bool counts = posted->ask == Ask::count;
    Endpoint out = posting(head, counts ? Operation::count_tokens : Operation::messages,
                           Dialect::gemini, {}, posted->stream);
    if (out.kind == Kind::relayed) out.model = posted->model;
    out.sse = posted->sse || !posted->stream;
    return out;
  }
  const auto told = dialect::asked_by("GET", path, {});
  if (!told) return {};
  Endpoint out = reading(head, told->ask == Ask::models ? Kind::models : Kind::one_model);
  if (out.kind == Kind::one_model) out.model = told->model;
  return out;
}

bool is_gemini(std::string_view path) {
  return dialect::envelope_for(path) == dialect::Dialect::gemini;
}

// RFC 9110 section 9.3: those that an API has a use for. TRACE would show a provider's answer to
// whoever asks, CONNECT is no request to an origin, and what nobody knows nobody should pass on.
bool is_offered(std::string_view method) {
  static constexpr std::array<std::string_view, 6> all{"GET", "HEAD",  "POST",
                                                       "PUT", "PATCH", "DELETE"};
  return std::find(all.begin(), all.end(), method) != all.end();
}

// Most paths are normal already. Some servers take a backslash for a slash.
bool may_be_written_otherwise(std::string_view path) {
  return path.find_first_of("%\\") != std::string_view::npos ||
         path.find("//") != std::string_view::npos || path.find("/.") != std::string_view::npos ||
         (path.size() > 1 && path.ends_with('/'));
}

// The relay has limits, a mapping or an answer of its own for it.
bool is_handled_here(std::string_view path) {
  if (is_openai(path)) return true;
  for (const std::string_view one :
       {"/v1/messages", "/v1/messages/count_tokens", "/v1/models", "/v1/providers"}) {
    if (path == one) return true;
  }
  return path.starts_with("/v1/models/") || path.starts_with("/v1/publishers/");
}

Endpoint read(const RequestHead& head, bool passthrough) {
  const std::string_view path = head.path();
  if (path == "/v1/messages") return posting(head, Operation::messages);
  if (path == "/v1/messages/count_tokens") return posting(head, Operation::count_tokens);
  if (is_openai(path)) return openai(head, path, passthrough);
  // GET /v1/models/{id} is Anthropic's and OpenAI's, whatever the name.
  if (is_gemini(path) && !(path.starts_with("/v1/") && head.method != "POST")) {
    return gemini(head, path);
  }
  if (path == "/v1/models") return reading(head, Kind::models);
  if (path.starts_with("/v1/models/")) {
    Endpoint out = reading(head, Kind::one_model);
    if (out.kind == Kind::one_model) out.model = base::percent_decoded(path.substr(11));
    return out;
  }
  if (path == "/v1/providers") return reading(head, Kind::providers);
  if (path == "/-/reload") {
    return head.method == "POST" ? Endpoint{Kind::reload}
                                 : Endpoint{Kind::wrong_method, {}, "POST"};
  }
  if (path == "/health") return reading(head, Kind::health);
  if (path == "/ready") return reading(head, Kind::ready);
  if (path == "/metrics") return reading(head, Kind::metrics);
  if (path == "/" || path == "/api/hello") return reading(head, Kind::hello);
  if (path.starts_with("/v1/v1/")) return {};
  if (path.starts_with("/model/")) return bedrock(head, path);
  if (path == "/inference-profiles" || path.starts_with("/inference-profiles/")) {
    return reading(head, Kind::inference_profiles);
  }
  if (path.starts_with("/v1/projects/") || path.starts_with("/projects/")) {
    return vertex(head, path);
  }
  // A provider that reads paths in another way than we do would serve it without any of our limits.
  if (!path.starts_with("/v1/") || is_handled_here(base::careless_path(path))) return {};
  return passthrough ? Endpoint{Kind::relayed, Operation::other} : Endpoint{};
}

// With the operator's key nobody gets out of the provider's base URL. What the relay knows by name
// it sends to its name, however the client has written it.
bool may_be_dotted(const Endpoint& endpoint) {
  switch (endpoint.kind) {
    case Kind::relayed:
      return endpoint.operation != Operation::other &&
             (endpoint.dialect == Dialect::anthropic || endpoint.dialect == Dialect::chat ||
              endpoint.dialect == Dialect::responses);
    case Kind::inference_profiles:
    case Kind::unknown:
      return false;
    default:
      return true;
  }
}

std::string_view word_of(Dialect dialect) {
  return dialect == Dialect::anthropic ? "messages" : to_string(dialect);
}

}  // namespace

std::string_view word_of(const Endpoint& endpoint) {
  switch (endpoint.kind) {
    case Kind::relayed:
      if (endpoint.operation == Operation::other) return "passthrough";
      if (endpoint.operation == Operation::count_tokens) return "count_tokens";
      return word_of(endpoint.dialect);
    case Kind::health:
      return "health";
    case Kind::ready:
      return "ready";
    case Kind::metrics:
      return "metrics";
    case Kind::models:
    case Kind::one_model:
      return "models";
    case Kind::providers:
      return "providers";
    case Kind::hello:
    case Kind::inference_profiles:
    case Kind::websocket:
    case Kind::reload:
    case Kind::wrong_method:
    case Kind::dotted:
    case Kind::unknown:
      break;
  }
  return "other";
}

Dialect dialect_of(std::string_view path) {
  return spoken(dialect::envelope_for(path));
}

Endpoint endpoint_of(RequestHead& head, bool passthrough) {
  const bool otherwise = head.target.starts_with('/') && may_be_written_otherwise(head.path());
  std::string given;
  if (otherwise) {
    given = head.path();
    head.target.replace(0, given.size(), base::normal_path(given));
  }
  Endpoint endpoint = read(head, passthrough);
  if (endpoint.dialect == Dialect::anthropic) {
    endpoint.dialect = dialect_of(head.path());
  }
  if (otherwise && base::has_dot_segment(given) && !may_be_dotted(endpoint)) {
    head.target.replace(0, head.path().size(), given);
    return {Kind::dotted, {}, {}, endpoint.dialect};
  }
  if (!is_offered(head.method) && endpoint.kind != Kind::wrong_method) {
    return {Kind::wrong_method, {}, offered_methods, endpoint.dialect};
  }
  return endpoint;
}

}  // namespace ccrelay::front
