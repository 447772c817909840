#include "dialect/responses_messages.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/profile.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

std::string input_text(std::string_view text) {
  std::string part;
  JsonOut(part).object().string("type", "input_text").string("text", text).end();
  return part;
}

// The text of a block that is no medium: a text, a search result's, a reference's name.
std::string plain_text(Json block, std::string_view type) {
  if (type == "tool_reference") return block["tool_name"].text();
  if (type != "search_result") return block["text"].text();
  std::string text;
  for (const Json& inner : block["content"].items()) {
    if (!text.empty()) text += '\n';
    text += inner["text"].text();
  }
  return text;
}

// An API without a member for it is told in words; models say so themselves, too.
std::string error_text(std::string text) {
  const auto begins = [&](std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  };
  if (begins("error") || begins("<tool_use_error>")) return text;
  return "Error: " + text;
}

}  // namespace

void ResponsesMessages::refuse(std::string message) {
  findings_.refuse(at_, std::move(message));
}

std::string ResponsesMessages::unsupported(std::string_view what) {
  findings_.cannot_carry(at_, std::string(what));
  return {};
}

void ResponsesMessages::push(std::string item) {
  end_of_text();
  for (std::string& reasoning : held_) items_.push_back(std::move(reasoning));
  held_.clear();
  items_.push_back(std::move(item));
}

void ResponsesMessages::read(Json messages) {
  std::size_t index = 0;
  for (const Json& message : messages.items()) {
    at_ = "messages." + std::to_string(index++);
    const Json role = message["role"];
    const Json content = message["content"];
    if (role.is("user")) {
      user(content);
      continue;
    }
    end_of_user();
    if (role.is("assistant")) {
      assistant(content);
    } else if (role.is("system")) {
      system(content);
    } else {
      refuse("Unknown role: " + role.text() + ".");
    }
    if (findings_.stopped()) return;
  }
  end_of_user();
}

// --- what the user said ---

void ResponsesMessages::user(Json content) {
  if (content.is_string()) {
    if (!content.is_empty()) parts_.push_back(input_text(content.text()));
    return;
  }
  for (const Json& block : content.items()) {
    if (!block["type"].is("tool_result")) {
      if (std::string one = part(block); !one.empty()) parts_.push_back(std::move(one));
      continue;
    }
    const std::string id = block["tool_use_id"].text();
    const bool waited_for = std::find(asked_.begin(), asked_.end(), id) != asked_.end();
    if (!waited_for || !results_.emplace(id, block).second) {
      refuse("No tool call found for the result with tool_use_id " + id + ".");
    }
  }
}

// The results first, in the order of their calls; then everything else as one message.
void ResponsesMessages::end_of_user() {
  for (const std::string& id : std::exchange(asked_, {})) {
    const auto found = results_.find(id);
    std::string item;
    JsonOut json(item);
    json.object().string("type", "function_call_output");
    json.string("call_id", id_for(IdForm::responses, id));
    if (found == results_.end()) {
      json.string("output", "(no result)");
    } else {
      json.raw("output", output_of(found->second));
    }
    json.end();
    items_.push_back(std::move(item));
  }
  results_.clear();
  if (parts_.empty()) return;
  std::string item;
  JsonOut json(item);
  json.object().string("type", "message").string("role", "user").array("content");
  for (const std::string& one : parts_) json.raw(one);
  json.end().end();
  parts_.clear();
  items_.push_back(std::move(item));
}

std::string ResponsesMessages::output_of(Json result) {
  const bool failed = result["is_error"].is_true();
  const Json content = result["content"];
  if (content.is_string()) {
    return json_quoted(failed ? error_text(content.text()) : content.text());
  }
  std::string text;
  std::vector<std::string> parts;
  bool only_text = true;
  for (const Json& block : content.items()) {
    const std::string type = block["type"].text();
    std::string one = part(block);
    if (one.empty()) continue;
    if (type == "image" || type == "document") {
      only_text = only_text && one.substr(0, 20) == R"({"type":"input_text")";
    }
    if (only_text) text += (text.empty() ? "" : "\n") + Json(one)["text"].text();
    parts.push_back(std::move(one));
  }
  if (only_text) return json_quoted(failed ? error_text(text) : text);
  std::string output;
  JsonOut json(output);
  json.array();
  if (failed && error_text(text) != text) json.raw(input_text("Error: "));
  for (const std::string& one : parts) json.raw(one);
  json.end();
  return output;
}

std::string ResponsesMessages::part(Json block) {
  const std::string type = block["type"].text();
  if (type == "image") return image(block);
  if (type == "document") return document(block);
  if (type == "container_upload") return unsupported("a file by id");
  const bool known = type == "text" || type == "search_result" || type == "tool_reference";
  const std::string text = plain_text(block, type);
  if (!known && text.empty()) {
    refuse("Unknown type of block: " + type + ".");
    return {};
  }
  return text.empty() ? std::string() : input_text(text);
}

std::string ResponsesMessages::image(Json block) {
  const Json source = block["source"];
  if (options_.profile && !options_.profile->images) return unsupported("images");
  if (source["type"].is("file")) return unsupported("a file by id");
  const std::string url = source["type"].is("url") ? source["url"].text()
                                                   : "data:" + source["media_type"].text() +
                                                         ";base64," + source["data"].text();
  std::string part;
  JsonOut json(part);
  json.object().string("type", "input_image").string("image_url", url).string("detail", "auto");
  json.end();
  return part;
}

