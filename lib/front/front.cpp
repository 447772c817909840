#include "front/front.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/clipped.hpp"
#include "base/header_name.hpp"
#include "exchange/auth.hpp"
#include "exchange/conversation.hpp"
#include "exchange/dialect.hpp"
#include "exchange/exchange.hpp"
#include "exchange/own_secrets.hpp"
#include "exchange/tracing.hpp"
#include "front/browser.hpp"
#include "front/canned.hpp"
#include "front/forwarded.hpp"
#include "front/hello.hpp"
#include "front/local_routes.hpp"
#include "front/provider_status.hpp"
#include "front/reload_request.hpp"
#include "front/scrape.hpp"
#include "http/content_coding.hpp"
#include "http/header_rules.hpp"
#include "http/via.hpp"

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
         kind == Kind::providers || kind == Kind::inference_profiles || kind == Kind::reload;
}

bool is_list(Endpoint::Kind kind) {
  return kind == Endpoint::Kind::models || kind == Endpoint::Kind::one_model;
}

// What asks how the relay is, again and again. That it is draining, or not ready, is an answer.
bool is_local(Endpoint::Kind kind, int status) {
  using Kind = Endpoint::Kind;
  return status < 400 || kind == Kind::health || kind == Kind::ready;
}

exchange::Answer unknown_path(const Endpoint& endpoint, std::string_view whole) {
  const std::string path = base::clipped(whole);
  const auto told = [&](std::string_view advice) {
    exchange::Answer out =
        exchange::error_answer(404, fmt::format("{} is not known here; {}", path, advice));
    out.code = "unknown_url";  // OpenAI's word for it
    return out;
  };
  if (path.starts_with("/v1/v1/")) return told("leave the /v1 out of ANTHROPIC_BASE_URL");
  switch (endpoint.dialect) {
    case Dialect::chat:
    case Dialect::responses:
      return told("the API is at POST /v1/chat/completions and POST /v1/responses");
    case Dialect::gemini:
      return told("the API is at POST /v1beta/models/{model}:generateContent");
    case Dialect::anthropic:
    case Dialect::bedrock:
    case Dialect::vertex:
      break;
  }
  return told("the API is at POST /v1/messages");
}

// RFC 9110 section 15.5.22 wants to be told what to upgrade to.
exchange::Answer no_websocket() {
  return exchange::error_answer(426, "the relay speaks no websockets: send POST /v1/responses",
                                {{"upgrade", "HTTP/1.1"}, {"connection", "upgrade"}});
}

// Of a relay that asks for no credential: why a client gets nothing, if so.
std::optional<exchange::Answer> no_entry_for_pages(const ServerConfig& server,
                                                   const Headers& headers,
                                                   const std::string& peer) {
  // No page comes by a Unix socket.
  if (peer != "unix" && !is_known_host(server, headers)) {
    return exchange::error_answer(
        403, fmt::format("a relay that asks for no credential is reached by localhost, an IP "
                         "address, a name without a dot, or one in server.hosts, and {} is none of "
                         "these; add it "
                         "there, or set server.auth.api_key",
                         shown_host(headers)));
  }
  if (comes_from_foreign_page(headers)) {
    return exchange::error_answer(
        403,
        "a web page in a browser may not use a relay that asks for no credential; set "
        "server.auth.api_key and send it");
  }
  return {};
}

exchange::Access access_of(const worker::Snapshot& snapshot, const worker::Shared& shared,
                           const Headers& headers, WallTime now, std::string_view query_key,
                           Dialect dialect) {
  const Config& config = snapshot.config;
  exchange::Access access = exchange::check_access(
      config.server.auth, snapshot.clients, headers, now, config.metrics.bearer_secret,
      config.manage.tokens, shared.made_token.reveal(), query_key);
  if (dialect != Dialect::anthropic) {
    exchange::keep_own_of_anthropic(access);
  }
  return access;
}

// Why a client gets nothing, if so.
std::optional<exchange::Answer> no_access(const Config& config, const Headers& headers,
                                          const std::string& peer, const exchange::Access& access) {
  if (!access.admitted) {
    // Claude Code retries a 401 silently for over 100 s unless it is told not to.
    return exchange::error_answer(401, access.refusal, {{"x-should-retry", "false"}});
  }
  if (!exchange::is_open(config.server.auth)) return {};
  return no_entry_for_pages(config.server, headers, peer);
}

