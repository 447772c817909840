#include "dialect/gemini_contents.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "dialect/gemini_media.hpp"
#include "dialect/ids.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

// One line each.
Words joined(std::vector<Words> texts) {
  Words out;
  for (Words& text : texts) {
    if (&text == &texts.front()) {
      out = std::move(text);
    } else {
      out.add("\n").add(text);
    }
  }
  return out;
}

// A call of a hosted tool, or what came of it: the provider that ran it is another one.
bool is_hosted_block(std::string_view type) {
  constexpr std::string_view result = "_tool_result";
  return type == "server_tool_use" || type == "mcp_tool_use" ||
         (type.size() > result.size() && type.substr(type.size() - result.size()) == result);
}

bool is_own(const std::optional<Tag>& tag, std::string_view issuer) {
  return tag && tag->dialect == Dialect::gemini && tag->issuer == issuer;
}

// The signature that a tag brings for a part of this kind (`call`, `text`, `thought`) of the
// provider with this issuer; empty: none, or another's.
std::string signature_for(std::string_view part, const std::optional<Tag>& tag,
                          std::string_view issuer) {
  if (!is_own(tag, issuer) || !tag->json()["part"].is(part)) return {};
  return tag->json()["thoughtSignature"].text();
}

}  // namespace

void GeminiContents::write(Json list) {
  const std::vector<Message> messages = hub_messages(list, profile_, findings_);
  index_results(messages);
  for (const Message& message : messages) {
    if (!findings_.stopped()) write_message(message);
    ++message_;
  }
  if (!findings_.stopped()) write_responses();
  close();
}

// Where results stand is the client's choice, where they have to is Gemini's: they are looked up
// when their turn is over.
void GeminiContents::index_results(const std::vector<Message>& messages) {
  for (std::size_t at = 0; at < messages.size(); ++at) {
    for (const Json& block : messages[at].content.items()) {
      const auto [type, id] = block.picked("type", "tool_use_id");
      if (type.is("tool_result")) results_[id.text()].add({at, block});
    }
  }
}

void GeminiContents::write_message(const Message& message) {
  const auto& [role, content] = message;
  if (role.is("assistant")) return write_assistant(content);
  if (role.is("user") || role.is("system")) return write_user(content);
  findings_.refuse("messages." + std::to_string(message_) + ".role",
                   "messages." + std::to_string(message_) +
                       ".role: a message's role is \"user\", \"assistant\" or \"system\"");
}

void GeminiContents::write_assistant(Json content) {
  call_signature_.clear();
  if (content.is_string()) return write_text(Words::of(content), {});
  blocks_.clear();
  for (const Json& block : content.items()) {
    const auto [type, text, id, name, input, thinking, signature] =
        block.picked("type", "text", "id", "name", "input", "thinking", "signature");
    blocks_.push_back({block, type, text, id, name, input, thinking, signature});
  }
  for (std::size_t at = 0; at < blocks_.size() && !findings_.stopped(); ++at)
    write_assistant_block(at);
}

void GeminiContents::write_assistant_block(std::size_t& at) {
  const Block& block = blocks_[at];
  if (block.type.is("thinking")) return write_thinking(block);
  if (block.type.is("tool_use")) return write_call(block, at);
  Words text = Words::of(block.text);
  if (!block.type.is("text")) {
    const std::string type = block.type.text();
    if (type == "redacted_thinking") return;
    if (type == "server_tool_use" && block.name.is("web_search"))
      return search_.search(block.whole);
    if (type == "web_search_tool_result") return write_text(Words(search_.found(block.whole)), {});
    if (is_hosted_block(type)) return findings_.drop(type);
    HubContent content;
    if (!add_hub_block(block.whole, content)) return unknown_block(at);
    text = joined(std::move(content.texts));
  }
  // The signature of a text stands behind it.
  std::string signature;
  if (at + 1 < blocks_.size() && blocks_[at + 1].type.is("thinking")) {
    signature = signature_for("text", read_tag(blocks_[at + 1].signature), options_.issuer);
    if (!signature.empty()) ++at;
  }
  write_text(text, signature);
}

void GeminiContents::write_thinking(const Block& block) {
  const auto tag = read_tag(block.signature);
  if (!is_own(tag, options_.issuer)) return;
  const auto [part, its_signature] = tag->json().picked("part", "thoughtSignature");
  std::string signature = its_signature.text();
  if (signature.empty()) return;
  if (part.is("call")) {
    call_signature_ = std::move(signature);
  } else if (part.is("text")) {
    write_text(Words(), signature);
  } else if (part.is("thought")) {
    open(Open::model);
    out_.object().string("text", block.thinking).boolean("thought", true);
    out_.string("thoughtSignature", signature).end();
  }
}

void GeminiContents::write_text(const Words& text, std::string_view signature) {
  if (text.empty() && signature.empty()) return;
  open(Open::model);
  out_.object().string("text", text);
  if (!signature.empty()) out_.string("thoughtSignature", signature);
  out_.end();
}

