#include "dialect/hub_turns.hpp"

#include <utility>

#include "dialect/json_out.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::dialect {

std::string text_block(const Words& text) {
  std::string block;
  block.reserve(text.inside().size() + 32);
  JsonOut(block).object().string("type", "text").string("text", text).end();
  return block;
}

std::string text_block(std::string_view text) {
  return text_block(Words(text));
}

std::string input_from_arguments(std::string_view arguments) {
  std::string input;
  if (const Json value = Json::read(arguments); value.is_object()) {
    JsonOut(input).raw(value);
  } else if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    input = "{}";
  } else {
    JsonOut(input).object().string("raw_arguments", arguments).end();
  }
  return input;
}

std::string with_cache_mark(std::string_view object) {
  std::string out;
  JsonOut json(out);
  json.object();
  for (const JsonMember& member : Json(object).members()) json.raw(member.name(), member.value);
  json.object("cache_control").string("type", "ephemeral").end().end();
  return out;
}

void HubTurns::user_text(Words text) {
  if (!text.empty()) user(block_of_text(std::move(text)));
}

void HubTurns::assistant_text(Words text) {
  if (!text.empty()) assistant(block_of_text(std::move(text)));
}

void HubTurns::thinking(const Words& text, std::string_view signature) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", "thinking").string("thinking", text);
  json.string("signature", signature).end();
  assistant(std::move(block));
}

HubTurns::ById::iterator HubTurns::asked(std::string_view id) {
  // Most calls are answered before the next one.
  if (last_asked_ != by_id_.end() && last_asked_->first == id) return last_asked_;
  last_asked_ = by_id_.lower_bound(id);
  if (last_asked_ == by_id_.end() || last_asked_->first != id)
    last_asked_ = by_id_.try_emplace(last_asked_, std::string(id));
  return last_asked_;
}

void HubTurns::call(std::string_view id, std::string_view name, HubBlock input) {
  std::string front;
  front.reserve(id.size() + name.size() + input.frame_bytes() + 64);
  wire::append_json_string(front += R"({"type":"tool_use","id":)", id);
  wire::append_json_string(front += R"(,"name":)", name);
  front += R"(,"input":)";
  input.wrap(std::move(front), "}");
  const auto at = asked(id);
  ++at->second.calls;
  entries_.push_back({Role::call, std::move(input), at});
}

void HubTurns::result(std::string_view id, HubBlock content, bool is_error) {
  std::string front;
  front.reserve(id.size() + content.frame_bytes() + 80);
  wire::append_json_string(front += R"({"type":"tool_result","tool_use_id":)", id);
  front += R"(,"content":)";
  content.wrap(std::move(front), is_error ? R"(,"is_error":true})" : "}");
  Asked& answered = asked(id)->second;
  ++answered.results;
  std::size_t& last = answered.next_result == none ? answered.next_result
                                                   : entries_[answered.last_result].next_result;
  last = answered.last_result = entries_.size();
  add(Role::result, std::move(content));
}

std::string HubTurns::unasked() const {
  for (const auto& [id, asked] : by_id_) {
    if (asked.calls < asked.results) return id;
  }
  return {};
}

std::size_t HubTurns::result_of(ById::iterator asked) {
  if (asked->second.next_result == none) result(asked->first, R"x("(no result)")x");
  const std::size_t entry = asked->second.next_result;
  asked->second.next_result = entries_[entry].next_result;
  return entry;
}

// The entries as they are said, each result where it belongs.
std::vector<HubTurns::Said> HubTurns::in_order() {
  std::vector<Said> said;
  // What is made up for calls without a result comes behind these.
  const std::size_t count = entries_.size();
  said.reserve(count);
  std::vector<ById::iterator> open;
  const auto answer = [&] {
    for (const ById::iterator& call : open) said.push_back({Role::user, result_of(call)});
    open.clear();
  };
  for (std::size_t at = 0; at < count; ++at) {
    const Role role = entries_[at].role;
    const bool of_assistant = role == Role::assistant || role == Role::call;
    if (!of_assistant) answer();
    if (role == Role::result) continue;
    if (role == Role::call) open.push_back(entries_[at].asked);
    said.push_back({of_assistant ? Role::assistant : Role::user, at});
  }
  answer();
  return said;
}

void HubTurns::write(JsonOut& json, std::size_t marked, KnownStrings* known) {
  const std::vector<Said> said = in_order();
  const auto ends = [&](std::size_t at) {
    return at + 1 == said.size() || said[at + 1].role != said[at].role;
  };
  std::size_t first_marked = said.size();
  for (std::size_t at = said.size(); at-- > 0 && marked > 0;) {
    if (said[at].role != Role::user || !ends(at)) continue;
    first_marked = at;
    --marked;
  }
  json.array();
  for (std::size_t at = 0; at < said.size(); ++at) {
    const auto [role, entry] = said[at];
    const HubBlock& block = entries_[entry].block;
    if (at == 0 || ends(at - 1))
      json.object().string("role", role == Role::user ? "user" : "assistant").array("content");
    const bool mark = at >= first_marked && role == Role::user && ends(at);
    if (mark) {
      block.write_marked(json);
    } else {
      block.write(json, known);
    }
    if (ends(at)) json.end().end();
  }
  json.end();
  entries_.clear();
}

}  // namespace ccrelay::dialect
