#include "envelope.hpp"

#include <simdjson.h>

#include <cstdint>
#include <string_view>

namespace ccrelay::app::contract {
namespace {

bool is_number_at(const std::string& json, const char* pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::int64_t number = 0;
  return parser.parse(simdjson::padded_string(json)).get(root) == simdjson::SUCCESS &&
         root.at_pointer(pointer).get(number) == simdjson::SUCCESS;
}

}  // namespace

std::string text_in(const std::string& json, const char* pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(json)).get(root) != simdjson::SUCCESS) return {};
  if (root.at_pointer(pointer).get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

bool is_envelope(const Exchange& answer, Format format) {
  const std::string& json = answer.body();
  if (!answer.is_json() || text_in(json, "/error/message").empty()) return false;
  // https://cloud.google.com/apis/design/errors; npm openai's APIError.
  if (format == gemini)
    return is_number_at(json, "/error/code") && !text_in(json, "/error/status").empty();
  if (text_in(json, "/error/type").empty()) return false;
  const bool is_anthropic = text_in(json, "/type") == "error";
  return (format & openai_formats) != 0 ? !is_anthropic : is_anthropic;
}

std::string_view envelope_words(Format format) {
  if (format == gemini) return R"({"error":{"code","message","status"}})";
  return (format & openai_formats) != 0 ? R"({"error":{"message","type","param","code"}})"
                                        : R"({"type":"error","error":{"type","message"}})";
}

std::string error_type_of(const Exchange& answer) {
  return text_in(answer.body(), "/error/type");
}

}  // namespace ccrelay::app::contract
