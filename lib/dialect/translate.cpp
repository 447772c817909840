#include "dialect/translate.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dialect/anthropic_request.hpp"
#include "dialect/chat_request.hpp"
#include "dialect/errors.hpp"
#include "dialect/from_gemini.hpp"
#include "dialect/gemini_answer.hpp"
#include "dialect/gemini_request.hpp"
#include "dialect/hub_fold.hpp"
#include "dialect/hub_tools.hpp"
#include "dialect/json_out.hpp"
#include "dialect/responses_answer.hpp"
#include "dialect/responses_reader.hpp"
#include "dialect/responses_request.hpp"
#include "dialect/streams.hpp"

namespace ccrelay::dialect {
namespace {

Translation to_hub(const Way& way, std::string_view body, const TranslateOptions& options) {
  switch (way.client) {
    case Dialect::chat:
      return from_chat_request(body, options);
    case Dialect::responses:
      return way.count ? from_responses_count(body, options)
                       : from_responses_request(body, options);
    case Dialect::gemini:
      return way.count ? from_gemini_count(body, options) : from_gemini_request(body, options);
    case Dialect::anthropic:
      break;
  }
  return Translated();
}

// What `count_tokens` takes of a request (npm @anthropic-ai/sdk, MessageCountTokensParams).
std::string as_count(std::string_view request) {
  constexpr std::array<std::string_view, 7> counted{
      "model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"};
  std::string out;
  JsonOut json(out);
  json.object();
  const Json body(request);
  for (const JsonMember& member : body.members()) {
    const std::string name = member.name();
    if (std::find(counted.begin(), counted.end(), name) != counted.end())
      json.raw(name, member.value);
  }
  json.end();
  return out;
}

Translation from_hub(const Way& way, std::string_view hub, const TranslateOptions& options) {
  switch (way.provider) {
    case Dialect::chat:
      if (way.count) return NotCarriable{"", "counting tokens"};
      return to_chat_request(hub, options);
    case Dialect::responses:
      return way.count ? to_responses_count(hub, options) : to_responses_request(hub, options);
    case Dialect::gemini:
      return way.count ? to_gemini_count(hub, options) : to_gemini_request(hub, options);
    case Dialect::anthropic:
      break;
  }
  Translation sent = to_anthropic_request(hub, options);
  if (auto* translated = std::get_if<Translated>(&sent); translated && way.count)
    translated->body = as_count(translated->body);
  return sent;
}

TranslatedAnswer told(Dialect client, const HubError& error) {
  return {error_status(client, error), error_body(client, error)};
}

HubError no_message() {
  return {502, "api_error", "The provider's answer was not understood.", {}, {}, {}};
}

TranslatedAnswer not_understood(Dialect client) {
  return told(client, no_message());
}

// The count's answer: provider to hub to client.
TranslatedAnswer carry_count(const Way& way, std::string_view body) {
  std::optional<std::string> hub;
  if (way.provider == Dialect::responses) hub = from_responses_count_answer(body);
  if (way.provider == Dialect::gemini) hub = gemini_count_answer(body);
  if (way.provider == Dialect::anthropic) hub = body;
  if (!hub || hub->empty()) return not_understood(way.client);
  if (way.client == Dialect::responses) hub = to_responses_count_answer(*hub);
  if (way.client == Dialect::gemini) hub = to_gemini_count_answer(*hub);
  if (!hub || hub->empty()) return not_understood(way.client);
  return {200, *std::move(hub)};
}

// An answer of status 200 in the hub's words.
std::variant<std::string, HubError> hub_answer(const Carried& carried, std::string_view body) {
  TranslatedAnswer answer;
  switch (carried.way.provider) {
    case Dialect::chat:
      answer = from_chat_answer(body, carried.provider);
      break;
    case Dialect::responses:
      return from_responses_answer(body, carried.provider);
    case Dialect::gemini:
      answer = from_gemini_answer(body, carried.provider);
      break;
    case Dialect::anthropic:
      answer.body = body;
      break;
  }
  if (answer.status != 200) return read_error(Dialect::anthropic, answer.status, answer.body);
  const Json json = Json::read(answer.body);
  if (json["type"].is("error") || !json.is_object())
    return read_error(Dialect::anthropic, 200, answer.body);
  if (!json["type"].is("message")) return no_message();
  return std::move(answer.body);
}

TranslatedAnswer client_answer(const Carried& carried, std::string hub) {
  switch (carried.way.client) {
    case Dialect::chat:
      return to_chat_answer(hub, carried.client);
    case Dialect::responses:
      return {200, to_responses_answer(hub, carried.client)};
    case Dialect::gemini:
      return to_gemini_answer(hub, carried.client);
    case Dialect::anthropic:
      break;
  }
  return {200, std::move(hub)};
}

// What the second step left out, as the client said it: a search has the hub's name by then.
std::string as_client_said(Dialect client, std::string what) {
  if (client == Dialect::anthropic || what != hub_search_type) return what;
  return client == Dialect::gemini ? "googleSearch" : "web_search";
}

bool is_event_stream(std::string_view content_type) {
  return content_type.find("event-stream") != std::string_view::npos;
}

// Whether such an answer is kept until its end, where the client wants a stream.
bool is_read_whole(Dialect provider, std::string_view content_type) {
  // Gemini's reader knows a JSON array from one answer.
  return content_type.find("json") != std::string_view::npos && provider != Dialect::gemini;
}

// What a stream tells, read to its end.
std::variant<std::string, HubError> folded(const Carried& carried, std::string_view body) {
  std::string hub;
  if (const auto reader = stream_reader(carried.way.provider, carried.provider)) {
    reader->feed(body, hub);
    reader->end(hub);
  } else {
    hub = body;
  }
  bool failed = false;
  std::string message = message_of_stream(hub, &failed);
  if (failed) return read_error(Dialect::anthropic, 200, message);
  return message;
}

// A JSON answer for a client that wants a stream: nothing can be said before it is whole.
class AnswerAsStream final : public StreamTranslator {
 public:
  explicit AnswerAsStream(const Carried& carried)
      : carried_{carried.way, {}, {}, carried.client, carried.provider},
        writer_(stream_writer(carried.way.client, carried.client, carried.way.sse)) {}

