#include "dialect/responses_input.hpp"

#include <array>
#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "dialect/json_out.hpp"
#include "dialect/responses_parts.hpp"
#include "dialect/search_text.hpp"

namespace ccrelay::dialect {
namespace {

// Calls of hosted tools, their results, and what a vendor keeps for itself. Both halves go.
constexpr std::array<std::string_view, 18> left_out{
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "computer_call",
    "computer_call_output",
    "image_generation_call",
    "mcp_call",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
    "program",
    "program_output",
    "compaction",
    "compaction_trigger",
    "compaction_summary",
    "context_compaction",
    "ghost_snapshot",
    "additional_tools",
};

bool is_left_out(std::string_view type) {
  for (const std::string_view one : left_out) {
    if (one == type) return true;
  }
  return false;
}

// A search of before, and what it found, in words; empty where neither is told.
std::string past_search(Json item) {
  const std::string query = search_query(item);
  if (!is_search_item(item) || query.empty()) return {};
  std::string asked;
  JsonOut(asked).object().string("name", "web_search").string("id", "1");
  std::string found;
  JsonOut json(found);
  json.object().string("tool_use_id", "1");
  if (item["status"].is("failed")) {
    json.object("content").end();
  } else {
    json.array("content");
    for (const Json& source : item["action"]["sources"].items()) json.raw(source);
    json.end();
  }
  json.end();
  asked += R"(,"input":{"query":)" + json_quoted(query) + "}}";
  SearchText text;
  text.search(Json(asked));
  return text.found(Json(found));
}

struct DataUrl {
  std::string_view media_type;
  std::string_view data;  // base64
};

// data:MEDIA_TYPE[;…];base64,DATA (RFC 2397)
std::optional<DataUrl> read_data_url(std::string_view url) {
  if (url.substr(0, 5) != "data:") return {};
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return {};
  const std::string_view head = url.substr(5, comma - 5);
  if (head.size() < 7 || head.substr(head.size() - 7) != ";base64") return {};
  return DataUrl{head.substr(0, head.find(';')), url.substr(comma + 1)};
}

// A block with a source of data: an image or a document.
std::string data_block(std::string_view type, std::string_view media_type, std::string_view data,
                       std::string_view title = {}) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", type).object("source").string("type", "base64");
  json.string("media_type", media_type).string("data", data).end();
  if (!title.empty()) json.string("title", title);
  json.end();
  return block;
}

std::string url_block(std::string_view type, std::string_view url, std::string_view title = {}) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", type).object("source").string("type", "url").string("url", url);
  json.end();
  if (!title.empty()) json.string("title", title);
  json.end();
  return block;
}

std::string text_document(std::string_view text, std::string_view title) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", "document").object("source").string("type", "text");
  json.string("media_type", "text/plain").string("data", text).end();
  if (!title.empty()) json.string("title", title);
  json.end();
  return block;
}

// Members of an action that the hub's tool has under the same or another name.
std::string local_shell_input(Json action) {
  std::string input;
  JsonOut json(input);
  json.object();
  if (const Json command = action["command"]) json.raw("command", command);
  if (const Json folder = action["working_directory"]; folder.told()) json.raw("workdir", folder);
  if (const Json limit = action["timeout_ms"]; limit.told()) json.raw("timeout_ms", limit);
  json.end();
  return input;
}

std::string object_or_empty(Json value) {
  if (value.is_string()) return input_from_arguments(value.text());
  std::string text;
  JsonOut(text).raw(value.is_object() ? value : Json("{}"));
  return text;
}

// What a shell's commands printed, as a person would read it.
std::string shell_text(Json output) {
  if (output.is_string()) return output.text();
  std::string text;
  for (const Json& one : output.items()) {
    for (const std::string& part : {one["stdout"].text(), one["stderr"].text()}) {
      if (part.empty()) continue;
      if (!text.empty() && text.back() != '\n') text += '\n';
      text += part;
    }
    const Json outcome = one["outcome"];
    if (!text.empty() && text.back() != '\n') text += '\n';
    if (outcome["type"].is("timeout")) text += "(timed out)";
    if (const auto code = outcome["exit_code"].integer()) {
      text += "(exit code " + std::to_string(*code) + ")";
    }
  }
  return text;
}

// The names of the tools that a search found.
std::string found_tools(Json tools) {
  std::string text;
  for (const Json& tool : tools.items()) {
    text += text.empty() ? "Tools found: " : ", ";
    text += tool["name"].text();
  }
  return text.empty() ? "No tools found." : text;
}

}  // namespace

