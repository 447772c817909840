#include "dialect/gemini_turns.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "dialect/character_marks.hpp"
#include "dialect/gemini_media.hpp"
#include "dialect/gemini_member.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Calls that Google's servers ran, and what came of them.
bool is_hosted_part(Json part) {
  static constexpr std::array<std::string_view, 4> names{"executableCode", "codeExecutionResult",
                                                         "toolCall", "toolResponse"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return bool(gemini_member(part, name)); });
}

// What a function's response says: its only string, or all of it.
Words response_text(Json response) {
  std::size_t members = 0;
  Json only;
  for (const JsonMember& member : response.members()) {
    ++members;
    if (member.is("output") || member.is("result") || member.is("error")) only = member.value;
  }
  if (members == 1 && only.is_string()) return Words::of(only);
  std::string text;
  if (response) JsonOut(text).raw(response);
  return Words(text);
}

std::string media_block(std::string_view type, std::string_view source) {
  std::string text;
  JsonOut(text).object().string("type", type).raw("source", source).end();
  return text;
}

// Files that were given to Google beforehand: nobody else can read them.
bool is_google_file(std::string_view uri) {
  return uri.find("generativelanguage.googleapis.com/") != std::string_view::npos ||
         !(begins_with(uri, "https://") || begins_with(uri, "http://"));
}

}  // namespace

std::string hub_block_of_inline_data(Json data, std::string& what) {
  const std::string type = base::lower(gemini_member(data, "mimeType").text());
  const Json bytes = gemini_member(data, "data");
  std::string source;
  JsonOut out(source);
  if (begins_with(type, "image/") || type == "application/pdf") {
    out.object().string("type", "base64").string("media_type", type).raw("data", bytes).end();
    return media_block(type == "application/pdf" ? "document" : "image", source);
  }
  const auto text = base::base64_decoded(bytes.text());
  if ((begins_with(type, "text/") || type == "application/json") && text) {
    out.object().string("type", "text").string("media_type", "text/plain").string("data", *text);
    out.end();
    return media_block("document", source);
  }
  what = begins_with(type, "audio/")   ? "audio"
         : begins_with(type, "video/") ? "video"
                                       : "data of type " + (type.empty() ? "unknown" : type);
  return {};
}

std::string hub_block_of_file_data(Json file, std::string& what) {
  const std::string uri = gemini_member(file, "fileUri").text();
  const std::string told = base::lower(gemini_member(file, "mimeType").text());
  const std::string type = told.empty() ? media_type_of_url(uri, "") : told;
  if (is_google_file(uri)) {
    what = "a file by id";
    return {};
  }
  if (!begins_with(type, "image/") && type != "application/pdf") {
    what = begins_with(type, "audio/") ? "audio" : begins_with(type, "video/") ? "video" : "a file";
    return {};
  }
  std::string source;
  JsonOut(source).object().string("type", "url").string("url", uri).end();
  return media_block(type == "application/pdf" ? "document" : "image", source);
}

void GeminiTurns::read(Json contents) {
  if (contents.is_object()) read_content(contents, 0);
  std::size_t at = 0;
  for (const Json content : contents.items()) {
    if (!findings_.stopped()) read_content(content, at++);
  }
  read_answer();
}

void GeminiTurns::read_content(Json content, std::size_t at) {
  const auto [said_by, told] = content.picked("role", "parts");
  const std::string role = said_by.text();
  const bool model = role == "model";
  if (!model) read_answer();
  if (!model && !role.empty() && role != "user" && role != "function") {
    const std::string place = "contents[" + std::to_string(at) + "].role";
    return findings_.refuse(place, place + ": a role is \"user\", \"model\" or \"function\"");
  }
  std::vector<Part> parts;
  std::vector<Part>& into = model ? answer_ : parts;
  if (told.is_object()) into.emplace_back(told, at, 0);
  std::size_t number = 0;
  for (const Json part : told.items()) into.emplace_back(part, at, number++);
  if (!model) read_parts(parts, false);
}

// What the model said without a word of the user's in between.
void GeminiTurns::read_answer() {
  thought_.clear();
  leads_read_ = 0;
  leads_.clear();
  said_ = 0;
  said_parts_ = 0;
  read_parts(answer_, true);
  answer_.clear();
  turns();
}

