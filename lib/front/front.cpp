#include "front/front.hpp"

#include <ccrelay/relay.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "exchange/auth.hpp"
#include "exchange/dialect_errors.hpp"
#include "exchange/exchange.hpp"
#include "front/browser.hpp"
#include "front/canned.hpp"
#include "front/endpoint.hpp"
#include "front/local_routes.hpp"
#include "front/provider_status.hpp"
#include "http/header_rules.hpp"

namespace ccrelay::front {
namespace {

bool sane_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool needs_access(Endpoint::Kind kind) {
  using Kind = Endpoint::Kind;
  return kind == Kind::relayed || kind == Kind::models || kind == Kind::one_model ||
         kind == Kind::providers || kind == Kind::inference_profiles;
}

std::string unknown_path(std::string_view path) {
  if (path.starts_with("/v1/v1/")) {
    return fmt::format("{} is not known here; leave the /v1 out of ANTHROPIC_BASE_URL", path);
  }
  return fmt::format("{} is not known here; the API is at POST /v1/messages", path);
}

// As far as its head tells.
exchange::ClientRequest client_request(RequestHead head, Endpoint endpoint, exchange::Access access,
                                       std::string id) {
  exchange::ClientRequest request;
  request.operation = endpoint.operation;
  request.dialect = endpoint.dialect;
  request.view.model = std::move(endpoint.model);
  request.view.stream = endpoint.stream;
  request.head = std::move(head);
  request.forwardable = http::forwardable_request_headers(request.head.headers);
  request.access = std::move(access);
  request.id = std::move(id);
  return request;
}

}  // namespace

std::string Front::request_id(const RequestHead& head) {
  const auto given = head.headers.get("x-request-id");
  return given && sane_id(*given) ? std::string(*given) : "req_" + tools_.rng.hex_id();
}

RequestSummary Front::new_summary(const std::string& peer) {
  RequestSummary summary;
  summary.time = tools_.loop.clock().wall();
  summary.client = peer;
  return summary;
}

std::unique_ptr<server::RequestHandler> Front::make_for_refusal(server::ResponseWriter& writer,
                                                                const std::string& peer) {
  RequestSummary summary = new_summary(peer);
  summary.request_id = "req_" + tools_.rng.hex_id();
  return std::make_unique<Canned>(tools_, writer, std::move(summary));
}

std::unique_ptr<server::RequestHandler> Front::make(RequestHead head,
                                                    server::ResponseWriter& writer,
                                                    const std::string& peer) {
  using Kind = Endpoint::Kind;
  auto snapshot = tools_.shared.snapshot();
  const ServerConfig& config = snapshot->config.server;
  RequestSummary summary = new_summary(peer);
  const std::string id = request_id(head);
  summary.request_id = id;
  summary.method = head.method;
  summary.path = head.path();
  summary.session = head.headers.get("x-claude-code-session-id").value_or("");

  const auto canned = [&](exchange::Answer answer, std::string error = {}) {
    summary.error = std::move(error);
    auto handler = std::make_unique<Canned>(tools_, std::move(answer), writer, std::move(summary));
    handler->begin(head);
    return handler;
  };
  Endpoint endpoint = endpoint_of(head, config.passthrough);
  const auto refused = [&](int status, const std::string& message, const Headers& more = {}) {
    exchange::Answer answer = exchange::error_answer(status, message, id, more);
    if (endpoint.dialect == Dialect::bedrock) exchange::in_words_of_bedrock(answer);
    return canned(std::move(answer), message);
  };

  exchange::Access access;
  if (needs_access(endpoint.kind)) {
    access = exchange::check_access(config.auth, head.headers);
    // Claude Code retries a 401 silently for over 100 s unless it is told not to.
    if (!access.admitted) return refused(401, access.refusal, {{"x-should-retry", "false"}});
    if (exchange::is_open(config.auth) && comes_from_foreign_page(head.headers)) {
      return refused(403,
                     "a web page in a browser may not use a relay that asks for no credential; set "
                     "server.auth.api_key and send it");
    }
  }
  switch (endpoint.kind) {
    case Kind::relayed: {
      // Before a byte of it is taken; what is not announced is counted as it comes.
      const auto length = base::parse_number(head.headers.get("content-length").value_or("0"));
      if (length.value_or(0) > config.max_body_bytes) {
        return refused(413, fmt::format("the request's body of {} bytes exceeds {} "
                                        "(server.max_body_bytes)",
                                        *length, config.max_body_bytes));
      }
      const std::uint64_t room = worker::body_bytes_room(config);
      if (length && !tools_.shared.admission.has_room(*length, room)) {
        return refused(503, worker::no_room_for_body(room), {{"retry-after", "1"}});
      }
      if (!tools_.shared.admission.enter(config.max_concurrent)) {
        return refused(503,
                       fmt::format("the relay already handles {} requests (server.max_concurrent); "
                                   "try again shortly",
                                   config.max_concurrent),
                       {{"retry-after", "1"}});
      }
      return std::make_unique<exchange::Exchange>(
          tools_, std::move(snapshot),
          client_request(std::move(head), std::move(endpoint), std::move(access), id), writer,
          std::move(summary));
    }
    case Kind::hello:
      return canned(exchange::json_answer(
          200, fmt::format(R"({{"name":"cc-relay","version":"{}"}})", version()), id));
    case Kind::health:
      return tools_.shared.draining
                 ? canned(exchange::json_answer(503, R"({"status":"draining"})", id))
                 : canned(exchange::json_answer(200, R"({"status":"ok"})", id));
    case Kind::ready:
      return canned(ready(*snapshot, tools_.shared, tools_.loop.clock(), id));
    case Kind::models:
      return canned(list_models(*snapshot, head.query(), id));
    case Kind::one_model:
      return canned(one_model(*snapshot, head.path().substr(11), id));
    case Kind::providers:
      return canned(list_providers(*snapshot, tools_.shared, tools_.loop.clock(), id));
    case Kind::inference_profiles:
      // Which profile stands for which model is for the operator to say, in model_mapping.
      if (head.path() == "/inference-profiles") {
        return canned(exchange::json_answer(200, R"({"inferenceProfileSummaries":[]})", id));
      }
      return refused(404, "the relay keeps no list of inference profiles");
    case Kind::wrong_method:
      return refused(405, fmt::format("{} is not offered for {}", head.method, head.path()),
                     {{"allow", endpoint.allow}});
    case Kind::dotted:
      return refused(400, fmt::format("{} has a \".\" or \"..\" segment", head.path()));
    case Kind::unknown:
      break;
  }
  return refused(404, unknown_path(head.path()));
}

}  // namespace ccrelay::front
