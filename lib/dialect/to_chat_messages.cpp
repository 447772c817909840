#include "dialect/to_chat_messages.hpp"

#include <array>
#include <optional>
#include <utility>

#include "dialect/ids.hpp"
#include "dialect/system_words.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::string_view no_chat_result = "(no result)";
constexpr std::string_view see_chat_image = "(see attached image)";

// `Error: ` in front, unless the text says so itself.
Words chat_error_text(Words text) {
  const bool says_so = text.begin_with("error");
  const bool tagged = text.inside().rfind("<tool_use_error>", 0) == 0;
  if (says_so || tagged) return text;
  return Words("Error: ").add(text);
}

Words chat_data_url(Json source) {
  const auto [type, data] = source.picked("media_type", "data");
  return Words("data:").add(type).add(";base64,").add(data);
}

}  // namespace

/// The reasoning that an assistant's message brings back.
struct ToChatMessages::Reasoning {
  std::string field;  // in which its text goes back; empty: there is none of this provider's
  Words text;
  std::string details;  // elements of reasoning_details
  Words any;            // the text of all thinking, whoever made it
  std::string extra;    // extra_content for the call that follows

  // `shown` is the block's own text.
  void take(std::string_view tag, Json shown, const std::string& issuer) {
    any.add(shown);
    const std::optional<Tag> read = read_tag(tag);
    if (!read || read->dialect != Dialect::chat || read->issuer != issuer) return;
    const Json data = Json::read(read->data);
    for (const Json& detail : data["details"].items()) {
      if (!details.empty()) details += ',';
      details += detail.raw();
    }
    if (data["extra_content"].is_object()) extra = data["extra_content"].raw();
    if (!data["field"].is_string()) return;
    field = data["field"].text();
    text.add(data["thinking"].is_string() ? data["thinking"] : shown);
  }
};

void ToChatMessages::Content::text(Words words) {
  if (words.empty()) return;
  texts.push_back(std::move(words));
  parts.emplace_back();
}

void ToChatMessages::Content::part(std::string json) {
  texts.emplace_back();
  parts.push_back(std::move(json));
  plain = false;
}

Words ToChatMessages::Content::joined(std::string_view by) {
  Words out;
  for (Words& text : texts) {
    if (&text == &texts.front()) {
      out = std::move(text);
    } else {
      out.add(by).add(text);
    }
  }
  return out;
}

std::string ToChatMessages::id_of(const Call& call) const {
  return id_for(profile_.tool_ids == "alnum9" ? IdForm::alnum9 : IdForm::any, call.id());
}

void ToChatMessages::write(Json system, Json list, JsonOut& out) {
  const std::vector<Message> messages = hub_messages(list, profile_, findings_);
  index_results(messages);
  write_system(system, out);
  for (std::size_t i = 0; i < messages.size() && !findings_.stopped(); ++i) {
    const Json content = messages[i].content;
    if (messages[i].role.is("assistant")) {
      write_assistant(i, content, out);
    } else if (!messages[i].role.is("system")) {
      write_user(content, out);
    } else if (profile_.one_system_message && has_system_) {
      write_reminder(content, out);
    } else {
      write_system(content, out);
    }
  }
}

// What a server that takes no second system message is told instead.
void ToChatMessages::write_reminder(Json system, JsonOut& out) {
  Content content;
  take_content(system, content);
  Content wrapped;
  if (!content.empty())
    wrapped.text(
        Words("<system-reminder>\n").add(content.joined("\n\n")).add("\n</system-reminder>"));
  write_content("user", std::move(wrapped), out);
}

// Which result belongs to which call is known before the first message is written.
void ToChatMessages::index_results(const std::vector<Message>& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Json role = messages[i].role;
    const bool of_assistant = role.is("assistant");
    if (!of_assistant && !role.is("user") && !role.is("system"))
      return findings_.refuse("messages." + std::to_string(i) + ".role", "unknown role");
    for (const Json& block : messages[i].content.items()) index_block(i, of_assistant, block);
  }
}

void ToChatMessages::index_block(std::size_t at, bool of_assistant, Json block) {
  const auto [type, id, name, called, content, failed] =
      block.picked("type", "id", "name", "tool_use_id", "content", "is_error");
  const auto place = [at] { return "messages." + std::to_string(at) + ".content"; };
  if (of_assistant && type.is("tool_use")) {
    results_.try_emplace(id.text());
    if (!name.is_string() || name.is_empty()) findings_.refuse(place(), "a tool call needs a name");
  } else if (type.is("tool_result")) {
    const std::string call = called.text();
    const auto found = results_.find(call);
    if (found == results_.end())
      return findings_.refuse(place(), "a tool result has no tool call: " + call);
    found->second.add({at, content, failed.is_true()});
  }
}