  void feed(std::string_view in, std::string& out) override {
    if (failed_ || finished_) return;
    if (body_.size() + in.size() <= buffered_bytes_max) {
      body_ += in;
    } else {
      write(HubError{502, "api_error", "The provider's answer is too large.", {}, {}, {}}, out);
    }
  }
  void end(std::string& out) override {
    if (!failed_ && !finished_) write(hub_answer(carried_, body_), out);
    std::string().swap(body_);
  }
  bool failed() const override { return failed_; }
  bool finished() const override { return finished_; }
  std::size_t kept_bytes() const override { return body_.size(); }

 private:
  void write(const std::variant<std::string, HubError>& answer, std::string& out) {
    const auto* error = std::get_if<HubError>(&answer);
    const std::string hub = error ? stream_error(Dialect::anthropic, *error)
                                  : stream_of_message(std::get<std::string>(answer));
    if (error) tell_status(carried_.provider, error->status);
    failed_ = error != nullptr;
    finished_ = !failed_;
    if (!writer_) {
      out += hub;
      return;
    }
    writer_->feed(hub, out);
    writer_->end(out);
  }

  const Carried carried_;
  std::unique_ptr<StreamTranslator> writer_;
  std::string body_;
  bool failed_ = false;
  bool finished_ = false;
};

}  // namespace

std::variant<Carried, Refused, NotCarriable> carry_request(const Way& way, std::string_view body,
                                                           const TranslateOptions& options) {
  TranslateOptions first = options;
  first.model = way.asked_model;
  first.stream = way.asked_stream;
  // The others have a limit of their own, which may be less.
  if (way.provider != Dialect::anthropic) first.default_max_tokens = 0;
  Translation hub = to_hub(way, body, first);
  if (auto* refused = std::get_if<Refused>(&hub)) return std::move(*refused);
  if (auto* cannot = std::get_if<NotCarriable>(&hub)) return std::move(*cannot);
  auto& to_hub = std::get<Translated>(hub);
  // An Anthropic client's is the hub's already.
  const bool same = way.client == Dialect::anthropic;
  TranslateOptions second = options;
  if (!same) second.known = &to_hub.known;
  Translation sent = from_hub(way, same ? body : to_hub.body, second);
  if (auto* refused = std::get_if<Refused>(&sent)) return std::move(*refused);
  if (auto* cannot = std::get_if<NotCarriable>(&sent)) return std::move(*cannot);
  auto& to_provider = std::get<Translated>(sent);
  Carried out{way, std::move(to_provider.body), std::move(to_hub.dropped),
              std::move(to_hub.context), std::move(to_provider.context)};
  for (std::string& hub_word : to_provider.dropped) {
    std::string what = as_client_said(way.client, std::move(hub_word));
    if (std::find(out.dropped.begin(), out.dropped.end(), what) == out.dropped.end())
      out.dropped.push_back(std::move(what));
  }
  // An Anthropic client is told the model it asked for, else it drops the thinking; others are told
  // what the provider says.
  if (way.client != Dialect::anthropic) out.provider.model.clear();
  out.client.sent_model = out.provider.sent_model = options.model;
  // Nobody reads an Anthropic provider's answer before the client's words are put: the names that
  // were changed for it are mapped back there.
  if (way.provider == Dialect::anthropic) out.client.names.chain(out.provider.names);
  return out;
}

TranslatedAnswer carry_answer(const Carried& carried, int status, std::string_view body,
                              std::string_view content_type) {
  const Way& way = carried.way;
  if (status >= 400) return told(way.client, read_error(way.provider, status, body, content_type));
  if (way.count) {
    TranslatedAnswer count = carry_count(way, body);
    if (count.status >= 400) tell_status(carried.provider, count.status);
    return count;
  }
  auto answer = is_event_stream(content_type) ? folded(carried, body) : hub_answer(carried, body);
  if (const auto* error = std::get_if<HubError>(&answer)) {
    tell_status(carried.provider, error->status);
    return told(way.client, *error);
  }
  return client_answer(carried, std::move(std::get<std::string>(answer)));
}

std::unique_ptr<StreamTranslator> carry_stream(const Carried& carried,
                                               std::string_view content_type) {
  if (is_read_whole(carried.way.provider, content_type))
    return std::make_unique<AnswerAsStream>(carried);
  return two_steps(stream_reader(carried.way.provider, carried.provider),
                   stream_writer(carried.way.client, carried.client, carried.way.sse));
}

}  // namespace ccrelay::dialect