void GeminiContents::write_call(const Block& block, std::size_t at) {
  const std::string name = block.name.text();
  if (name.empty())
    return findings_.refuse(here(at, "name"), here(at, "name") + ": a call without name");
  const std::string call = block.id.text();
  const std::string id = id_for(IdForm::any, call);
  open(Open::model);
  out_.object();
  if (const std::string signature = signature_of_call(id); !signature.empty())
    out_.string("thoughtSignature", signature);
  content_has_call_ = true;
  const std::string sent = names_.out(name);
  out_.object("functionCall").string("id", id).string("name", sent);
  out_.raw("args", block.input.is_object() ? block.input : Json("{}")).end().end();
  called_[call] = true;
  unanswered_.push_back({call, sent});
}

std::string GeminiContents::signature_of_call(std::string_view id) {
  if (!call_signature_.empty()) return std::exchange(call_signature_, {});
  if (options_.recall) {
    const std::string tags = options_.recall->reasoning_of(id);
    for (const std::string_view each : tags_in(tags)) {
      const auto tag = read_tag(each);
      if (is_own(tag, options_.issuer) && tag->json()["part"].is("call"))
        return tag->json()["thoughtSignature"].text();
    }
  }
  // Of calls made at once only the first has one.
  const bool wanted = profile_.effort_field == "thinkingLevel" && !content_has_call_;
  return wanted ? std::string(gemini_no_signature) : std::string();
}

void GeminiContents::write_user(Json content) {
  write_responses();
  if (content.is_string()) return write_user_text(Words::of(content));
  std::size_t at = 0;
  for (const Json block : content.items()) {
    if (!findings_.stopped()) write_user_block(block, at++);
  }
}

void GeminiContents::write_user_block(Json block, std::size_t at) {
  const auto [kind, call, said] = block.picked("type", "tool_use_id", "text");
  if (kind.is("text")) return write_user_text(Words::of(said));
  const std::string type = kind.text();
  if (type == "tool_result") {
    if (called_.count(call.text()) > 0) return;
    return findings_.refuse(here(at, "tool_use_id"),
                            here(at, "tool_use_id") + ": no call with this id stands before it");
  }
  if (type == "container_upload")
    return findings_.cannot_carry(here(at, "file_id"), "a file by id");
  if (is_hosted_block(type)) return findings_.drop(type);
  HubContent content;
  if (!add_hub_block(block, content)) return unknown_block(at);
  write_user_text(joined(std::move(content.texts)));
  for (const Json media : content.media) write_media(media);
}

void GeminiContents::write_user_text(const Words& text) {
  if (text.empty()) return;
  open(Open::user);
  out_.object().string("text", text).end();
}

void GeminiContents::write_media(Json block) {
  const bool image = block["type"].is("image");
  const std::string member = "messages." + std::to_string(message_) + ".content";
  if (image && !profile_.images) return findings_.cannot_carry(member, "images");
  if (!image && !profile_.files) return findings_.cannot_carry(member, "documents");
  const Json kind = block["source"]["type"];
  if (!kind.is("base64") && !kind.is("url")) return findings_.cannot_carry(member, "a file by id");
  open(Open::user);
  write_gemini_media(out_, block);
}

// All of one turn's in one content, none missing: the API counts them.
void GeminiContents::write_responses() {
  if (unanswered_.empty()) return;
  open(Open::user);
  for (const Call& call : std::exchange(unanswered_, {}))
    write_response(call, take_result(call.id));
  for (const Json media : std::exchange(siblings_, {})) write_media(media);
}

Json GeminiContents::take_result(std::string_view id) {
  const auto found = results_.find(id);
  if (found == results_.end()) return {};
  const Result* const result = found->second.next(0);
  return result ? result->block : Json{};
}

void GeminiContents::write_response(const Call& call, Json result) {
  HubContent content;
  const auto [told, failed] = result.picked("content", "is_error");
  if (!result) {
    content.texts.emplace_back("(no result)");
  } else if (told.is_string()) {
    content.texts.push_back(Words::of(told));
  } else {
    for (const Json block : told.items()) {
      if (!add_hub_block(block, content)) findings_.drop(block["type"].text());
    }
  }
  out_.object().object("functionResponse").string("id", id_for(IdForm::any, call.id));
  out_.string("name", call.name).object("response");
  out_.string(failed.is_true() ? "error" : "output", joined(std::move(content.texts))).end();
  std::vector<Json> within;
  for (const Json media : content.media) {
    const Json kind = media["source"]["type"];
    const bool carried = kind.is("base64") || kind.is("url");
    if (!carried) findings_.cannot_carry("messages", "a file by id");
    if (carried) (profile_.tool_media == "sibling" ? siblings_ : within).push_back(media);
  }
  if (!within.empty()) {
    out_.array("parts");
    for (const Json media : within) write_gemini_media(out_, media);
    out_.end();
  }
  out_.end().end();
}

void GeminiContents::open(Open role) {
  if (open_ == role) return;
  close();
  open_ = role;
  content_has_call_ = false;
  out_.object().string("role", role == Open::user ? "user" : "model").array("parts");
}

void GeminiContents::close() {
  if (std::exchange(open_, Open::none) != Open::none) out_.end().end();
}

void GeminiContents::unknown_block(std::size_t at) {
  findings_.refuse(here(at, "type"), here(at, "type") + ": unknown block type");
}

std::string GeminiContents::here(std::size_t block, std::string_view member) const {
  return "messages." + std::to_string(message_) + ".content." + std::to_string(block) + '.' +
         std::string(member);
}

}  // namespace ccrelay::dialect