void ToChatMessages::begin(std::string_view role, JsonOut& out) {
  if (role == "user" && after_tool_ && !profile_.user_after_tool)
    out.object().string("role", "assistant").string("content", ".").end();
  after_tool_ = role == "tool";
  out.object().string("role", role);
}

void ToChatMessages::write_system(Json system, JsonOut& out) {
  Content content;
  content.text(system_words(system));
  for (const Json& block : system.items()) {
    const auto [type, text] = block.picked("type", "text");
    if (type.is("text")) {
      content.text(system_words(text));
    } else {
      take_block(block, content);
    }
  }
  if (content.empty()) return;
  // The role is that of the profile for the first one only: where it is `developer` a later
  // `system` is understood as well.
  begin(has_system_ || after_tool_ ? "system" : profile_.system_role, out);
  has_system_ = true;
  out.string("content", content.joined("\n\n")).end();
}

void ToChatMessages::write_content(std::string_view role, Content content, JsonOut& out) {
  if (content.empty()) return;
  begin(role, out);
  if (content.plain) {
    out.string("content", content.joined("\n\n")).end();
    return;
  }
  out.array("content");
  for (std::size_t i = 0; i < content.texts.size(); ++i) {
    if (content.parts[i].empty()) {
      out.object().string("type", "text").string("text", content.texts[i]).end();
    } else {
      out.written(content.parts[i]);
    }
  }
  out.end().end();
}

void ToChatMessages::write_user(Json content, JsonOut& out) {
  Content said;
  take_content(content, said);
  write_content("user", std::move(said), out);
}

void ToChatMessages::take_content(Json json, Content& content) {
  if (json.is_string()) return content.text(Words::of(json));
  for (const Json& block : json.items()) take_block(block, content);
}

void ToChatMessages::take_block(Json block, Content& content) {
  const auto [type, text, source, inner, title, tool] =
      block.picked("type", "text", "source", "content", "title", "tool_name");
  if (type.is("text")) {
    content.text(Words::of(text));
  } else if (type.is("image")) {
    take_image(source, content);
  } else if (type.is("document")) {
    take_document(source, title, content);
  } else if (type.is("search_result")) {
    take_content(inner, content);
  } else if (type.is("tool_reference")) {
    content.text(Words::of(tool));
  } else if (type.is("container_upload")) {
    findings_.cannot_carry("messages", "a file by id");
  } else if (!type.is("tool_result")) {
    findings_.refuse("messages", "unknown type of content: " + type.text());
  }
}

void ToChatMessages::take_image(Json source, Content& content) {
  const bool is_url = source["type"].is("url");
  if (source["type"].is("file")) return findings_.cannot_carry("messages", "a file by id");
  if (!profile_.images) return findings_.cannot_carry("messages", "images");
  if (is_url && !profile_.image_urls) return findings_.cannot_carry("messages", "an image by URL");
  std::string part;
  JsonOut json(part);
  json.object().string("type", "image_url").object("image_url");
  json.string("url", is_url ? Words(source["url"]) : chat_data_url(source)).end().end();
  content.part(std::move(part));
}

void ToChatMessages::take_document(Json source, Json named, Content& content) {
  const Json type = source["type"];
  if (type.is("text")) return content.text(Words::of(source["data"]));
  if (type.is("content")) return take_content(source["content"], content);
  if (type.is("file")) return findings_.cannot_carry("messages", "a file by id");
  if (type.is("url")) return findings_.cannot_carry("messages", "a document by URL");
  if (!profile_.files) return findings_.cannot_carry("messages", "documents");
  const std::string title = named.text();
  std::string part;
  JsonOut json(part);
  json.object().string("type", "file").object("file");
  json.string("filename", title.empty() ? "document.pdf" : title);
  json.string("file_data", chat_data_url(source)).end().end();
  content.part(std::move(part));
}

