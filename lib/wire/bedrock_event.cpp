#include "wire/bedrock_event.hpp"

#include <simdjson.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::wire {

namespace ondemand = simdjson::ondemand;

namespace {

constexpr std::size_t kept_bytes = 1 << 20;

BedrockOutcome append_error(std::string& sse, std::string_view type, std::string_view message) {
  sse += "event: error\ndata: ";
  sse += error_envelope(type, message, {});
  sse += "\n\n";
  return BedrockOutcome::error;
}

BedrockOutcome append_unreadable(std::string& sse) {
  return append_error(sse, "api_error", "the provider sent a chunk that can't be read");
}

bool is_name(std::string_view type) {
  return std::none_of(type.begin(), type.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void append_event(std::string& sse, std::string_view type, std::string_view json) {
  sse += "event: ";
  sse += type;
  sse += "\ndata: ";
  const std::size_t begin = sse.size();
  sse += json;
  // JSON has line ends between tokens alone, where a blank is as good; an event stream's end there.
  const auto ends_line = [](char c) { return c == '\n' || c == '\r'; };
  std::replace_if(sse.begin() + static_cast<std::ptrdiff_t>(begin), sse.end(), ends_line, ' ');
  sse += "\n\n";
}

}  // namespace

struct BedrockEvents::Parts {
  // One for each level: the inner text must not take the outer's memory.
  ondemand::parser outer;
  ondemand::parser inner;
  std::string payload;
  std::string json;

  static simdjson::simdjson_result<ondemand::document> parse(ondemand::parser& parser,
                                                             std::string& text) {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    return parser.iterate(text.data(), text.size(), text.capacity());
  }
  // Of an object; empty if it has no such text. False if it is no object that can be read.
  static bool read_text(ondemand::parser& parser, std::string& json, const char* name,
                        std::string_view& value) {
    ondemand::document document;
    ondemand::object object;
    if (parse(parser, json).get(document) || document.get_object().get(object)) return false;
    const auto error = object.find_field(name).get_string().get(value);
    if (error) value = {};
    return !error || error == simdjson::NO_SUCH_FIELD || error == simdjson::INCORRECT_TYPE;
  }
};

BedrockEvents::BedrockEvents() : parts_(std::make_unique<Parts>()) {}
BedrockEvents::~BedrockEvents() = default;

BedrockOutcome BedrockEvents::append(std::string& sse, const EventMessage& message) {
  const std::string_view kind = message.text(":message-type");
  BedrockOutcome outcome = BedrockOutcome::dropped;
  if (kind == "event" && message.text(":event-type") == "chunk") {
    outcome = append_chunk(sse, message.payload);
  } else if (kind == "exception") {
    outcome = append_exception(sse, message.text(":exception-type"), message.payload);
  } else if (kind == "error") {
    const std::string_view code = message.text(":error-code");
    const std::string_view text = message.text(":error-message");
    outcome = append_error(sse, bedrock_error_type(code), text.empty() ? code : text);
  }
  if (message.payload.size() > kept_bytes) parts_ = std::make_unique<Parts>();
  return outcome;
}

BedrockOutcome BedrockEvents::append_chunk(std::string& sse, std::string_view payload) {
  Parts& parts = *parts_;
  parts.payload.assign(payload);
  std::string_view bytes;
  if (!Parts::read_text(parts.outer, parts.payload, "bytes", bytes)) return append_unreadable(sse);
  if (bytes.empty()) return BedrockOutcome::dropped;
  parts.json.clear();
  std::string_view type;
  if (!base::append_base64_decoded(parts.json, bytes) ||
      !Parts::read_text(parts.inner, parts.json, "type", type)) {
    return append_unreadable(sse);
  }
  if (type.empty() || !is_name(type)) return BedrockOutcome::dropped;
  append_event(sse, type, parts.json);
  return type == "error" ? BedrockOutcome::error : BedrockOutcome::event;
}

BedrockOutcome BedrockEvents::append_exception(std::string& sse, std::string_view name,
                                               std::string_view payload) {
  Parts& parts = *parts_;
  parts.payload.assign(payload);
  std::string_view text;
  if (!Parts::read_text(parts.outer, parts.payload, "message", text) || text.empty()) text = name;
  return append_error(sse, bedrock_error_type(name), text);
}

std::string_view bedrock_error_type(std::string_view exception) {
  exception = exception.substr(0, exception.find(':'));
  exception.remove_prefix(exception.find('#') + 1);  // npos + 1 is 0
  const auto is = [exception](std::string_view name) { return base::iequals(exception, name); };
  if (is("throttlingException")) return "rate_limit_error";
  if (is("serviceUnavailableException")) return "overloaded_error";
  if (is("validationException")) return "invalid_request_error";
  return "api_error";
}

}  // namespace ccrelay::wire