void ResponsesInput::read(Json input) {
  if (input.is_string()) {
    turns_.user_text(Words::of(input));
    return;
  }
  std::size_t index = 0;
  for (const Json& one : input.items()) {
    at_ = "input[" + std::to_string(index++) + "]";
    item(one);
    if (findings_.stopped()) return;
  }
  if (const std::string id = turns_.unasked(); !id.empty()) {
    at_ = "input";
    refuse("", "No tool call found for the output with call_id " + id + ".");
  }
}

void ResponsesInput::system_text(Json text) {
  if (text.is_string() && !text.is_empty()) system_.push_back(block_of_text(Words::of(text)));
}

void ResponsesInput::refuse(std::string_view member, std::string message) {
  findings_.refuse(at_ + std::string(member), std::move(message));
}

std::string ResponsesInput::unsupported(std::string_view what) {
  findings_.cannot_carry(at_, std::string(what));
  return {};
}

void ResponsesInput::item(Json item) {
  if (!item.is_object()) return refuse("", "An item is an object.");
  const auto [kind, speaker, content] = item.picked("type", "role", "content");
  const std::string type = kind.text();
  const std::string role = speaker.text();
  const bool is_message = type == "message" || (type.empty() && !role.empty());
  if (!is_message && type != "additional_tools") leading_ = false;
  if (is_message) return message(content, role);
  if (type == "reasoning") return reasoning(item);
  if (type == "item_reference") {
    return refuse(".type", "Items by reference are not kept here; send the item itself.");
  }
  if (call(item, type) || output(item, type)) return;
  if (!is_left_out(type)) return refuse(".type", "Unknown type of item: " + type + ".");
  // So that the model still knows what was found.
  if (const std::string words = past_search(item); !words.empty()) {
    return turns_.assistant_text(words);
  }
  // The lists of tools were read before; without them the names of calls would not be known.
  if (type != "additional_tools") findings_.drop(type);
}

void ResponsesInput::message(Json content, std::string_view role) {
  if (role == "system" || role == "developer") return system_message(content);
  leading_ = false;
  if (role == "assistant") return assistant_message(content);
  if (role != "user") return refuse(".role", "Unknown role: " + std::string(role) + ".");
  if (content.is_string()) return turns_.user_text(Words::of(content));
  std::vector<HubBlock> blocks;
  if (!parts(content, blocks)) return;
  for (HubBlock& block : blocks) turns_.user(std::move(block));
}

void ResponsesInput::system_message(Json content) {
  const auto take = [this](Json text) {
    if (leading_) return system_text(text);
    // In place: put in front, it would undo the prompt cache with each turn.
    if (text.is_string() && !text.is_empty())
      turns_.user_text(Words("<system-reminder>\n").add(text).add("\n</system-reminder>"));
  };
  if (content.is_string()) return take(content);
  for (const Json& part : content.items()) take(part["text"]);
}

void ResponsesInput::assistant_message(Json content) {
  if (content.is_string()) return turns_.assistant_text(Words::of(content));
  for (const Json& part : content.items()) {
    const auto [type, text, refusal] = part.picked("type", "text", "refusal");
    if (type.is("refusal")) {
      turns_.assistant_text(Words::of(refusal));
    } else if (type.is("output_text") || type.is("text") || type.is("input_text")) {
      turns_.assistant_text(Words::of(text));
    } else {
      return refuse(".content", "Unknown type of part: " + type.text() + ".");
    }
  }
}

void ResponsesInput::reasoning(Json item) {
  Words text;
  for (const Json& part : item["summary"].items()) {
    if (!text.empty()) text.add("\n\n");
    text.add(part["text"]);
  }
  const std::string sealed = item["encrypted_content"].text();
  // Without our tag nobody here made it, and none of the other dialects could open it.
  if (sealed.substr(0, 5) == "ccr1.") turns_.thinking(text, sealed);
}

void ResponsesInput::tool_call(Json item, std::string_view name, std::string_view input) {
  const auto [call_id, own_id] = item.picked("call_id", "id");
  const std::string id = (call_id ? call_id : own_id).text();
  if (name.empty()) return refuse(".name", "A call needs a name.");
  if (id.empty()) return refuse(".call_id", "A call needs a call_id.");
  turns_.call(id, name, input);
}

std::string ResponsesInput::name_of(Json item) const {
  const auto [name, name_space] = item.picked("name", "namespace");
  return tools_.hub_name(name.text(), name_space.text());
}