// The same for the metrics.
std::optional<exchange::Answer> no_metrics(const Config& config, const Headers& headers,
                                           const std::string& peer,
                                           const exchange::Access& access) {
  if (auto refusal = metrics_refusal(config, access, headers)) return refusal;
  const bool is_unasked = access.client == "anonymous" && !access.opens_metrics;
  if (!is_unasked || config.metrics.allow_without_auth) return {};
  return no_entry_for_pages(config.server, headers, peer);
}

// Asking on would have no end (RFC 9110 section 7.6.3), and asking again none either.
std::optional<exchange::Answer> goes_round(const http::Trail& trail) {
  if (!trail.has_own && trail.count < http::relays_max) return {};
  return exchange::error_answer(
      508,
      trail.has_own ? "the request has come back to this relay: a base_url of a provider leads to "
                      "the relay itself, or to another one that names this one; write the "
                      "provider's own address"
                    : "the request has come through too many relays; check the base_url of each",
      {{"x-should-retry", "false"}});
}

std::string via(const http::Trail& trail, std::string_view own) {
  std::string text;
  text.reserve(trail.relays.size() + own.size() + 8);
  text.append(trail.relays).append(trail.relays.empty() ? "" : ", ").append("1.1 ").append(own);
  return text;
}

// Twice: as it came, and what of it may go on.
std::uint64_t bytes_of(const RequestHead& head) {
  std::uint64_t bytes = head.target.size();
  for (const Header field : head.headers) bytes += field.name.size() + field.value.size();
  return 2 * bytes;
}

// As far as its head tells.
exchange::ClientRequest client_request(RequestHead head, Endpoint endpoint, exchange::Access access,
                                       const RequestSummary& summary, std::string via) {
  exchange::ClientRequest request;
  request.operation = endpoint.operation;
  request.dialect = endpoint.dialect;
  request.view.model = std::move(endpoint.model);
  request.view.stream = endpoint.stream;
  request.sse = endpoint.sse;
  request.head_bytes = bytes_of(head);
  request.head = std::move(head);
  request.forwardable = http::forwardable_request_headers(request.head.headers);
  request.access = std::move(access);
  request.id = summary.request_id;
  if (!summary.own_traceparent.empty()) {
    request.traceparent = summary.own_traceparent;
    request.tracestate = summary.tracestate;
  }
  request.via = std::move(via);
  return request;
}

}  // namespace

std::string Front::request_id(const RequestHead& head) {
  const auto given = head.headers.get(base::HeaderName::x_request_id);
  return given && sane_id(*given) ? std::string(*given) : "req_" + tools_.rng.hex_id();
}

void Front::begin(RequestSummary& summary, const std::string& peer) {
  summary.began = tools_.loop.clock().wall();
  summary.started = tools_.loop.now();
  summary.client = peer;
}

std::unique_ptr<server::RequestHandler> Front::make_for_refusal(server::ResponseWriter& writer,
                                                                const std::string& peer) {
  RequestSummary summary;
  begin(summary, peer);
  summary.request_id = "req_" + tools_.rng.hex_id();
  return std::make_unique<Canned>(tools_, writer, std::move(summary));
}

void Front::on_plain_http(const std::string& peer) {
  RequestSummary summary;
  begin(summary, peer);
  summary.request_id = "req_" + tools_.rng.hex_id();
  summary.status = 400;
  summary.error =
      "plain HTTP came to a port that speaks TLS; the client's URL begins with https://";
  tools_.report.request_finished(summary);
}