void GeminiTurns::read_parts(const std::vector<Part>& parts, bool model) {
  for (std::size_t i = 0; i < parts.size() && !findings_.stopped(); ++i)
    read_part(parts, i, model, parts[i].place());
}

// Texts in a row are one: of a stream each piece is a part.
void GeminiTurns::say(const Words& text) {
  if (text_.empty()) {
    text_ = text;
  } else {
    text_.add(text);
  }
}

// For whatever is said behind the text.
HubTurns& GeminiTurns::turns() {
  if (!text_.empty()) turns_.assistant_text(std::exchange(text_, {}));
  return turns_;
}

GeminiTurns::Part::Part(Json part, std::size_t in_content, std::size_t in_parts)
    : whole(part), content(in_content), number(in_parts) {
  const auto found = gemini_members(part, "thought", "thoughtSignature", "functionCall",
                                    "functionResponse", "inlineData", "fileData");
  std::tie(thought, signature, call, response, data, file) =
      std::tie(found[0], found[1], found[2], found[3], found[4], found[5]);
  text = part["text"];
}

std::string GeminiTurns::Part::place() const {
  return "contents[" + std::to_string(content) + "].parts[" + std::to_string(number) + "]";
}

void GeminiTurns::read_part(const std::vector<Part>& parts, std::size_t at, bool model,
                            const std::string& place) {
  const Part& part = parts[at];
  if (part.call.told()) {
    leads_.clear();  // they are among the others
    read_reasoning(part);
    recall_reasoning(part);
    return read_call(part.call, place);
  }
  if (part.response.told()) return read_response(part.response, place);
  std::string what;
  std::string block;
  if (part.data.told()) {
    block = hub_block_of_inline_data(part.data, what);
  } else if (part.file.told()) {
    block = hub_block_of_file_data(part.file, what);
  } else if (part.text.is_string()) {
    return read_text(parts, at, model);
  } else if (is_hosted_part(part.whole)) {
    turns();  // the texts around it are two
    return findings_.drop("codeExecution");
  } else if (part.signature) {
    return read_reasoning(part);
  } else if (part.whole.is_object() && part.whole.is_empty()) {
    return;
  } else {
    return findings_.refuse(place, place + ": a part of unknown kind");
  }
  if (block.empty()) return findings_.cannot_carry(place, what);
  // A model's pictures have no place in the hub's answers.
  if (model) return findings_.drop("inlineData");
  turns().user(std::move(block));
}

void GeminiTurns::read_text(const std::vector<Part>& parts, std::size_t at, bool model) {
  const Part& part = parts[at];
  if (model) read_reasoning(part);
  // Thoughts without a tag are words that nobody may take for the model's.
  if (part.thought.is_true() || part.text.is_empty()) return;
  if (!model) return turns().user_text(Words::of(part.text));
  // Clients keep the signature of a call only: what stood in front of this text may be there. Once
  // for all texts in front of one call, of which there may be very many.
  if (leads_read_ <= at) {
    const auto call = std::find_if(parts.begin() + static_cast<std::ptrdiff_t>(at), parts.end(),
                                   [](const Part& each) { return each.call.told(); });
    leads_read_ = static_cast<std::size_t>(call - parts.begin());
    if (call != parts.end()) {
      read_reasoning(*call, true);
      recall_reasoning(*call, true);
    }
  }
  if (leads_.empty()) return say(Words::of(part.text));
  for (; said_parts_ < at; ++said_parts_) {
    const Part& before = parts[said_parts_];
    if (!before.thought.is_true()) said_ += characters_in(before.text.text());
  }
  write_between(part.text.text());
}

// Some clients make one text of several, between which there was reasoning.
void GeminiTurns::write_between(std::string_view text) {
  std::int64_t said = said_;
  while (!leads_.empty()) {
    const std::int64_t behind = leads_.front().behind();
    const std::string_view front = first_characters(text, behind - said);
    // What stands behind all of it comes in front of what is said next.
    if (front.size() == text.size() && behind > said) break;
    say(Words(front));
    text.remove_prefix(front.size());
    said = std::max(said, behind);
    think(leads_.front());
    leads_.pop_front();
  }
  say(Words(text));
}

