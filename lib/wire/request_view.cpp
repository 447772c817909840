#include "wire/request_view.hpp"

#include <simdjson.h>

#include <array>
#include <utility>

#include "base/literal.hpp"
#include "wire/foreign_request.hpp"
#include "wire/json_scan.hpp"
#include "wire/message_reader.hpp"

namespace ccrelay::wire {

namespace ondemand = simdjson::ondemand;

struct RequestReader::Parts {
  ondemand::parser parser;
};

RequestReader::RequestReader() : parts_(std::make_unique<Parts>()) {}
RequestReader::~RequestReader() = default;

namespace {

// For a body of so many bytes the parser takes 5.7 times as much room, of which it writes to the
// four bytes of each comma, colon, bracket and string, and to the longest string.
constexpr std::size_t common_bytes = 1 << 20;
constexpr std::size_t kept_bytes_max = 8 << 20;

// What it takes it takes for the next ones too: the bodies of a conversation grow little by little.
std::size_t parser_room(std::size_t bytes) {
  return bytes + bytes / 4;
}

// What the relay reads must have one meaning: of two members with one name a provider might take
// the other.
enum ReadOnce : std::size_t { once_model, once_stream, once_metadata, once_system, once_messages };
constexpr std::array read_once{"model", "stream", "metadata", "system", "messages"};

bool is_foreign(Dialect dialect) {
  return dialect == Dialect::chat || dialect == Dialect::responses || dialect == Dialect::gemini;
}

std::size_t begin_of(ondemand::value& value, std::string_view body) {
  return static_cast<std::size_t>(value.raw_json_token().data() - body.data());
}

simdjson::error_code read_fields(ondemand::document& document, std::string_view body,
                                 ReadOptions options, RequestView& view, std::string_view& twice) {
  std::array<bool, read_once.size()> seen{};
  const auto note = [&](ReadOnce one) {
    if (std::exchange(seen[one], true)) twice = read_once[one];
  };
  MessageReader messages(document, body, options, view);
  ForeignRequest foreign(options, view);
  const bool is_other = is_foreign(options.dialect);
  ondemand::object object;
  if (auto error = document.get_object().get(object)) return error;
  for (auto found : object) {
    ondemand::value value;
    if (auto error = found.value().get(value)) return error;
    std::string_view key;
    if (auto error = read_name(found, key)) return error;
    if (base::is_literal(key, "model")) {
      note(once_model);
      ondemand::json_type type;
      if (auto error = value.type().get(type)) return error;
      if (type != ondemand::json_type::string) return simdjson::INCORRECT_TYPE;
      const std::string_view token = value.raw_json_token();
      const auto offset = static_cast<std::size_t>(token.data() - body.data());
      std::string_view model;
      if (auto error = value.get_string().get(model)) return error;
      view.model = model;
      // The token runs to the next structural character: the closing quote ends the string.
      const auto close = token.find_last_of('"');
      view.model_spans.push_back({offset, close + 1});
    } else if (base::is_literal(key, "stream")) {
      note(once_stream);
      bool stream = false;
      if (!value.get_bool().get(stream)) view.stream = stream;
    } else if (is_other) {
      if (foreign.is_turns(key)) view.turns_at = begin_of(value, body);
      if (auto error = foreign.read_member(key, value)) return error;
    } else if (base::is_literal(key, "max_tokens")) {
      std::uint64_t tokens = 0;
      if (!value.get_uint64().get(tokens)) view.max_tokens = tokens;
    } else if (base::is_literal(key, "cache_control")) {
      messages.read_cache_control(value);
    } else if (base::is_literal(key, "metadata")) {
      note(once_metadata);
      std::string_view user;
      ondemand::object metadata;
      if (value.get_object().get(metadata)) continue;
      if (!metadata["user_id"].get_string().get(user)) view.user_id = user;
    } else if (base::is_literal(key, "system")) {
      note(once_system);
      if (auto error = messages.read_system(value)) return error;
    } else if (base::is_literal(key, "tools")) {
      if (auto error = messages.read_tools(value)) return error;
    } else if (base::is_literal(key, "messages")) {
      note(once_messages);
      view.turns_at = begin_of(value, body);
      if (auto error = messages.read_messages(value)) return error;
    }
  }
  messages.finish();
  foreign.finish();
  if (!foreign.twice().empty()) twice = foreign.twice();
  return simdjson::SUCCESS;
}

}  // namespace

std::optional<SignatureDigest> signature_digest(std::string_view body, const ThinkingBlock& block) {
  const Span& span = block.signature;
  if (span.length == 0) return {};
  const std::string_view text = body.substr(span.offset, span.length);
  if (text.find('\\') == std::string_view::npos) return signature_digest(text);
  return signature_digest(json_decoded(body.substr(span.offset - 1, span.length + 2)));
}

bool RequestReader::holds_much() const {
  return parts_->parser.capacity() > common_bytes;
}

void RequestReader::let_go() {
  if (holds_much()) parts_ = std::make_unique<Parts>();
}

std::string RequestReader::read(std::string& body, RequestView& view, ReadOptions options) {
  if (body.capacity() < body.size() + simdjson::SIMDJSON_PADDING) {
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  }
  ondemand::document document;
  ondemand::parser& parser = parts_->parser;
  simdjson::error_code error = simdjson::SUCCESS;
  if (parser.capacity() < body.size()) error = parser.allocate(parser_room(body.size()));
  if (!error) error = parser.iterate(body.data(), body.size(), body.capacity()).get(document);
  std::string_view twice;
  if (!error) error = read_fields(document, body, options, view, twice);
  // Behind the object nothing but the end may stand.
  const char* rest = nullptr;
  const bool trailing = !error && !document.current_location().get(rest);
  if (parser.capacity() > kept_bytes_max) let_go();
  if (error == simdjson::INCORRECT_TYPE) {
    return view.model.empty() && !view.model_spans.empty()
               ? "\"model\" must be a string"
               : "the body must be a JSON object whose \"model\" is a string";
  }
  if (error) return std::string("the body is not valid JSON: ") + simdjson::error_message(error);
  if (trailing) return "the body is not valid JSON: something follows the object";
  if (!twice.empty()) return "the body has \"" + std::string(twice) + "\" more than once";
  if (view.model.empty()) return "the body names no \"model\"";
  return {};
}

}  // namespace ccrelay::wire