void ToChatMessages::write_assistant(std::size_t at, Json content, JsonOut& out) {
  Words text = Words::of(content);
  Reasoning reasoning;
  std::vector<Call> calls;
  for (const Json& block : content.items()) {
    const auto [type, words, id, name, input, thinking, signature] =
        block.picked("type", "text", "id", "name", "input", "thinking", "signature");
    if (type.is("text")) {
      text = text.empty() ? Words::of(words) : std::move(text.add(words));
    } else if (type.is("tool_use")) {
      const auto results = results_.try_emplace(id.text()).first;
      calls.push_back({results, name, input, std::exchange(reasoning.extra, {})});
    } else if (type.is("thinking")) {
      reasoning.take(signature.text(), thinking, options_.issuer);
    } else if (type.is("server_tool_use")) {
      searches_.search(block);
    } else if (type.is("web_search_tool_result")) {
      text.add((text.empty() ? "" : "\n\n") + searches_.found(block) + "\n\n");
    }
    // Other blocks are those of hosted tools and of thinking that only its maker can read.
  }
  if (text.empty() && calls.empty()) return;
  begin("assistant", out);
  if (text.empty()) {
    out.null("content");
  } else {
    out.string("content", text);
  }
  write_reasoning(reasoning, calls, out);
  sign_calls(calls);
  if (!calls.empty()) {
    out.array("tool_calls");
    for (const Call& call : calls) write_call(call, out);
    out.end();
  }
  out.end();
  write_results(at, calls, out);
}

// What a client has dropped is remembered, or there is a word for it.
// https://ai.google.dev/gemini-api/docs/thought-signatures
void ToChatMessages::sign_calls(std::vector<Call>& calls) const {
  if (!profile_.google_signatures || calls.empty()) return;
  bool any = false;
  for (Call& call : calls) {
    if (call.extra.empty() && options_.recall) {
      Reasoning recalled;
      const std::string tags = options_.recall->reasoning_of(call.id());
      for (const std::string_view tag : tags_in(tags)) recalled.take(tag, {}, options_.issuer);
      call.extra = recalled.extra;
    }
    any = any || !call.extra.empty();
  }
  if (!any && profile_.reasoning_required) {
    calls[0].extra = R"({"google":{"thought_signature":"skip_thought_signature_validator"}})";
  }
}

void ToChatMessages::write_call(const Call& call, JsonOut& out) {
  out.object().string("id", id_of(call)).string("type", "function").object("function");
  out.string("name", names_.out(call.name.text()));
  out.quoted("arguments", call.input.told() ? call.input : Json("{}")).end();
  if (!call.extra.empty()) out.raw("extra_content", call.extra);
  out.end();
}

void ToChatMessages::write_reasoning(const Reasoning& told, const std::vector<Call>& calls,
                                     JsonOut& out) {
  if (profile_.reasoning_back == "none") return;
  const bool nothing_back = told.field.empty() && told.details.empty();
  Reasoning recalled;
  if (nothing_back && options_.recall && !calls.empty()) {
    const std::string tags = options_.recall->reasoning_of(calls[0].id());
    for (const std::string_view tag : tags_in(tags)) recalled.take(tag, Json(), options_.issuer);
  }
  const Reasoning& reasoning = nothing_back ? recalled : told;
  const bool by_details = profile_.reasoning_back == "reasoning_details";
  if (by_details && !reasoning.details.empty()) {
    out.raw("reasoning_details", "[" + reasoning.details + "]");
  } else if (reasoning.field == "reasoning" || reasoning.field == "reasoning_content") {
    out.string(reasoning.field, reasoning.text);
  } else if (profile_.reasoning_required && !calls.empty()) {
    out.string(by_details ? "reasoning" : profile_.reasoning_back, told.any);
  }
}

void ToChatMessages::write_results(std::size_t at, const std::vector<Call>& calls, JsonOut& out) {
  Content media;
  for (const Call& call : calls) {
    Words text(no_chat_result);
    // The one that stands behind this message and before the assistant speaks again, else a later
    // one.
    if (const Result* result = call.results->second.next(at)) take_result(*result, text, media);
    begin("tool", out);
    out.string("tool_call_id", id_of(call)).string("content", text).end();
  }
  write_content("user", std::move(media), out);
}

void ToChatMessages::take_result(const Result& result, Words& text, Content& media) {
  Content content;
  take_content(result.content, content);
  Content words;
  for (std::size_t i = 0; i < content.texts.size(); ++i) {
    if (content.parts[i].empty()) {
      words.text(std::move(content.texts[i]));
    } else {
      media.part(std::move(content.parts[i]));
    }
  }
  const bool silent = words.empty();
  text = words.joined("\n");
  if (silent && !content.plain) text = Words(see_chat_image);
  if (result.failed) text = chat_error_text(std::move(text));
}

}  // namespace ccrelay::dialect
