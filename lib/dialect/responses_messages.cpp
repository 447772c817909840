#include "dialect/responses_messages.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ascii.hpp"
#include "dialect/character_marks.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/profile.hpp"

namespace ccrelay::dialect {
namespace {

// The texts of blocks, a line each.
Words lines_of(Json blocks) {
  Words lines;
  for (const Json& inner : blocks.items()) {
    if (!lines.empty()) lines.add("\n");
    lines.add(inner["text"]);
  }
  return lines;
}

Words data_url(Json source) {
  const auto [type, data] = source.picked("media_type", "data");
  return Words("data:").add(type).add(";base64,").add(data);
}

// An API without a member for it is told in words, unless they say so themselves.
bool says_error(const Words& text) {
  return text.begin_with("error") || text.begin_with("<tool_use_error>");
}

std::int64_t characters_of(const Words& text) {
  const std::string string = '"' + text.inside() + '"';
  return characters_in(Json(string).text());
}

}  // namespace

void ResponsesMessages::Part::write(JsonOut& json) const {
  if (media.empty()) {
    json.object().string("type", "input_text").string("text", text).end();
  } else {
    json.written(media);
  }
}

void ResponsesMessages::refuse(std::string message) {
  findings_.refuse("messages." + std::to_string(message_), std::move(message));
}

ResponsesMessages::Part ResponsesMessages::unsupported(std::string_view what) {
  findings_.cannot_carry("messages." + std::to_string(message_), std::string(what));
  return {};
}

void ResponsesMessages::write(Json list) {
  const std::vector<Message> messages = hub_messages(list, or_generic(options_.profile), findings_);
  index_results(messages);
  for (std::size_t at = 0; at < messages.size(); ++at) {
    if (findings_.stopped()) return;
    message_ = at;
    const auto [role, content] = messages[at];
    if (role.is("user")) {
      user(content);
      continue;
    }
    end_of_user();
    if (role.is("assistant")) {
      asked_at_ = at + 1;
      assistant(content);
    } else if (role.is("system")) {
      system(content);
    } else {
      refuse("Unknown role: " + role.text() + ".");
    }
  }
  end_of_user();
}

// Some clients tell a result late, behind what was said after its call. The API wants it right
// behind the call, so which one it is must be known by then.
void ResponsesMessages::index_results(const std::vector<Message>& messages) {
  for (message_ = 0; message_ < messages.size(); ++message_) {
    const auto& [role, content] = messages[message_];
    const bool of_assistant = role.is("assistant");
    for (const Json& block : content.items()) {
      const auto [type, id, called] = block.picked("type", "id", "tool_use_id");
      if (of_assistant && type.is("tool_use")) results_.try_emplace(id.text());
      if (!type.is("tool_result")) continue;
      const std::string call = called.text();
      const auto found = results_.find(call);
      if (found == results_.end())
        return refuse("No tool call found for the result with tool_use_id " + call + ".");
      found->second.add({message_, block});
    }
  }
}

// --- what the user said ---

void ResponsesMessages::user(Json content) {
  if (content.is_string()) {
    if (!content.is_empty()) parts_.push_back({Words::of(content), {}});
    return;
  }
  for (const Json& block : content.items()) {
    if (block["type"].is("tool_result")) continue;
    if (Part one = part(block); !one.empty()) parts_.push_back(std::move(one));
  }
}

// The results first, in the order of their calls; then everything else as one message.
void ResponsesMessages::end_of_user() {
  for (const Results::iterator& call : asked_) {
    auto& [id, results] = *call;
    out_.object().string("type", "function_call_output");
    out_.string("call_id", id_for(IdForm::responses, id));
    if (const Result* const result = results.next(asked_at_)) {
      write_output(result->block);
    } else {
      out_.string("output", "(no result)");
    }
    out_.end();
  }
  asked_.clear();
  if (parts_.empty()) return;
  out_.object().string("type", "message").string("role", "user").array("content");
  for (const Part& one : parts_) one.write(out_);
  out_.end().end();
  parts_.clear();
}

void ResponsesMessages::write_output(Json result) {
  const auto [content, is_error] = result.picked("content", "is_error");
  const bool failed = is_error.is_true();
  out_.key("output");
  if (content.is_string() && !failed) {
    out_.string(content);
    return;
  }
  Words text = Words::of(content);
  bool only_text = true;
  output_.clear();
  for (const Json& block : content.items()) {
    Part one = part(block);
    if (one.empty()) continue;
    only_text = only_text && one.media.empty();
    if (one.media.empty()) text = text.empty() ? one.text : std::move(text.add("\n").add(one.text));
    output_.push_back(std::move(one));
  }
  const bool untold = failed && !says_error(text);
  if (only_text) {
    out_.string(untold ? Words("Error: ").add(text) : text);
    return;
  }
  out_.array();
  if (untold) {
    const auto first = std::find_if(output_.begin(), output_.end(),
                                    [](const Part& one) { return one.media.empty(); });
    if (first == output_.end()) {
      Part{Words("Error: "), {}}.write(out_);
    } else {
      first->text = Words("Error: ").add(first->text);
    }
  }
  for (const Part& one : output_) one.write(out_);
  out_.end();
}

ResponsesMessages::Part ResponsesMessages::part(Json block) {
  const auto [type, text, source, title, content, tool] =
      block.picked("type", "text", "source", "title", "content", "tool_name");
  if (type.is("text")) return {Words::of(text), {}};
  if (type.is("image")) return image(source);
  if (type.is("document")) return document(source, title);
  if (type.is("container_upload")) return unsupported("a file by id");
  if (type.is("search_result")) return {lines_of(content), {}};
  if (type.is("tool_reference")) return {Words::of(tool), {}};
  Part other{Words::of(text), {}};
  if (other.empty()) refuse("Unknown type of block: " + type.text() + ".");
  return other;
}

ResponsesMessages::Part ResponsesMessages::image(Json source) {
  const Json type = source["type"];
  if (options_.profile && !options_.profile->images) return unsupported("images");
  if (type.is("file")) return unsupported("a file by id");
  Part part;
  JsonOut json(part.media);
  json.object().string("type", "input_image");
  json.string("image_url", type.is("url") ? Words(source["url"]) : data_url(source));
  json.string("detail", "auto").end();
  return part;
}

ResponsesMessages::Part ResponsesMessages::document(Json source, Json title) {
  const Json type = source["type"];
  if (type.is("text")) return {Words::of(source["data"]), {}};
  if (type.is("content")) {
    const Json content = source["content"];
    return {content.is_string() ? Words::of(content) : lines_of(content), {}};
  }
  if (type.is("file")) return unsupported("a file by id");
  if (!options_.profile || !options_.profile->files) return unsupported("a PDF");
  Part part;
  JsonOut json(part.media);
  json.object().string("type", "input_file");
  if (type.is("url")) {
    json.string("file_url", source["url"]);
  } else {
    const Words name(title);
    json.string("filename", name.empty() ? Words("document.pdf") : name);
    json.string("file_data", data_url(source));
  }
  json.end();
  return part;
}

void ResponsesMessages::system(Json content) {
  bool any = false;
  const auto add = [&](Json text) {
    const Part part{Words::of(text), {}};
    if (part.empty()) return;
    if (!std::exchange(any, true))
      out_.object().string("type", "message").string("role", "developer").array("content");
    part.write(out_);
  };
  add(content);
  for (const Json& block : content.items()) add(block["text"]);
  if (any) out_.end().end();
}

// --- what the assistant said ---

void ResponsesMessages::assistant(Json content) {
  thought_ = false;
  said_ = 0;
  said_texts_.clear();
  text_part(Words::of(content));
  for (const Json& block : content.items()) assistant_block(block);
  end_of_text();
  // Reasoning without what followed it is refused.
  held_.clear();
}

void ResponsesMessages::assistant_block(Json block) {
  const auto [type, text, id, name, input, thinking, signature] =
      block.picked("type", "text", "id", "name", "input", "thinking", "signature");
  if (type.is("text")) return text_part(Words::of(text));
  if (type.is("tool_use")) return call(id, name, input);
  if (type.is("thinking")) {
    end_of_text();
    if (hold_reasoning(read_tag(signature), thinking)) thought_ = true;
    return;
  }
  if (type.is("redacted_thinking")) return;  // nobody but who made it can read it
  if (type.is("server_tool_use") || type.is("web_search_tool_result")) return search(block, type);
  const std::string other = type.text();
  const bool hosted = other.size() > 12 && other.substr(other.size() - 12) == "_tool_result";
  if (hosted || other == "mcp_tool_use" || other == "container_upload" || other == "fallback") {
    return findings_.drop(other);
  }
  refuse("Unknown type of block: " + other + ".");
}

void ResponsesMessages::text_part(Words text) {
  if (!text.empty()) texts_.push_back(std::move(text));
}

void ResponsesMessages::end_of_text() {
  if (texts_.empty()) return;
  release_reasoning();
  out_.object().string("type", "message").string("role", "assistant").array("content");
  for (const Words& text : texts_)
    out_.object().string("type", "output_text").string("text", text).end();
  out_.end().end();
  std::move(texts_.begin(), texts_.end(), std::back_inserter(said_texts_));
  texts_.clear();
}

// Those texts of the message that are its first so many characters.
void ResponsesMessages::end_of_text_until(std::int64_t behind) {
  if (behind == 0) return;
  for (const Words& text : std::exchange(said_texts_, {})) said_ += characters_of(text);
  auto rest = texts_.begin();
  for (std::int64_t said = said_; rest != texts_.end() && said < behind; ++rest) {
    said += characters_of(*rest);
    if (said > behind) break;
  }
  std::vector<Words> later(std::make_move_iterator(rest), std::make_move_iterator(texts_.end()));
  texts_.erase(rest, texts_.end());
  end_of_text();
  texts_ = std::move(later);
}

// In front of what it belongs to.
void ResponsesMessages::release_reasoning() {
  for (const std::string& item : held_) out_.written(item);
  held_.clear();
}

void ResponsesMessages::call(Json call_id, Json named, Json input) {
  std::string id = call_id.text();
  const std::string name = named.text();
  if (name.empty()) return refuse("A call needs a name.");
  if (!thought_) restore_reasoning(id);
  end_of_text();
  release_reasoning();
  out_.object().string("type", "function_call");
  out_.string("call_id", id_for(IdForm::responses, id)).string("name", names_.out(name));
  out_.quoted("arguments", input ? input : Json("{}")).end();
  asked_.push_back(results_.try_emplace(std::move(id)).first);
}

void ResponsesMessages::restore_reasoning(std::string_view call_id) {
  if (!options_.recall) return;
  const std::string tags = options_.recall->reasoning_of(call_id);
  for (const std::string_view each : tags_in(tags)) {
    const auto tag = read_tag(each);
    if (!tag) continue;
    end_of_text_until(tag->behind());
    hold_reasoning(tag, tag->json()["thinking"]);
  }
}

// Only what this provider made itself goes back to it, as it was.
bool ResponsesMessages::hold_reasoning(const std::optional<Tag>& tag, Json text) {
  if (!tag || tag->dialect != Dialect::responses || tag->issuer != options_.issuer) return false;
  const Json data = Json(tag->data);
  const std::string id = data["id"].text();
  if (!data["encrypted_content"].is_string() || !reasoned_.insert(id).second) return false;
  std::string item;
  JsonOut json(item);
  json.object().string("type", "reasoning");
  if (!id.empty()) json.string("id", id);
  json.array("summary");
  if (text.is_string() && !text.is_empty()) {
    json.object().string("type", "summary_text").string("text", text).end();
  }
  json.end().raw("encrypted_content", data["encrypted_content"]).end();
  held_.push_back(std::move(item));
  return true;
}

void ResponsesMessages::search(Json block, Json type) {
  if (!type.is("server_tool_use")) return text_part(Words(searches_.found(block)));
  if (block["name"].is("web_search")) return searches_.search(block);
  findings_.drop(block["name"].text());
}

}  // namespace ccrelay::dialect
