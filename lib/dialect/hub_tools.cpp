#include "dialect/hub_tools.hpp"

namespace ccrelay::dialect {

bool is_hosted_tool(Json tool) {
  const Json type = tool["type"];
  return type.told() && !type.is("custom");
}

std::string typed_schema(Json schema) {
  if (!schema.is_object() || schema.is_empty()) return R"({"type":"object","properties":{}})";
  if (schema["type"].told()) return std::string(schema.raw());
  return R"({"type":"object",)" + std::string(schema.raw().substr(1));
}

bool hosted_tools_needed(Json tools, Json tool_choice) {
  const std::string forced = tool_choice["type"].is("tool") ? tool_choice["name"].text() : "";
  bool hosted = false;
  bool own = false;
  for (const Json& tool : tools.items()) {
    if (!is_hosted_tool(tool)) {
      own = true;
      continue;
    }
    hosted = true;
    if (!forced.empty() && tool["name"].is(forced)) return true;
  }
  return hosted && !own;
}

}  // namespace ccrelay::dialect
