#include "dialect/to_chat_tools.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "dialect/answer_schema.hpp"
#include "dialect/hub_tools.hpp"

namespace ccrelay::dialect {
namespace {

void write_chat_function(Json tool, const Profile& profile, Names& names, Findings& findings,
                         JsonOut& out) {
  Json name, description, schema, strict;
  for (const JsonMember& member : tool.members()) {
    if (member.is("name")) name = member.value;
    if (member.is("description")) description = member.value;
    if (member.is("input_schema")) schema = member.value;
    if (member.is("strict")) strict = member.value;
  }
  out.object().string("type", "function").object("function");
  out.string("name", names.out(name.text()));
  if (description.is_string()) out.raw("description", description);
  const bool wanted = strict.is_true() && profile.strict;
  const std::string shut = wanted ? strict_schema(Json(typed_schema(schema))) : std::string();
  if (shut.empty() && strict.is_true()) findings.drop("strict");
  if (shut.empty()) {
    write_typed_schema(out.key("parameters"), schema);
  } else {
    out.written("parameters", shut).boolean("strict", true);
  }
  out.end().end();
}

void write_chat_choice(Json choice, const Profile& profile, Names& names, JsonOut& out) {
  const Json type = choice["type"];
  const auto word = [&](std::string_view wanted) {
    if (profile.has_tool_choice(wanted)) out.string("tool_choice", wanted);
  };
  // Where a call cannot be forced the model is asked all the same, and may decide.
  const auto forced = [&] {
    for (const std::string_view wanted : {"required", "any", "auto"}) {
      if (profile.has_tool_choice(wanted)) return word(wanted);
    }
  };
  if (type.is("auto") || type.is("none")) return word(type.text());
  if (type.is("any")) return forced();
  if (!type.is("tool")) return;
  if (!profile.has_tool_choice("function")) return forced();
  out.object("tool_choice").string("type", "function").object("function");
  out.string("name", names.out(choice["name"].text())).end().end();
}

}  // namespace

bool write_chat_tools(Json tools, Json tool_choice, const Profile& profile, Names& names,
                      Findings& findings, JsonOut& out) {
  std::vector<Json> functions;
  const bool hosted_needed = hosted_tools_needed(tools, tool_choice);
  for (const Json& tool : tools.items()) {
    if (!is_hosted_tool(tool)) {
      functions.push_back(tool);
    } else if (hosted_needed) {
      findings.cannot_carry("tools", tool["type"].text());
    } else {
      findings.drop(tool["type"].text());
    }
  }
  cut_tools(functions, tool_choice, profile, findings);
  if (functions.empty()) return false;
  out.array("tools");
  for (const Json& tool : functions) write_chat_function(tool, profile, names, findings, out);
  out.end();
  Json choice = tool_choice;
  // A hosted tool that was left out cannot be asked for.
  if (choice["type"].is("tool")) {
    bool there = false;
    for (const Json& tool : functions) there = there || tool["name"].is(choice["name"].text());
    if (!there) choice = Json();
  }
  write_chat_choice(choice, profile, names, out);
  if (tool_choice["disable_parallel_tool_use"].is_true() && profile.parallel_tool_calls)
    out.boolean("parallel_tool_calls", false);
  return true;
}

}  // namespace ccrelay::dialect
