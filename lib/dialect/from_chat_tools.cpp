#include "dialect/from_chat_tools.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/hub_tools.hpp"

namespace ccrelay::dialect {
namespace {

// What the model is told of a grammar that nothing enforces here.
std::string with_chat_grammar(std::string description, Json format) {
  const Json grammar = format["grammar"];
  if (!format["type"].is("grammar") || !grammar["definition"].is_string()) return description;
  if (!description.empty()) description += "\n\n";
  description += "The input follows this grammar (" + grammar["syntax"].text() + "):\n";
  return description + grammar["definition"].text();
}

// The choice as it is, and which tools it leaves.
struct ChatChoice {
  std::string type;  // auto, any, none, tool; empty: not told
  std::string name;
  std::set<std::string> allowed;
  bool limited = false;
};

std::string hub_choice_word(Json word) {
  if (word.is("required")) return "any";
  return word.is("auto") || word.is("none") ? word.text() : "";
}

std::string chat_tool_name(Json tool) {
  const Json custom = tool["custom"];
  return (custom.is_object() ? custom : tool["function"])["name"].text();
}

ChatChoice read_chat_choice(Json choice) {
  if (choice.is_string()) return {hub_choice_word(choice), {}, {}, false};
  if (!choice.is_object()) return {};
  if (!choice["type"].is("allowed_tools")) return {"tool", chat_tool_name(choice), {}, false};
  const Json allowed = choice["allowed_tools"];
  ChatChoice limited{hub_choice_word(allowed["mode"]), {}, {}, true};
  for (const Json& tool : allowed["tools"].items()) limited.allowed.insert(chat_tool_name(tool));
  return limited;
}

void write_tool_of_chat(Json tool, AnswerContext& context, JsonOut& out) {
  const bool custom = tool["type"].is("custom");
  const Json what = tool[custom ? "custom" : "function"];
  const std::string name = what["name"].text();
  out.object().string("name", name);
  if (custom) {
    context.tools[name] = {"custom", {}, name};
    const std::string text = with_chat_grammar(what["description"].text(), what["format"]);
    if (!text.empty()) out.string("description", text);
    out.raw("input_schema", R"({"type":"object","properties":{"input":{"type":"string"}},)"
                            R"("required":["input"]})");
  } else {
    if (what["description"].is_string()) out.raw("description", what["description"]);
    write_typed_schema(out.key("input_schema"), what["parameters"]);
    if (what["strict"].is_true()) out.boolean("strict", true);
  }
  out.end();
}

}  // namespace

void write_hub_tools(Json tools, Json tool_choice, bool one_at_a_time, AnswerContext& context,
                     Findings& findings, JsonOut& out) {
  const ChatChoice choice = read_chat_choice(tool_choice);
  std::vector<Json> own;
  std::vector<std::string> hosted;
  for (const Json& tool : tools.items()) {
    const Json type = tool["type"];
    // Some leave the type out.
    const bool is_function = type.is("function") || (!type && tool["function"].is_object());
    if (!is_function && !type.is("custom")) {
      hosted.push_back(type.text());
    } else if (chat_tool_name(tool).empty()) {
      findings.refuse("tools", "a tool needs a name");
    } else if (!choice.limited || choice.allowed.count(chat_tool_name(tool)) > 0) {
      own.push_back(tool);
    }
  }
  for (const std::string& type : hosted) {
    if (own.empty()) {
      findings.cannot_carry("tools", type);
    } else {
      findings.drop(type);
    }
  }
  if (own.empty()) return;
  out.array("tools");
  for (const Json& tool : own) write_tool_of_chat(tool, context, out);
  out.end();
  const std::string type = choice.type.empty() && one_at_a_time ? "auto" : choice.type;
  if (type.empty()) return;
  out.object("tool_choice").string("type", type);
  if (type == "tool") out.string("name", choice.name);
  if (one_at_a_time && type != "none") out.boolean("disable_parallel_tool_use", true);
  out.end();
}

}  // namespace ccrelay::dialect