// One signature may carry several tags: of all the reasoning in front of its part. Google's own
// mean nothing to others.
void GeminiTurns::read_reasoning(const Part& part, bool leads_only) {
  const auto inside = base::base64_decoded(part.signature.text());
  if (!inside) return;
  for (const std::string_view each : tags_in(*inside)) {
    const auto tag = read_tag(each);
    if (!tag || tag->issuer != options_.issuer) continue;
    if (!leads_only) {
      think(*tag);
    } else if (tag->json()["lead"].is_true()) {
      tag->behind() > 0 ? leads_.push_back(*tag) : think(*tag);
    }
  }
}

// For a call that came back without.
void GeminiTurns::recall_reasoning(const Part& part, bool leads_only) {
  if (!options_.recall || part.signature) return;
  const std::string tags = options_.recall->reasoning_of(part.call["id"].text());
  for (const std::string_view each : tags_in(tags)) {
    const auto tag = read_tag(each);
    if (!tag) continue;
    leads_only && tag->behind() > 0 ? leads_.push_back(*tag) : think(*tag);
  }
}

// A tag may come on a text and on the call behind it.
void GeminiTurns::think(const Tag& tag) {
  Tag plain{tag.dialect, tag.issuer, {}};
  JsonOut data(plain.data);
  data.object();
  const Json json = tag.json();
  for (const JsonMember& member : json.members()) {
    if (member.is("lead") || member.is("thinking")) continue;
    if (member.is("behind") || member.is("calls")) continue;
    data.raw(member.name(), member.value);
  }
  data.end();
  const std::string signature = make_tag(plain);
  if (!thought_.insert(signature).second) return;
  const Words text(json["thinking"]);
  if (tag.dialect != Dialect::anthropic) return turns().thinking(text, signature);
  if (json["signature"].is_string()) return turns().thinking(text, json["signature"].text());
  std::string block;
  JsonOut(block).object().string("type", "redacted_thinking").raw("data", json["redacted"]).end();
  turns().assistant(std::move(block));
}

void GeminiTurns::read_call(Json call, const std::string& place) {
  const auto [called, own_id, args] = call.picked("name", "id", "args");
  const std::string name = called.text();
  if (name.empty()) return findings_.refuse(place, place + ".functionCall: a call without name");
  std::string id = own_id.text();
  // The same in every request of a conversation, or its prefix would not be the same.
  if (id.empty()) id = "call_" + base62_digest("gemini " + place + ' ' + name, 24);
  turns().call(id, names_.out(name), HubBlock(args.is_object() ? args : Json("{}")));
  by_id_[id].push_back(calls_.size());
  by_name_[name].push_back(calls_.size());
  calls_.push_back({std::move(id), false});
}

GeminiTurns::Call* GeminiTurns::call_for(const std::string& id, const std::string& name) {
  Call* const call = id.empty() ? nullptr : first_of(by_id_, id);
  return call ? call : first_of(by_name_, name);
}

GeminiTurns::Call* GeminiTurns::first_of(Waiting& waiting, const std::string& named) {
  const auto found = waiting.find(named);
  if (found == waiting.end()) return nullptr;
  std::deque<std::size_t>& calls = found->second;
  while (!calls.empty() && calls_[calls.front()].answered) calls.pop_front();
  return calls.empty() ? nullptr : &calls_[calls.front()];
}

void GeminiTurns::read_response(Json response, const std::string& place) {
  const auto [id, name, said] = response.picked("id", "name", "response");
  Call* const call = call_for(id.text(), name.text());
  if (!call) {
    return findings_.refuse(place,
                            place + ".functionResponse: no call with this id or name precedes it");
  }
  call->answered = true;
  const bool failed = said["error"].told() && !said["output"].told();
  std::string blocks;
  for (const Json part : gemini_member(response, "parts").items()) {
    std::string what = "data";
    const Json data = gemini_member(part, "inlineData");
    const Json file = gemini_member(part, "fileData");
    const std::string block =
        data ? hub_block_of_inline_data(data, what) : hub_block_of_file_data(file, what);
    if (block.empty()) {
      findings_.cannot_carry(place, what);
      continue;
    }
    blocks += ',' + block;
  }
  Words text = response_text(said);
  if (blocks.empty()) return turns().result(call->id, std::move(text), failed);
  turns().result(call->id,
                 '[' + (text.empty() ? blocks.substr(1) : text_block(text) + blocks) + ']', failed);
}

}  // namespace ccrelay::dialect
