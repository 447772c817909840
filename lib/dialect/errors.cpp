#include "dialect/errors.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/ascii.hpp"
#include "dialect/error_words.hpp"
#include "dialect/json_out.hpp"
#include "dialect/sse_events.hpp"
#include "wire/json_text.hpp"
#include "wire/page_words.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::size_t text_bytes_max = 500;

bool is_openai(Dialect dialect) {
  return dialect == Dialect::chat || dialect == Dialect::responses;
}

// A status that an error names itself, as a number or in digits.
int numeric_code(Json code) {
  std::optional<std::int64_t> number = code.integer();
  if (const auto digits = base::parse_number(code.text())) number = *digits;
  return number && *number >= 400 && *number < 600 ? static_cast<int>(*number) : 0;
}

std::string message_in(Json error) {
  if (error.is_string()) return error.text();
  for (const char* name : {"message", "msg", "detail", "error"}) {
    const Json member = error[name];
    if (member.is_string()) return member.text();
    if (member.is_object() || member.is_array())
      return std::string(member.raw().substr(0, text_bytes_max));
  }
  return std::string(error.raw().substr(0, text_bytes_max));
}

// "34.5s" of google.rpc.RetryInfo, rounded up.
std::optional<std::int64_t> retry_delay(Json details) {
  for (const Json& detail : details.items()) {
    const std::string delay = detail["retryDelay"].text();
    if (delay.size() < 2 || delay.back() != 's') continue;
    char* end = nullptr;
    const double seconds = std::strtod(delay.c_str(), &end);
    if (end + 1 != delay.c_str() + delay.size() || !(seconds >= 0) || seconds > 86400) continue;
    return static_cast<std::int64_t>(std::ceil(seconds));
  }
  return {};
}

bool has_reason(Json details, std::string_view reason) {
  for (const Json& detail : details.items()) {
    if (detail["reason"].is(reason)) return true;
  }
  return false;
}

// Of a success that is none: the status it names, as a number or by a word, else 502.
int status_inside(Json error) {
  if (const int status = numeric_code(error["code"])) return status;
  for (const char* name : {"code", "status", "type"}) {
    if (const int status = status_of_word(error[name].text())) return status;
  }
  return 502;
}

// The error inside of what a server answers: `error`, a list with one, the whole object.
Json error_inside(Json answer) {
  if (answer.is_array()) {
    for (const Json& item : answer.items()) return error_inside(item);
  }
  const Json error = answer["error"];
  return error.told() ? error : answer;
}

// Codex waits as long as the message of a rate limit says.
std::string told_message(Dialect client, const HubError& error) {
  if (!is_openai(client) || !error.retry_after_s || error.type != "rate_limit_error" ||
      error.message.find("try again in") != std::string::npos) {
    return error.message;
  }
  return error.message + " Please try again in " + std::to_string(*error.retry_after_s) + "s.";
}

std::string gemini_body(const HubError& error) {
  const GeminiWords words = gemini_words(error);
  std::string out;
  JsonOut json(out);
  json.object().object("error").number("code", words.status);
  json.string("message", error.message).string("status", words.word);
  if (error.retry_after_s) {
    json.array("details")
        .object()
        .string("@type", "type.googleapis.com/google.rpc.RetryInfo")
        .string("retryDelay", std::to_string(*error.retry_after_s) + "s");
  }
  json.end_all();
  return out;
}

std::string openai_body(Dialect client, const HubError& error) {
  const OpenAiWords words = openai_words(error);
  std::string out;
  JsonOut json(out);
  json.object().object("error").string("message", told_message(client, error));
  json.string("type", words.type);
  json.raw("param", error.param.empty() ? "null" : json_quoted(error.param));
  json.raw("code", words.code.empty() ? "null" : json_quoted(words.code));
  json.end_all();
  return out;
}

}  // namespace

HubError error_of(const Refused& refused) {
  return {refused.status, refused.type, refused.message, refused.code, refused.param, {}};
}

HubError read_error_object(Dialect provider, int status, Json error) {
  if (status < 400) status = status_inside(error);
  HubError out;
  out.message = message_in(error);
  if (out.message.empty()) out.message = "the provider told an error without words";
  std::string code = error["code"].text();
  if (error["type"].is("insufficient_quota")) code = "insufficient_quota";
  // llama.cpp's word.
  if (error["type"].is("exceed_context_size_error")) code = "context_length_exceeded";
  if (is_openai(provider)) {
    if (!base::parse_number(code)) out.code = code;
    out.param = error["param"].text();
  }
  const Json details = error["details"];
  out.retry_after_s = retry_delay(details);
  HubWords words = hub_words(status, code);
  if (provider == Dialect::gemini && status == 400 && has_reason(details, "API_KEY_INVALID"))
    words = {401, "authentication_error"};
  out.status = words.status;
  out.type = words.type;
  if (out.status == 400 || out.status == 413 || code == "context_length_exceeded") {
    if (auto told = prompt_too_long(code, out.message)) {
      out.message = *std::move(told);
      out.status = 400;
      out.type = "invalid_request_error";
    }
  }
  return out;
}

HubError read_error(Dialect provider, int status, std::string_view body,
                    std::string_view content_type) {
  if (const Json answer = Json::read(body); answer.is_object() || answer.is_array())
    return read_error_object(provider, status, error_inside(answer));
  const HubWords words = hub_words(status < 400 ? 502 : status, {});
  HubError out;
  out.status = words.status;
  // Nobody said that the request is wrong: it may be something in front of the provider that talks.
  out.type = words.type == "invalid_request_error" ? "api_error" : words.type;
  out.message = wire::page_words(body, content_type, text_bytes_max);
  if (out.message.empty())
    out.message = "the provider answered with status " + std::to_string(status) + " and no words";
  return out;
}

void tell_status(const AnswerContext& context, int status) {
  if (context.failed && context.failed->status == 0) context.failed->status = status;
}

int error_status(Dialect client, const HubError& error) {
  if (is_openai(client)) return openai_words(error).status;
  return client == Dialect::gemini ? gemini_words(error).status : error.status;
}

std::string error_body(Dialect client, const HubError& error, std::string_view request_id) {
  if (is_openai(client)) return openai_body(client, error);
  if (client == Dialect::gemini) return gemini_body(error);
  return wire::error_envelope(error.type, error.message, request_id);
}

std::string stream_error(Dialect client, const HubError& error) {
  std::string out;
  switch (client) {
    case Dialect::anthropic:
      append_event(out, "error", wire::error_envelope(error.type, error.message, {}));
      break;
    case Dialect::chat:
    case Dialect::gemini:
      append_event(out, "", error_body(client, error));
      break;
    case Dialect::responses:
      JsonOut(out)
          .object()
          .string("code", response_failure_code(error))
          .string("message", told_message(client, error))
          .end();
      break;
  }
  return out;
}

}  // namespace ccrelay::dialect