std::string ResponsesMessages::document(Json block) {
  const Json source = block["source"];
  const Json type = source["type"];
  if (type.is("text")) return input_text(source["data"].text());
  if (type.is("content")) {
    if (source["content"].is_string()) return input_text(source["content"].text());
    std::string text;
    for (const Json& inner : source["content"].items()) {
      if (!text.empty()) text += '\n';
      text += inner["text"].text();
    }
    return text.empty() ? text : input_text(text);
  }
  if (type.is("file")) return unsupported("a file by id");
  if (!options_.profile || !options_.profile->files) return unsupported("a PDF");
  std::string part;
  JsonOut json(part);
  json.object().string("type", "input_file");
  if (type.is("url")) {
    json.string("file_url", source["url"].text());
  } else {
    const std::string title = block["title"].text();
    json.string("filename", title.empty() ? "document.pdf" : title);
    json.string("file_data",
                "data:" + source["media_type"].text() + ";base64," + source["data"].text());
  }
  json.end();
  return part;
}

void ResponsesMessages::system(Json content) {
  std::string item;
  JsonOut json(item);
  json.object().string("type", "message").string("role", "developer").array("content");
  bool any = false;
  const auto add = [&](const std::string& text) {
    if (text.empty()) return;
    json.raw(input_text(text));
    any = true;
  };
  if (content.is_string()) add(content.text());
  for (const Json& block : content.items()) add(block["text"].text());
  json.end().end();
  if (any) items_.push_back(std::move(item));
}

// --- what the assistant said ---

void ResponsesMessages::assistant(Json content) {
  thought_ = false;
  if (content.is_string()) text_part(content.text());
  for (const Json& block : content.items()) assistant_block(block, block["type"].text());
  end_of_text();
  // Reasoning without what followed it is refused.
  held_.clear();
}

void ResponsesMessages::assistant_block(Json block, std::string_view type) {
  if (type == "text") return text_part(block["text"].text());
  if (type == "tool_use") return call(block);
  if (type == "thinking") return reasoning(block);
  if (type == "redacted_thinking") return;  // nobody but who made it can read it
  if (type == "server_tool_use" || type == "web_search_tool_result") return search(block);
  const bool hosted = type.size() > 12 && type.substr(type.size() - 12) == "_tool_result";
  if (hosted || type == "mcp_tool_use" || type == "container_upload" || type == "fallback") {
    return findings_.drop(std::string(type));
  }
  refuse("Unknown type of block: " + std::string(type) + ".");
}

void ResponsesMessages::text_part(std::string_view text) {
  if (text.empty()) return;
  std::string part;
  JsonOut json(part);
  json.object().string("type", "output_text").string("text", text).end();
  texts_.push_back(std::move(part));
}

void ResponsesMessages::end_of_text() {
  if (texts_.empty()) return;
  std::string item;
  JsonOut json(item);
  json.object().string("type", "message").string("role", "assistant").array("content");
  for (const std::string& one : std::exchange(texts_, {})) json.raw(one);
  json.end().end();
  push(std::move(item));
}

void ResponsesMessages::call(Json block) {
  const std::string id = block["id"].text();
  const std::string name = block["name"].text();
  if (name.empty() || id.empty()) return refuse("A call needs a name and an id.");
  // In front of the text, where reasoning stands.
  if (!thought_) restore_reasoning(id);
  end_of_text();
  std::string item;
  JsonOut json(item);
  json.object().string("type", "function_call");
  json.string("call_id", id_for(IdForm::responses, id)).string("name", names_.out(name));
  const Json input = block["input"];
  json.key("arguments").raw(string_from_json(input ? input.raw() : "{}")).end();
  push(std::move(item));
  asked_.push_back(id);
}

void ResponsesMessages::reasoning(Json block) {
  end_of_text();
  hold_reasoning(block["signature"].text(), block["thinking"].text());
}

void ResponsesMessages::restore_reasoning(std::string_view call_id) {
  if (!options_.recall) return;
  const std::string tags = options_.recall->reasoning_of(call_id);
  for (const std::string_view each : tags_in(tags)) {
    const auto tag = read_tag(each);
    if (tag) hold_reasoning(each, tag->json()["thinking"].text());
  }
}

// Only what this provider made itself goes back to it, as it was.
void ResponsesMessages::hold_reasoning(std::string_view text_of_tag, const std::string& text) {
  const auto tag = read_tag(text_of_tag);
  if (!tag || tag->dialect != Dialect::responses || tag->issuer != options_.issuer) return;
  const Json data = Json(tag->data);
  const std::string id = data["id"].text();
  if (!data["encrypted_content"].is_string() || !reasoned_.insert(id).second) return;
  thought_ = true;
  std::string item;
  JsonOut json(item);
  json.object().string("type", "reasoning");
  if (!id.empty()) json.string("id", id);
  json.array("summary");
  if (!text.empty()) {
    json.object().string("type", "summary_text").string("text", text).end();
  }
  json.end().raw("encrypted_content", data["encrypted_content"]).end();
  held_.push_back(std::move(item));
}

void ResponsesMessages::search(Json block) {
  if (!block["type"].is("server_tool_use")) return text_part(searches_.found(block));
  if (block["name"].is("web_search")) return searches_.search(block);
  findings_.drop(block["name"].text());
}

}  // namespace ccrelay::dialect
