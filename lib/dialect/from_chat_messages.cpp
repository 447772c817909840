#include "dialect/from_chat_messages.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "dialect/character_marks.hpp"
#include "dialect/chat_calls.hpp"

namespace ccrelay::dialect {
namespace {

std::string chat_place(std::size_t at, std::string_view member) {
  return "messages[" + std::to_string(at) + "]." + std::string(member);
}

// All texts of a content, one behind the other.
Words chat_text_of(Json content, std::string_view between) {
  Words out = Words::of(content);
  for (const Json& part : content.items()) {
    Words text = Words::of(part["text"]);
    if (out.empty()) {
      out = std::move(text);
    } else if (!text.empty()) {
      out.add(between).add(text);
    }
  }
  return out;
}

// Nothing but text, in one piece or several.
bool is_chat_text(Json content) {
  for (const Json& part : content.items())
    if (!part["type"].is("text")) return false;
  return true;
}

bool is_chat_system(Json role) {
  return role.is("system") || role.is("developer");
}

struct ChatData {
  std::string media_type;
  std::string data;  // base64
};

// RFC 2397, with base64 as everybody sends it.
std::optional<ChatData> read_chat_data(std::string_view url) {
  if (url.substr(0, 5) != "data:") return {};
  const auto comma = url.find(',');
  if (comma == std::string_view::npos) return {};
  const std::string_view head = url.substr(5, comma - 5);
  constexpr std::string_view base64 = ";base64";
  if (head.size() < base64.size() || head.substr(head.size() - base64.size()) != base64) return {};
  return ChatData{std::string(head.substr(0, head.find(';'))), std::string(url.substr(comma + 1))};
}

std::string chat_source_block(std::string_view type, const ChatData& data, std::string_view title) {
  std::string json;
  JsonOut out(json);
  out.object().string("type", type).object("source").string("type", "base64");
  out.string("media_type", data.media_type).string("data", data.data).end();
  if (!title.empty()) out.string("title", title);
  out.end();
  return json;
}

std::string chat_image_by_url(std::string_view url) {
  std::string json;
  JsonOut out(json);
  out.object().string("type", "image").object("source").string("type", "url");
  out.string("url", url).end().end();
  return json;
}

std::string chat_text_document(std::string_view text, std::string_view title) {
  std::string json;
  JsonOut out(json);
  out.object().string("type", "document").object("source").string("type", "text");
  out.string("media_type", "text/plain").string("data", text).end();
  if (!title.empty()) out.string("title", title);
  out.end();
  return json;
}

}  // namespace

FromChatMessages::Message::Message(Json message) {
  for (const JsonMember& member : message.members()) {
    if (member.is("role")) role = member.value;
    if (member.is("content")) content = member.value;
    if (member.is("refusal")) refusal = member.value;
    if (member.is("tool_calls")) calls = member.value;
    if (member.is("tool_call_id")) call_id = member.value;
    if (member.is("reasoning_details")) details = member.value;
    if (member.is("function_call")) function = member.value;
    if (member.is("audio")) audio = member.value;
  }
}

void FromChatMessages::read(Json list) {
  bool leading = true;
  bool behind_assistant = false;
  std::size_t at = 0;
  for (const Json& json : list.items()) {
    Message message(json);
    const bool assistant = message.role.is("assistant");
    // With a new turn, what was not answered in the last one stays so.
    if (assistant && !behind_assistant) unnamed_answered_ = unnamed_.size();
    behind_assistant = assistant;
    if (message.role.is("tool") && !find_call(message))
      return findings_.refuse(chat_place(at, "tool_call_id"), "a tool result has no tool call");
    leading = leading && is_chat_system(message.role);
    if (!leading) {
      read_message(at, message);
    } else if (Words text = chat_text_of(message.content, "\n\n"); !text.empty()) {
      system_.push_back(block_of_text(std::move(text)));
    }
    if (findings_.stopped()) return;
    ++at;
  }
  if (const std::string id = turns_.unasked(); !id.empty())
    findings_.refuse("messages", "a tool result has no tool call: " + id);
}

void FromChatMessages::write(JsonOut& out, KnownStrings& known) {
  if (!system_.empty()) {
    out.array("system");
    for (const HubBlock& block : system_) block.write(out, &known);
    out.end();
  }
  out.key("messages");
  turns_.write(out, 0, &known);
}

void FromChatMessages::read_message(std::size_t at, const Message& message) {
  const Json role = message.role;
  if (role.is("assistant")) {
    read_assistant(at, message);
  } else if (role.is("user")) {
    for (HubBlock& block : content_of(message.content, at)) turns_.user(std::move(block));
  } else if (role.is("tool")) {
    read_tool(at, message);
  } else if (is_chat_system(role)) {
    const Words text = chat_text_of(message.content, "\n\n");
    // Not with the others in front: that would change the prompt's beginning, and undo its cache.
    if (!text.empty())
      turns_.user_text(Words("<system-reminder>\n").add(text).add("\n</system-reminder>"));
  } else if (role.is("function")) {
    findings_.refuse(chat_place(at, "role"), "functions are not supported: use tools");
  } else {
    findings_.refuse(chat_place(at, "role"), "unknown role: " + role.text());
  }
}

// Servers that give their calls no ids get none back: such results answer such calls in their
// order.
bool FromChatMessages::find_call(Message& result) {
  if (!result.call_id.text().empty()) return true;
  if (unnamed_answered_ == unnamed_.size()) return false;
  result.call_id = Json(unnamed_[unnamed_answered_++]);
  return true;
}

void FromChatMessages::read_assistant(std::size_t at, const Message& message) {
  if (message.function.told())
    return findings_.refuse(chat_place(at, "function_call"),
                            "function_call is not supported: use tools");
  if (message.audio.told()) findings_.cannot_carry(chat_place(at, "audio"), "audio");
  const std::vector<Kept> kept = reasoning_of(message);
  const bool is_between = std::any_of(kept.begin(), kept.end(), [](const Kept& each) {
    return each.tag.behind() > 0 || each.tag.calls() > 0;
  });
  if (is_between && is_chat_text(message.content)) return put_back_in_order(kept, message, at);
  for (const Kept& each : kept) put_back(each);
  for (HubBlock& block : content_of(message.content, at)) turns_.assistant(std::move(block));
  turns_.assistant_text(Words::of(message.refusal));
  for (const Json& call : message.calls.items()) read_call(call, at);
}

// What the relay gave away comes back as tags; reasoning as mere text is of no use to anybody.
std::vector<FromChatMessages::Kept> FromChatMessages::reasoning_of(const Message& message) const {
  std::vector<Kept> kept;
  const auto take = [&](std::string_view text) {
    if (auto tag = read_tag(text)) kept.push_back({std::string(text), *std::move(tag)});
  };
  for (const Json& detail : message.details.items())
    if (detail["format"].is("ccr1")) take(detail["data"].text());
  if (!kept.empty() || !options_.recall) return kept;
  for (const Json& call : message.calls.items()) {
    const std::string known = options_.recall->reasoning_of(call["id"].text());
    for (const std::string_view tag : tags_in(known)) take(tag);
  }
  return kept;
}

void FromChatMessages::put_back(const Kept& kept) {
  turns_.thinking(Words(kept.tag.json()["thinking"]), kept.text);
}

// The client has one text and then all calls where the provider had several, with reasoning between
// them.
void FromChatMessages::put_back_in_order(const std::vector<Kept>& kept, const Message& message,
                                         std::size_t at) {
  std::string content = message.content.text();
  for (const Json& part : message.content.items()) content += part["text"].text();
  std::string_view text = content;
  std::int64_t said = 0;
  const auto calls = message.calls.items();
  auto call = calls.begin();
  std::int64_t called = 0;
  for (const Kept& each : kept) {
    const std::int64_t behind = each.tag.behind();
    const std::string_view front = first_characters(text, behind - said);
    turns_.assistant_text(front);
    text.remove_prefix(front.size());
    said = std::max(said, behind);
    for (; called < each.tag.calls() && call != calls.end(); ++called, ++call) read_call(*call, at);
    put_back(each);
  }
  turns_.assistant_text(text);
  turns_.assistant_text(Words::of(message.refusal));
  for (; call != calls.end(); ++call) read_call(*call, at);
}

void FromChatMessages::read_call(Json json, std::size_t at) {
  const auto [type, call_id, function, tool] = json.picked("type", "id", "function", "custom");
  const bool custom = type.is("custom");
  const auto [named, arguments, input] =
      (custom ? tool : function).picked("name", "arguments", "input");
  const std::string name = named.text();
  if (name.empty())
    return findings_.refuse(chat_place(at, "tool_calls"), "a tool call needs a name");
  std::string id = call_id.text();
  if (id.empty()) {
    // The same in every turn, or the prompt's cache would be lost.
    id = made_.made("call_");
    unnamed_.push_back('"' + id + '"');
  }
  std::string said;
  if (custom) {
    JsonOut(said).object().string("input", input).end();
  } else {
    said = input_of_arguments(arguments);
  }
  turns_.call(id, name, HubBlock(std::move(said)));
}

void FromChatMessages::read_tool(std::size_t at, const Message& message) {
  const Json content = message.content;
  if (!content.is_array()) return turns_.result(message.call_id.text(), Words::of(content));
  turns_.result(message.call_id.text(), array_of_blocks(content_of(content, at)));
}

std::vector<HubBlock> FromChatMessages::content_of(Json content, std::size_t at) {
  std::vector<HubBlock> blocks;
  const auto add = [&](HubBlock block) {
    if (!block.empty()) blocks.push_back(std::move(block));
  };
  if (content.is_string() && !content.is_empty()) add(block_of_text(Words::of(content)));
  for (const Json& part : content.items()) add(part_of(part, at));
  return blocks;
}

// Empty for what is left out.
HubBlock FromChatMessages::part_of(Json part, std::size_t at) {
  const auto [type, text, refusal] = part.picked("type", "text", "refusal");
  if (type.is("text") || type.is("refusal")) {
    Words words = Words::of(type.is("text") ? text : refusal);
    return words.empty() ? HubBlock() : block_of_text(std::move(words));
  }
  if (type.is("image_url")) {
    // Some clients write the address where its object belongs.
    const Json image = part["image_url"];
    const std::string url = image.is_string() ? image.text() : image["url"].text();
    if (const auto data = read_chat_data(url))
      return HubBlock(chat_source_block("image", *data, {}));
    if (url.rfind("http", 0) == 0) return HubBlock(chat_image_by_url(url));
    findings_.refuse(chat_place(at, "content"), "image_url is neither a data URL nor an http URL");
  } else if (type.is("file")) {
    return HubBlock(file_of(part["file"], at));
  } else if (type.is("input_audio") || type.is("video_url") || type.is("audio_url")) {
    findings_.cannot_carry(chat_place(at, "content"), "audio or video");
  } else {
    findings_.refuse(chat_place(at, "content"), "unknown type of content: " + type.text());
  }
  return {};
}

std::string FromChatMessages::file_of(Json file, std::size_t at) {
  const std::string bytes = file["file_data"].text();
  const std::string title = file["filename"].text();
  // Without a head it is mere base64 of what this part is for.
  const ChatData data = read_chat_data(bytes).value_or(ChatData{"application/pdf", bytes});
  if (bytes.empty()) {
    findings_.cannot_carry(chat_place(at, "content"), "a file by id");
  } else if (data.media_type == "application/pdf") {
    return chat_source_block("document", data, title);
  } else if (data.media_type.rfind("image/", 0) == 0) {
    return chat_source_block("image", data, {});
  } else if (data.media_type.rfind("text/", 0) == 0) {
    if (const auto text = base::base64_decoded(data.data)) return chat_text_document(*text, title);
    findings_.refuse(chat_place(at, "content"), "file_data is not base64");
  } else {
    findings_.cannot_carry(chat_place(at, "content"), "a file of type " + data.media_type);
  }
  return {};
}

}  // namespace ccrelay::dialect