std::unique_ptr<server::RequestHandler> Front::make(RequestHead head,
                                                    server::ResponseWriter& writer,
                                                    const std::string& peer) {
  auto snapshot = tools_.shared.snapshot();
  const ServerConfig& config = snapshot->config.server;
  auto whole_summary = std::make_unique<RequestSummary>();
  RequestSummary& summary = *whole_summary;
  begin(summary, peer);
  // Before anything of it is used, shown or passed on.
  const std::string query_key = exchange::take_query_key(head);
  exchange::drop_own_secrets(snapshot->config, snapshot->clients, tools_.shared.made_token.reveal(),
                             head);
  Endpoint endpoint = endpoint_of(head, config.passthrough);
  // Their list of models lies where Anthropic's does.
  if (endpoint.dialect == Dialect::anthropic && is_list(endpoint.kind) &&
      list_shape(head.headers, endpoint.dialect) == ListShape::openai) {
    endpoint.dialect = Dialect::chat;
  }
  if (!snapshot->config.metrics.enabled && head.path() == "/metrics") endpoint = {};
  summary.request_id = request_id(head);
  summary.method = base::clipped(head.method);
  summary.path = base::clipped(head.path());
  summary.session = base::clipped(exchange::session_of(head.headers, endpoint.dialect));
  summary.agent =
      base::clipped(head.headers.get(base::HeaderName::x_claude_code_agent_id).value_or(""));
  summary.parent_agent =
      base::clipped(head.headers.get(base::HeaderName::x_claude_code_parent_agent_id).value_or(""));
  summary.endpoint = word_of(endpoint);
  if (endpoint.kind == Endpoint::Kind::relayed && endpoint.operation != Operation::other) {
    summary.dialect = to_string(endpoint.dialect);
  }
  exchange::begin_trace(tools_, head.headers, summary);
  summary.user_agent = base::clipped(head.headers.get(base::HeaderName::user_agent).value_or(""));
  summary.forwarded_for = forwarded_for(head.headers, snapshot->trusted_proxies, peer);

  exchange::Access access;
  std::optional<exchange::Answer> answer;
  http::Trail trail;
  if (endpoint.kind == Endpoint::Kind::relayed) {
    trail = http::trail_of(head.headers, tools_.shared.via_name);
    answer = goes_round(trail);
  }
  if (!answer && needs_access(endpoint.kind)) {
    access = access_of(*snapshot, tools_.shared, head.headers, tools_.loop.clock().wall(),
                       query_key, endpoint.dialect);
    answer = no_access(snapshot->config, head.headers, peer, access);
    if (!access.admitted) count_turned_away(access);
  }
  // Where nobody was asked who they are.
  summary.client_name = needs_access(endpoint.kind) ? access.client : "anonymous";
  if (endpoint.kind == Endpoint::Kind::metrics) {
    access = access_of(*snapshot, tools_.shared, head.headers, tools_.loop.clock().wall(),
                       query_key, endpoint.dialect);
    answer = no_metrics(snapshot->config, head.headers, peer, access);
    summary.client_name = access.opens_metrics ? "default" : access.client;
    if (!answer) {
      return std::make_unique<Scrape>(tools_, std::move(snapshot), writer, std::move(summary));
    }
    if (answer->status == 401) count_turned_away(access);
  }
  if (!answer && endpoint.kind == Endpoint::Kind::relayed) {
    answer = no_entry(config, endpoint, head);
    if (!answer) {
      return std::make_unique<exchange::Exchange>(
          tools_, std::move(snapshot),
          client_request(std::move(head), std::move(endpoint), std::move(access), summary,
                         via(trail, tools_.shared.via_name)),
          writer, std::move(whole_summary));
    }
  }
  if (!answer && endpoint.kind == Endpoint::Kind::reload) {
    answer = no_reload(config.auth, access, head.headers, peer);
    if (!answer && tools_.shared.reloads.ask) {
      return std::make_unique<ReloadRequest>(tools_, writer, std::move(summary));
    }
  }
  if (!answer) {
    answer = local_answer(endpoint, head, *snapshot, access.who, peer);
    summary.local = is_local(endpoint.kind, answer->status);
  }
  auto handler = std::make_unique<Canned>(tools_, std::move(*answer), endpoint.dialect, writer,
                                          std::move(summary));
  handler->begin(head);
  return handler;
}

void Front::count_turned_away(const exchange::Access& access) {
  if (!access.barred) return tools_.figures.turned_away(access.presented);
  tools_.figures.refused(access.barred->name, access.barred->enabled ? worker::ClientBar::expired
                                                                     : worker::ClientBar::disabled);
}

