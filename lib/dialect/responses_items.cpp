#include "dialect/responses_items.hpp"

#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {
namespace {

// {"type":"exec","command":[…],"env":{},…}
void write_exec(JsonOut& json, Json input) {
  json.object("action").string("type", "exec");
  const Json command = input["command"];
  if (command.is_string()) {
    json.array("command").raw(command).end();
  } else {
    json.raw("command", command.is_array() ? command.raw() : "[]");
  }
  json.object("env").end();
  if (const Json folder = input["workdir"]; folder.told()) json.raw("working_directory", folder);
  if (const Json limit = input["timeout_ms"]; limit.told()) json.raw("timeout_ms", limit);
  json.end();
}

}  // namespace

std::string_view item_prefix(const ClientTool& tool) {
  if (tool.kind == "custom") return "ctc_";
  if (tool.kind == "tool_search") return "tsc_";
  if (tool.kind == "local_shell") return "lsh_";
  if (tool.kind == "shell") return "sh_";
  if (tool.kind == "apply_patch") return "apc_";
  return "fc_";
}

void write_call_item(JsonOut& json, const ResponsesCall& call, std::string_view status) {
  const std::string& kind = call.tool.kind;
  const Json input = Json::read(call.input);
  json.object().string("id", call.item_id);
  if (kind == "custom") {
    json.string("type", "custom_tool_call").string("input", call.input);
  } else if (kind == "tool_search") {
    json.string("type", "tool_search_call").string("execution", "client");
    json.raw("arguments", input.is_object() ? input.raw() : "{}");
  } else if (kind == "local_shell") {
    json.string("type", "local_shell_call");
    write_exec(json, input);
  } else if (kind == "shell") {
    json.string("type", "shell_call").null("environment");
    json.raw("action", input["commands"].is_array() ? input.raw() : R"({"commands":[]})");
  } else if (kind == "apply_patch") {
    json.string("type", "apply_patch_call");
    json.raw("operation", input.is_object() ? input.raw() : "{}");
  } else {
    json.string("type", "function_call").string("arguments", call.input);
  }
  json.string("status", status).string("call_id", call.call_id);
  if (kind == "custom" || kind == "function") {
    json.string("name", call.tool.name);
    if (!call.tool.name_space.empty()) json.string("namespace", call.tool.name_space);
  }
  json.end();
}

void write_message_item(JsonOut& json, std::string_view id, std::string_view part,
                        std::string_view status) {
  json.object().string("id", id).string("type", "message").string("status", status);
  json.string("role", "assistant").array("content");
  if (!part.empty()) json.raw(part);
  json.end().end();
}

std::string output_text_part(std::string_view text, std::string_view annotations) {
  std::string part;
  JsonOut json(part);
  json.object().string("type", "output_text").string("text", text);
  json.raw("annotations", "[" + std::string(annotations) + "]").array("logprobs").end().end();
  return part;
}

void write_reasoning_item(JsonOut& json, std::string_view id, std::string_view text,
                          std::string_view sealed) {
  json.object().string("id", id).string("type", "reasoning").array("summary");
  if (!text.empty()) json.object().string("type", "summary_text").string("text", text).end();
  json.end();
  if (!sealed.empty()) json.string("encrypted_content", sealed);
  json.end();
}

}  // namespace ccrelay::dialect
