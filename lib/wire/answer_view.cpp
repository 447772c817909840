#include "wire/answer_view.hpp"

#include <array>
#include <utility>

#include "wire/signature_json.hpp"
#include "wire/usage_json.hpp"

namespace ccrelay::wire {

namespace dom = simdjson::dom;

namespace {

// A text, or a number as text; empty where there is none.
std::string text_of(dom::element object, const char* name) {
  std::string_view text;
  std::int64_t number = 0;
  if (!object[name].get_string().get(text)) return std::string(text);
  if (!object[name].get_int64().get(number)) return std::to_string(number);
  return {};
}

template <std::size_t count>
std::string first_text(dom::element object, const std::array<const char*, count>& names) {
  for (const char* name : names) {
    if (std::string text = text_of(object, name); !text.empty()) return text;
  }
  return {};
}

constexpr std::array code_names{"code",    "status_code", "statusCode",
                                "errcode", "error_code",  "status"};
constexpr std::array message_names{"message", "msg",           "errmsg",  "error_msg",
                                   "detail",  "error_message", "Message", "status_msg"};

void take_error(dom::element object, ProviderError& error) {
  error.type = text_of(object, "type");
  error.message = first_text(object, message_names);
  error.code = first_text(object, code_names);
  // Google's word stands beside a number that says the same.
  if (error.type.empty()) error.type = text_of(object, "status");
}

// What vendors write where nothing is wrong.
bool says_success(std::string_view code) {
  for (const std::string_view one : {"0", "200", "success", "ok", "OK", "SUCCESS"}) {
    if (code == one) return true;
  }
  return false;
}

bool is_true(dom::element object, const char* name) {
  bool value = false;
  return !object[name].get_bool().get(value) && value;
}

bool is_false(dom::element object, const char* name) {
  bool value = true;
  return !object[name].get_bool().get(value) && !value;
}

// {"code":…,"msg":…} and its like, which say by the code or a flag that it is an error.
bool take_flat_error(dom::element document, ProviderError& error) {
  const bool is_named = text_of(document, "type") == "error" || is_true(document, "error") ||
                        is_false(document, "success");
  take_error(document, error);
  const bool has_code = !error.code.empty() && !says_success(error.code);
  if (is_named) return true;
  return has_code && !error.message.empty();
}

bool take_any_error(dom::element document, ProviderError& error) {
  dom::array list;
  dom::element first;
  if (!document.get_array().get(list) && !list.at(0).get(first)) document = first;
  if (!document.is_object()) return false;
  dom::element found;
  if (!document["error"].get(found)) {
    if (found.is_object()) {
      take_error(found, error);
      return true;
    }
    std::string_view text;
    if (!found.get_string().get(text) && !text.empty()) {
      take_error(document, error);
      error.message = text;
      return true;
    }
  }
  if (!document["base_resp"].get(found) && found.is_object()) {
    const std::string code = text_of(found, "status_code");
    if (!code.empty() && !says_success(code)) {
      take_error(found, error);
      return true;
    }
  }
  if (!document["errors"].get_array().get(list) && !list.at(0).get(first) && first.is_object()) {
    take_error(first, error);
    return true;
  }
  ProviderError flat;
  if (!take_flat_error(document, flat)) return false;
  error = std::move(flat);
  return true;
}

// A stream tells its id in the first event, and why it ended in the last but one.
void take_names(dom::element document, dom::element message, AnswerNames& names) {
  std::string_view text;
  if (!message["id"].get_string().get(text)) names.id = text;
  if (!message["stop_reason"].get_string().get(text)) names.stop_reason = text;
  if (!document["delta"]["stop_reason"].get_string().get(text)) names.stop_reason = text;
}

// Of a message, or of what holds one.
bool take_usage(dom::element document, UsageReader& usage) {
  dom::element message;
  if (document["message"].get(message) || !message.is_object()) message = document;
  std::string_view model;
  if (!message["model"].get_string().get(model)) usage.set_model(model);
  if (AnswerNames* names = usage.names()) take_names(document, message, *names);
  dom::element found;
  if (document["usage"].get(found) && message["usage"].get(found)) return false;
  usage.read(UsageReader::Json{found});
  return true;
}

// JSON that is well-formed to the eye of another reader.
bool is_beyond(simdjson::error_code failure) {
  return failure == simdjson::UTF8_ERROR || failure == simdjson::DEPTH_ERROR ||
         failure == simdjson::NUMBER_ERROR || failure == simdjson::CAPACITY ||
         failure == simdjson::MEMALLOC;
}

}  // namespace

struct AnswerFacts::Parts {
  dom::parser parser;

  // Without text the parser would copy from where nothing is.
  bool parse(std::string_view json, dom::element& document) {
    return !json.empty() && !parser.parse(json.data(), json.size()).get(document);
  }
};

AnswerFacts::AnswerFacts() : parts_(std::make_unique<Parts>()) {}
AnswerFacts::~AnswerFacts() = default;

bool AnswerFacts::read_usage(std::string_view json, UsageReader& usage) {
  dom::element document;
  return parts_->parse(json, document) && document.is_object() && take_usage(document, usage);
}

std::string AnswerFacts::read_metrics(std::string_view json) {
  constexpr const char* name = "amazon-bedrock-invocationMetrics";
  if (json.find(name) == std::string_view::npos) return {};
  dom::element document;
  dom::element found;
  if (!parts_->parse(json, document) || document[name].get(found)) return {};
  return simdjson::minify(found);
}

bool AnswerFacts::read_error(std::string_view json, ProviderError& error) {
  dom::element document;
  return parts_->parse(json, document) && take_any_error(document, error);
}

JsonAnswer AnswerFacts::read_answer(std::string_view json, const Told& told) {
  if (json.empty()) return JsonAnswer::other;
  dom::element document;
  const auto failure = parts_->parser.parse(json.data(), json.size()).get(document);
  if (failure) return is_beyond(failure) ? JsonAnswer::unreadable : JsonAnswer::other;
  std::string_view type;
  dom::array content;
  std::uint64_t count = 0;
  const bool is_error = !document["type"].get_string().get(type) && type == "error";
  const bool has_content = !document["content"].get_array().get(content);
  if (!is_error && (type == "message" || has_content)) {
    take_usage(document, told.usage);
    if (has_content) told.signatures = signatures_in(content);
    return JsonAnswer::message;
  }
  // The second is Bedrock's own form, for a client that speaks it.
  for (const char* name : {"input_tokens", "inputTokens"}) {
    if (!document[name].get_uint64().get(count)) return JsonAnswer::count;
  }
  return take_any_error(document, told.error) ? JsonAnswer::error : JsonAnswer::other;
}

std::string AnswerFacts::read_type(std::string_view json) {
  dom::element document;
  std::string_view type;
  if (!parts_->parse(json, document)) return {};
  if (document["type"].get_string().get(type)) return {};
  return std::string(type);
}

}  // namespace ccrelay::wire
