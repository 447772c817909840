#include "dialect/responses_tools.hpp"

#include "dialect/hub_tools.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::string_view custom_schema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";
constexpr std::string_view local_shell_schema =
    R"({"type":"object","properties":{"command":{"type":"array","items":{"type":"string"}},)"
    R"("workdir":{"type":"string"},"timeout_ms":{"type":"integer"}},"required":["command"]})";
constexpr std::string_view shell_schema =
    R"({"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},)"
    R"("timeout_ms":{"type":"integer"},"max_output_length":{"type":"integer"}},)"
    R"("required":["commands"]})";
constexpr std::string_view apply_patch_schema =
    R"({"type":"object","properties":{"type":{"type":"string",)"
    R"("enum":["create_file","update_file","delete_file"]},"path":{"type":"string"},)"
    R"("diff":{"type":"string"}},"required":["type","path"]})";

// The format of a custom tool's input in words: elsewhere nothing holds a model to a grammar.
std::string with_format(std::string description, Json format) {
  const std::string definition = format["definition"].text();
  if (definition.empty()) return description;
  if (!description.empty()) description += "\n\n";
  const std::string syntax = format["syntax"].text();
  description += "`input` must match this " + (syntax.empty() ? "" : syntax + " ") + "grammar:\n";
  return description + definition;
}

}  // namespace

bool is_web_search(std::string_view type) {
  return type.substr(0, 10) == "web_search";
}

void ResponsesTools::add(Json tool) {
  const std::string type = tool["type"].text();
  if (type == "function") return add_function(tool, {});
  if (type == "custom") return add_custom(tool, {});
  if (type == "namespace") {
    const std::string name_space = tool["name"].text();
    for (const Json& inner : tool["tools"].items()) {
      if (inner["type"].is("custom")) {
        add_custom(inner, name_space);
      } else {
        add_function(inner, name_space);
      }
    }
    return;
  }
  if (type == "tool_search" && tool["execution"].is("client")) {
    return add_named(type, tool["description"].text(), typed_schema(tool["parameters"]));
  }
  if (type == "local_shell") {
    return add_named(type, "Runs a command on the user's machine and returns its output.",
                     local_shell_schema);
  }
  if (type == "shell") {
    return add_named(type, "Runs shell commands on the user's machine and returns their output.",
                     shell_schema);
  }
  if (type == "apply_patch") {
    return add_named(type, "Creates, updates or deletes one file; `diff` is a V4A diff.",
                     apply_patch_schema);
  }
  if (is_web_search(type) && !web_search_) web_search_ = tool;
  hosted_.push_back(type);
}

std::string ResponsesTools::hub_name(std::string_view name, std::string_view name_space) const {
  if (name_space.empty()) return std::string(name);
  return std::string(name_space) + "__" + std::string(name);
}

void ResponsesTools::add_function(Json tool, std::string_view name_space) {
  put({"function", std::string(name_space), tool["name"].text()}, tool["description"].text(),
      typed_schema(tool["parameters"]), tool["strict"].is_true());
}

void ResponsesTools::add_custom(Json tool, std::string_view name_space) {
  put({"custom", std::string(name_space), tool["name"].text()},
      with_format(tool["description"].text(), tool["format"]), custom_schema, false);
}

void ResponsesTools::add_named(std::string_view name, std::string_view description,
                               std::string_view schema) {
  put({std::string(name), {}, std::string(name)}, description, schema, false);
}

void ResponsesTools::put(ClientTool tool, std::string_view description, std::string_view schema,
                         bool strict) {
  const std::string name = hub_name(tool.name, tool.name_space);
  // The same tool comes again: a tool_search_output stays in the history.
  if (name.empty() || !names_.emplace(name, std::move(tool)).second) return;
  std::string text;
  JsonOut json(text);
  json.object().string("name", name);
  if (!description.empty()) json.string("description", description);
  json.raw("input_schema", schema);
  if (strict) json.boolean("strict", true);
  json.end();
  tools_.emplace_back(name, std::move(text));
}

}  // namespace ccrelay::dialect
