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

void HubTurns::call(std::string_view id, std::string_view name, HubBlock input) {
  std::string front = R"({"type":"tool_use","id":)";
  front.reserve(id.size() + name.size() + 64);
  wire::append_json_string(front, id);
  wire::append_json_string(front += R"(,"name":)", name);
  front += R"(,"input":)";
  input.wrap(front, "}");
  ++calls_[std::string(id)];
  entries_.push_back({Role::assistant, std::move(input), std::string(id)});
}

void HubTurns::result(std::string_view id, HubBlock content, bool is_error) {
  std::string front = R"({"type":"tool_result","tool_use_id":)";
  front.reserve(id.size() + 64);
  wire::append_json_string(front, id);
  front += R"(,"content":)";
  content.wrap(front, is_error ? R"(,"is_error":true})" : "}");
  results_[std::string(id)].blocks.push_back(std::move(content));
  add(Role::result, {});
}

std::string HubTurns::unasked() const {
  for (const auto& [id, results] : results_) {
    const auto call = calls_.find(id);
    if (call == calls_.end() || call->second < results.blocks.size()) return id;
  }
  return {};
}

HubBlock HubTurns::result_of(const std::string& id) {
  Results& results = results_[id];
  if (results.given == results.blocks.size()) result(id, R"x("(no result)")x");
  return std::move(results.blocks[results.given++]);
}

// The blocks as they are said, each result where it belongs.
std::vector<HubTurns::Entry> HubTurns::in_order() {
  std::vector<Entry> said;
  said.reserve(entries_.size());
  std::vector<std::string> asked;
  const auto answer = [&] {
    for (const std::string& id : asked) said.push_back({Role::user, result_of(id), {}});
    asked.clear();
  };
  for (Entry& entry : std::exchange(entries_, {})) {
    if (entry.role != Role::assistant) answer();
    if (entry.role == Role::result) continue;
    if (!entry.call_id.empty()) asked.push_back(std::move(entry.call_id));
    said.push_back(std::move(entry));
  }
  answer();
  return said;
}

void HubTurns::write(JsonOut& json, std::size_t marked, KnownStrings* known) {
  const std::vector<Entry> said = in_order();
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
    const auto& [role, block, call_id] = said[at];
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
}

}  // namespace ccrelay::dialect