bool ResponsesInput::call(Json item, std::string_view type) {
  if (type == "function_call") {
    tool_call(item, name_of(item), input_from_arguments(item["arguments"].text()));
  } else if (type == "custom_tool_call") {
    std::string input;
    JsonOut(input).object().string("input", item["input"]).end();
    tool_call(item, name_of(item), input);
  } else if (type == "local_shell_call") {
    tool_call(item, "local_shell", local_shell_input(item["action"]));
  } else if (type == "shell_call") {
    tool_call(item, "shell", object_or_empty(item["action"]));
  } else if (type == "apply_patch_call") {
    tool_call(item, "apply_patch", object_or_empty(item["operation"]));
  } else if (type == "tool_search_call") {
    if (item["execution"].is("client")) {
      tool_call(item, "tool_search", object_or_empty(item["arguments"]));
    } else {
      findings_.drop(std::string(type));
    }
  } else {
    return false;
  }
  return true;
}

bool ResponsesInput::output(Json item, std::string_view type) {
  const auto [call_id, own_id, output] = item.picked("call_id", "id", "output");
  // Codex names the call of a local shell so, the reference `id`.
  const std::string id = (call_id.told() ? call_id : own_id).text();
  if (type == "function_call_output" || type == "custom_tool_call_output" ||
      type == "local_shell_call_output") {
    if (output.is_string()) {
      turns_.result(id, output.is_clean() ? HubBlock(Words::of(output)) : HubBlock(output));
      return true;
    }
    std::vector<HubBlock> blocks;
    if (!parts(output, blocks)) return true;
    turns_.result(id, array_of_blocks(std::move(blocks)));
  } else if (type == "shell_call_output") {
    turns_.result(id, json_quoted(shell_text(output)));
  } else if (type == "apply_patch_call_output") {
    const std::string text = output.text();
    turns_.result(id, json_quoted(text.empty() ? item["status"].text() : text),
                  item["status"].is("failed"));
  } else if (type == "tool_search_output") {
    if (item["execution"].is("client")) {
      turns_.result(id, json_quoted(found_tools(item["tools"])));
    } else {
      findings_.drop(std::string(type));
    }
  } else {
    return false;
  }
  return true;
}

bool ResponsesInput::parts(Json content, std::vector<HubBlock>& blocks) {
  for (const Json& part : content.items()) {
    const auto [type, text] = part.picked("type", "text");
    HubBlock block;
    if (type.is("input_text") || type.is("output_text") || type.is("text")) {
      Words words = Words::of(text);
      if (!words.empty()) block = block_of_text(std::move(words));
    } else if (type.is("input_image") || type.is("computer_screenshot")) {
      block = HubBlock(image(part));
    } else if (type.is("input_file")) {
      block = HubBlock(file(part));
    } else if (type.is("input_audio") || type.is("input_video")) {
      unsupported("audio or video");
    } else {
      refuse(".content", "Unknown type of part: " + type.text() + ".");
    }
    if (findings_.stopped()) return false;
    if (!block.empty()) blocks.push_back(std::move(block));
  }
  return true;
}

std::string ResponsesInput::image(Json part) {
  if (part["file_id"].told()) return unsupported("a file by id");
  const std::string url = part["image_url"].text();
  if (const auto data = read_data_url(url)) {
    return data_block("image", data->media_type, data->data);
  }
  if (url.substr(0, 5) == "data:" || url.empty()) {
    refuse(".content", "An image is a URL or base64 in a data: URL.");
    return {};
  }
  return url_block("image", url);
}

std::string ResponsesInput::file(Json part) {
  if (part["file_id"].told()) return unsupported("a file by id");
  const std::string title = part["filename"].text();
  if (const Json url = part["file_url"]; url.told()) {
    return url_block("document", url.text(), title);
  }
  const std::string sent = part["file_data"].text();
  // Some clients send the base64 alone; then it is a PDF (openai's own examples).
  const DataUrl data = read_data_url(sent).value_or(DataUrl{"application/pdf", sent});
  if (data.media_type == "application/pdf") {
    return data_block("document", data.media_type, data.data, title);
  }
  if (data.media_type.substr(0, 5) != "text/" && data.media_type != "application/json") {
    return unsupported("a file that is neither PDF nor text");
  }
  if (const auto text = base::base64_decoded(data.data)) return text_document(*text, title);
  refuse(".content", "A file is base64 in a data: URL.");
  return {};
}

}  // namespace ccrelay::dialect
