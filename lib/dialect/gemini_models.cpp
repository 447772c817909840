#include "dialect/gemini_models.hpp"

#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

void write_model(JsonOut& json, std::string_view name) {
  json.object().string("name", "models/" + std::string(name)).string("displayName", name);
  json.array("supportedGenerationMethods").string("generateContent").string("countTokens").end();
  json.end();
}

}  // namespace

std::string gemini_models(std::span<const std::string> names) {
  std::string out;
  JsonOut json(out);
  json.object().array("models");
  for (const std::string& name : names) write_model(json, name);
  json.end_all();
  return out;
}

std::string gemini_model(std::string_view name) {
  std::string out;
  JsonOut json(out);
  write_model(json, name);
  return out;
}

}  // namespace ccrelay::dialect
