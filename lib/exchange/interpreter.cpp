#include "exchange/interpreter.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "base/percent.hpp"
#include "base/stable_hash.hpp"
#include "dialect/errors.hpp"
#include "dialect/foreign_reasoning.hpp"
#include "dialect/hub_fold.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/rate_limits.hpp"
#include "dialect/usage.hpp"
#include "exchange/cloud_form.hpp"
#include "exchange/dialect.hpp"
#include "sign/digests.hpp"

namespace ccrelay::exchange {
namespace {

// Longer waits are nobody's to tell.
constexpr std::uint64_t told_wait_max_s = 86'400;

std::string_view content_type_of(const ResponseHead& head) {
  return head.headers.get("content-type").value_or("");
}

// 32 hex digits that are the same in each turn of a conversation, and tell nothing of it.
std::string cache_key(const ClientRequest& request) {
  if (!request.conversation) return {};
  return sign::hex(sign::sha256(std::to_string(*request.conversation))).substr(0, 32);
}

// What the relay reads of an answer it reads in Anthropic's words, whoever the client is.
dialect::Carried for_relay(const dialect::Carried& carried) {
  dialect::Way way = carried.way;
  way.client = dialect::Dialect::anthropic;
  return {way, {}, {}, dialect::AnswerContext(), carried.provider};
}

// And that in the client's.
dialect::Carried for_client(const dialect::Carried& carried) {
  dialect::Way way = carried.way;
  way.provider = dialect::Dialect::anthropic;
  return {way, {}, {}, carried.client, dialect::AnswerContext()};
}

}  // namespace

std::optional<Dialect> dialect_for(const Provider& provider, Dialect client, Operation operation,
                                   bool translates) {
  if (!provider.supports(operation)) return {};
  if (provider.speaks(client)) return client;
  if (!translates || operation == Operation::other) return {};
  constexpr std::array<Dialect, 4> all{Dialect::anthropic, Dialect::responses, Dialect::chat,
                                       Dialect::gemini};
  for (const Dialect one : all) {
    // OpenAI's chat completions have no call that counts.
    if (one == Dialect::chat && operation == Operation::count_tokens) continue;
    if (one != client && provider.speaks(one)) return one;
  }
  return {};
}

RequestHead translated_head(const ClientRequest& request, Dialect sent, std::string_view model) {
  const bool counts = request.operation == Operation::count_tokens;
  RequestHead head;
  head.method = "POST";
  switch (sent) {
    case Dialect::chat:
      head.target = "/v1/chat/completions";
      break;
    case Dialect::responses:
      head.target = counts ? "/v1/responses/input_tokens" : "/v1/responses";
      break;
    case Dialect::gemini:
      head.target = "/v1beta/models/" + base::percent_encoded(model);
      head.target += counts                ? ":countTokens"
                     : request.view.stream ? ":streamGenerateContent?alt=sse"
                                           : ":generateContent";
      break;
    case Dialect::anthropic:
    case Dialect::bedrock:
    case Dialect::vertex:
      head.target = counts ? "/v1/messages/count_tokens" : "/v1/messages";
      head.headers.add("anthropic-version", "2023-06-01");
      if (is_cloud_form(request.dialect)) {
        if (const std::string betas = anthropic_betas(request); !betas.empty()) {
          head.headers.add("anthropic-beta", betas);
        }
      }
      break;
  }
  head.headers.add("content-type", "application/json");
  if (const auto agent = request.forwardable.get("user-agent")) {
    head.headers.add("user-agent", *agent);
  }
  return head;
}

// What a client said first in a conversation: the same in each of its turns, though some write it
// as a text in one and in parts in the next. Looks no further into the body than that stands.
std::uint64_t beginning_of(const ClientRequest& request) {
  base::StableHasher hasher;
  if (!request.view.turns_at) return hasher.value();
  const std::string_view body = request.body;
  // Up to the body's end: a walk ends at the list's.
  const dialect::Json turns(body.substr(*request.view.turns_at));
  if (turns.is_string()) hasher.add(dialect::Json(body)["input"].text());
  for (const dialect::Json& item : turns.items()) {
    if (!item["role"].is("user")) continue;
    const auto [content, parts] = item.picked("content", "parts");
    std::string text = content.text();
    for (const dialect::Json list_of_parts : {content, parts}) {
      for (const dialect::Json& part : list_of_parts.items()) text += part["text"].text();
    }
    hasher.add(text);
    break;
  }
  return hasher.value();
}

std::string recall_name(const ClientRequest& request, std::string_view issuer) {
  if (!request.conversation || issuer.empty() || !request.unread.empty()) return {};
  return std::string(issuer) + ' ' + std::string(request.access.client) + ' ' +
         std::to_string(*request.conversation) + ' ' + std::to_string(beginning_of(request));
}

Interpreter::Made Interpreter::translating(const ClientRequest& request, Dialect sent, Told told) {
  std::unique_ptr<Interpreter> made(new Interpreter);
  made->profile_ = std::move(told.profile);
  made->model_ = std::move(told.model);
  made->now_s_ = told.now_s;
  made->wants_stream_ = request.view.stream;
  made->translates_ = true;
  made->frames_ = request.dialect == Dialect::bedrock;
  dialect::Way way;
  way.client = vendor_dialect(request.dialect);
  way.provider = vendor_dialect(sent);
  way.count = request.operation == Operation::count_tokens;
  way.asked_model = request.view.model;
  way.asked_stream = request.view.stream;
  way.sse = request.sse;
  dialect::TranslateOptions options;
  options.profile = &made->profile_;
  options.seed = request.id;
  options.model = made->model_;
  made->issuer_ = std::move(told.issuer);
  options.issuer = made->issuer_;
  options.cache_key = cache_key(request);
  options.now_s = told.now_s;
  options.default_max_tokens = static_cast<std::int64_t>(told.config.default_max_tokens);
  options.max_output_tokens = static_cast<std::int64_t>(told.max_output_tokens);
  options.stream = request.view.stream;
  options.auto_cache = told.config.auto_cache;
  options.drop_unsupported = told.config.unsupported == "drop";
  options.web_search = told.config.web_search;
  options.recall = told.recall;
  options.without_reasoning = told.without_reasoning;
  std::string hub;
  if (is_cloud_form(request.dialect)) {
    auto body = as_anthropic(request, told.cut);
    if (!body) return dialect::refused({}, body.error().message);
    hub = *std::move(body);
    // Its clients ask for caching themselves.
    options.auto_cache = false;
  }
  auto carried = dialect::carry_request(way, hub.empty() ? request.body : hub, options);
  if (auto* refused = std::get_if<dialect::Refused>(&carried)) return std::move(*refused);
  if (auto* cannot = std::get_if<dialect::NotCarriable>(&carried)) return std::move(*cannot);
  made->carried_ = std::get<dialect::Carried>(std::move(carried));
  // What goes along and what comes back are two things: new reasoning has its maker's name.
  made->issuer_ = made->carried_.provider.issuer = made->carried_.client.issuer =
      std::move(told.answer_issuer);
  made->carried_.provider.cost = made->cost_;
  made->carried_.provider.failed = made->failed_;
  made->recall_name_ = recall_name(request, made->issuer_);
  return made;
}

std::unique_ptr<Interpreter> Interpreter::listening(const ClientRequest& request, Told told) {
  std::unique_ptr<Interpreter> made(new Interpreter);
  made->profile_ = std::move(told.profile);
  made->now_s_ = told.now_s;
  made->wants_stream_ = request.view.stream;
  dialect::Way& way = made->carried_.way;
  way.client = way.provider = vendor_dialect(request.dialect);
  way.count = request.operation == Operation::count_tokens;
  way.sse = request.sse;
  dialect::AnswerContext& context = made->carried_.provider;
  context.profile = &made->profile_;
  context.stream = request.view.stream;
  context.seed = request.id;
  context.now_s = told.now_s;
  context.sent_model = told.model;
  context.native = true;
  context.cost = made->cost_;
  context.failed = made->failed_;
  if (!request.unread.empty()) return made;
  made->carried_.body =
      told.without_reasoning
          ? dialect::without_reasoning(way.client, request.body, &made->profile_)
          : dialect::without_foreign_reasoning(way.client, request.body, &made->profile_);
  return made;
}

std::unique_ptr<AnswerDecoder> Interpreter::decoder(ResponseHead& head, bool& is_stream,
                                                    AnswerRoom room) const {
  const std::string type(content_type_of(head));
  const bool comes_as_events = base::istarts_with(type, "text/event-stream");
  const bool is_count = carried_.way.count;
  if (!translates_) {
    // A stream of Gemini's may come as a JSON array, in which events have no ends of their own.
    const bool is_array = wants_stream_ && !comes_as_events &&
                          carried_.way.provider == dialect::Dialect::gemini && !is_count;
    is_stream = !is_count && (comes_as_events || is_array);
    if (!is_stream) return whole_decoder(for_relay(carried_), type, true, std::move(room));
    return listening_decoder(dialect::carry_stream(for_relay(carried_), type), comes_as_events,
                             std::move(room));
  }
  is_stream = wants_stream_ && !is_count;
  const bool is_hub = carried_.way.provider == dialect::Dialect::anthropic;
  if (is_hub) return nullptr;
  head.headers.remove("content-length");
  head.headers.set("content-type", is_stream ? "text/event-stream" : "application/json");
  if (!is_stream) return whole_decoder(for_relay(carried_), type, false, std::move(room));
  return stream_decoder(dialect::carry_stream(for_relay(carried_), type), std::move(room));
}

std::unique_ptr<dialect::StreamTranslator> Interpreter::encoder(bool is_stream) const {
  if (frames_ && is_stream) return bedrock_frames(nullptr);
  auto said = dialect::carry_stream(for_client(carried_),
                                    is_stream ? "text/event-stream" : "application/json");
  return frames_ ? bedrock_frames(std::move(said)) : std::move(said);
}

dialect::TranslatedAnswer Interpreter::whole_answer(std::string_view hub, bool is_stream,
                                                    Headers& headers) const {
  auto said = dialect::carry_answer(for_client(carried_), 200, hub,
                                    is_stream ? "text/event-stream" : "application/json");
  if (frames_ && said.status != 200) {
    const auto error = dialect::read_error(dialect::Dialect::anthropic, said.status, said.body);
    said.body = bedrock_error(said.status, error.message, headers);
  } else if (frames_ && carried_.way.count) {
    said.body = bedrock_count(said.body);
  }
  return said;
}

void Interpreter::translate_error(ResponseHead& head, std::string& body, bool of_account) const {
  dialect::HubError error =
      dialect::read_error(carried_.way.provider, head.status, body, content_type_of(head));
  if (of_account) {
    error.status = 402;
    error.type = "billing_error";
    error.code.clear();
  }
  Headers headers = client_headers(head.headers);
  if (const auto wait = headers.get(base::HeaderName::retry_after); !wait) {
    if (error.retry_after_s) headers.set("retry-after", std::to_string(*error.retry_after_s));
  } else if (const auto seconds = base::parse_number(*wait);
             seconds && *seconds <= told_wait_max_s) {
    // For Gemini's client it stands in the body.
    error.retry_after_s = static_cast<std::int64_t>(*seconds);
  }
  headers.set("content-type", "application/json");
  head.headers = std::move(headers);
  if (frames_) {
    head.status = error.status;
    body = bedrock_error(error.status, error.message, head.headers);
    return;
  }
  head.status = dialect::error_status(carried_.way.client, error);
  body = dialect::error_body(carried_.way.client, error);
}

Answer Interpreter::refusal_answer() const {
  const std::string& named = carried_.provider.model.empty() ? model_ : carried_.provider.model;
  std::string hub;
  dialect::JsonOut json(hub);
  json.object().string("id", dialect::Seed(carried_.provider.seed).made("msg_"));
  json.string("type", "message").string("role", "assistant").string("model", named);
  json.array("content").end().string("stop_reason", "refusal").null("stop_sequence");
  json.key("usage");
  dialect::write_hub_usage(json, {});
  json.end();
  Answer answer;
  answer.status = 200;
  answer.headers.add("content-type", content_type(wants_stream_));
  if (wants_stream_) hub = dialect::stream_of_message(hub);
  if (!encodes()) {
    answer.body = std::move(hub);
  } else if (wants_stream_) {
    const auto writer = encoder(true);
    writer->feed(hub, answer.body);
    writer->end(answer.body);
  } else {
    answer.body = whole_answer(hub, false, answer.headers).body;
  }
  return answer;
}

std::string Interpreter::error_said(ResponseHead& head, std::string_view type,
                                    std::string_view message) const {
  dialect::HubError error;
  error.status = head.status;
  error.type = type;
  error.message = message;
  head.headers = client_headers(head.headers);
  head.headers.set("content-type", "application/json");
  if (frames_) return bedrock_error(error.status, message, head.headers);
  head.status = dialect::error_status(carried_.way.client, error);
  return dialect::error_body(carried_.way.client, error);
}

Headers Interpreter::client_headers(const Headers& provider) const {
  Headers out = dialect::client_rate_limits(carried_.way.client, provider, now_s_);
  for (const char* name : {"retry-after", "retry-after-ms", "x-should-retry"}) {
    if (const auto value = provider.get(name); value && !out.contains(name)) out.add(name, *value);
  }
  return out;
}

std::string_view Interpreter::content_type(bool is_stream) const {
  const bool is_array = carried_.way.client == dialect::Dialect::gemini && !carried_.way.sse;
  if (frames_ && is_stream) return "application/vnd.amazon.eventstream";
  return is_stream && !is_array ? "text/event-stream" : "application/json";
}

}  // namespace ccrelay::exchange
