#include "dialect/hub_tools.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace ccrelay::dialect {

bool is_hosted_tool(Json tool) {
  const Json type = tool["type"];
  return type.told() && !type.is("custom");
}

void write_typed_schema(JsonOut& json, Json schema) {
  if (!schema.is_object() || schema.is_empty()) {
    json.written(R"({"type":"object","properties":{}})");
  } else if (schema["type"].told()) {
    json.raw(schema);
  } else {
    json.raw(R"({"type":"object",)" + std::string(schema.raw().substr(1)));
  }
}

std::string typed_schema(Json schema) {
  std::string text;
  JsonOut json(text);
  write_typed_schema(json, schema);
  return text;
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

void cut_tools(std::vector<Json>& tools, Json tool_choice, const Profile& profile,
               Findings& findings) {
  const auto most = static_cast<std::size_t>(profile.tools_max);
  if (most == 0 || tools.size() <= most) return;
  findings.cannot_carry("tools", "more than " + std::to_string(most) + " tools");
  const std::string forced = tool_choice["type"].is("tool") ? tool_choice["name"].text() : "";
  const auto beyond = tools.begin() + static_cast<std::ptrdiff_t>(most);
  const auto named = std::find_if(
      beyond, tools.end(), [&](Json tool) { return !forced.empty() && tool["name"].is(forced); });
  if (named != tools.end()) *std::prev(beyond) = *named;
  tools.erase(beyond, tools.end());
}

}  // namespace ccrelay::dialect