// Before a byte of its body is taken; what is not announced is counted as it comes.
std::optional<exchange::Answer> Front::no_entry(const ServerConfig& config,
                                                const Endpoint& endpoint, const RequestHead& head) {
  // Gemini's path says what its body does elsewhere: who speaks that dialect gets it unread.
  const bool may_be_unread =
      endpoint.operation == Operation::other ||
      (endpoint.operation == Operation::messages && endpoint.dialect == Dialect::gemini);
  if (!may_be_unread) {
    const http::Refusal coding = http::ContentDecoder().begin(head.headers);
    if (coding.status != 0) {
      // RFC 9110 section 12.5.3.
      return exchange::error_answer(coding.status, coding.message,
                                    {{"accept-encoding", http::ContentDecoder::understood}});
    }
  }
  if (const Ledger* ledger = tools_.shared.ledger; ledger && !ledger->may_serve()) {
    return exchange::error_answer(
        503,
        "the relay can't write its ledger, and ledger.required says that nothing is relayed then; "
        "who runs it sees why in its log and in cc-relay status",
        {{"retry-after", "30"}});
  }
  worker::Admission& admission = tools_.shared.admission;
  const auto length =
      base::parse_number(head.headers.get(base::HeaderName::content_length).value_or("0"));
  if (length.value_or(0) > config.max_body_bytes) {
    return exchange::error_answer(
        413, fmt::format("the request's body of {} bytes exceeds {} (server.max_body_bytes)",
                         *length, config.max_body_bytes));
  }
  const worker::Admission::Room room = worker::body_bytes_room(config);
  const std::uint64_t own = bytes_of(head);
  const auto no_room = [room] {
    return exchange::error_answer(503, worker::no_room_for_body(room), {{"retry-after", "1"}});
  };
  if (length && !admission.has_room(*length, room)) return no_room();
  if (!admission.enter(config.max_concurrent)) {
    return exchange::error_answer(
        503,
        fmt::format("the relay already handles {} requests (server.max_concurrent); try again "
                    "shortly",
                    config.max_concurrent),
        {{"retry-after", "1"}});
  }
  if (admission.hold_head(own, room)) return {};
  admission.leave();
  return no_room();
}

exchange::Answer Front::local_answer(const Endpoint& endpoint, const RequestHead& head,
                                     const worker::Snapshot& snapshot, const ClientConfig* who,
                                     const std::string& peer) {
  using exchange::error_answer;
  using exchange::json_answer;
  using Kind = Endpoint::Kind;
  switch (endpoint.kind) {
    case Kind::hello:
      return hello(head.query(), peer, tools_.shared.proofs);
    case Kind::health:
      return tools_.shared.draining ? json_answer(503, R"({"status":"draining"})")
                                    : json_answer(200, R"({"status":"ok"})");
    case Kind::ready:
      return ready(snapshot, tools_.shared, tools_.loop.clock());
    case Kind::models:
      return list_models(snapshot, who, list_shape(head.headers, endpoint.dialect), head.query());
    case Kind::one_model:
      return one_model(snapshot, who, list_shape(head.headers, endpoint.dialect), endpoint.model);
    case Kind::providers:
      return list_providers(snapshot, who, tools_.shared, tools_.loop.clock());
    case Kind::inference_profiles:
      // Which profile stands for which model is for the operator to say, in model_mapping.
      if (head.path() == "/inference-profiles") {
        return json_answer(200, R"({"inferenceProfileSummaries":[]})");
      }
      return error_answer(404, "the relay keeps no list of inference profiles");
    case Kind::websocket:
      return no_websocket();
    case Kind::wrong_method:
      return error_answer(405,
                          fmt::format("{} is not offered for {}", base::clipped(head.method),
                                      base::clipped(head.path())),
                          {{"allow", endpoint.allow}});
    case Kind::dotted:
      return error_answer(
          400, fmt::format("{} has a \".\" or \"..\" segment", base::clipped(head.path())));
    case Kind::reload:
      return error_answer(404, "the program that runs this relay gives it its configuration");
    case Kind::relayed:
    case Kind::metrics:
    case Kind::unknown:
      break;
  }
  return unknown_path(endpoint, head.path());
}

}  // namespace ccrelay::front
