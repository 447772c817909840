#include "envelope.hpp"

#include <simdjson.h>

#include <string_view>

namespace ccrelay::app::contract {
namespace {

std::string text_at(const std::string& json, const char* pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(json)).get(root) != simdjson::SUCCESS) return {};
  if (root.at_pointer(pointer).get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

}  // namespace

bool is_envelope(const Exchange& answer) {
  return answer.is_json() && text_at(answer.body(), "/type") == "error" &&
         !text_at(answer.body(), "/error/type").empty() &&
         !text_at(answer.body(), "/error/message").empty();
}

std::string error_type_of(const Exchange& answer) {
  return text_at(answer.body(), "/error/type");
}

}  // namespace ccrelay::app::contract
