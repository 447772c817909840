#include "dialect/hub_turns.hpp"

#include <utility>

#include "dialect/json_out.hpp"

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

void HubTurns::user_text(const Words& text) {
  if (!text.empty()) user(text_block(text));
}

void HubTurns::assistant_text(const Words& text) {
  if (!text.empty()) assistant(text_block(text));
}

void HubTurns::thinking(const Words& text, std::string_view signature) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", "thinking").string("thinking", text);
  json.string("signature", signature).end();
  assistant(std::move(block));
}

void HubTurns::call(std::string_view id, std::string_view name, std::string_view input) {
  std::string block;
  block.reserve(id.size() + name.size() + input.size() + 64);
  JsonOut json(block);
  json.object().string("type", "tool_use").string("id", id).string("name", name);
  json.written("input", input).end();
  ++calls_[std::string(id)];
  entries_.push_back({Role::assistant, std::move(block), std::string(id)});
}

void HubTurns::result(std::string_view id, std::string_view content, bool is_error) {
  std::string block;
  block.reserve(id.size() + content.size() + 80);
  JsonOut json(block);
  json.object().string("type", "tool_result").string("tool_use_id", id);
  json.written("content", content);
  if (is_error) json.boolean("is_error", true);
  json.end();
  results_[std::string(id)].blocks.push_back(std::move(block));
  add(Role::result, {});
}

void HubTurns::result(std::string_view id, const Words& text, bool is_error) {
  result(id, '"' + text.inside() + '"', is_error);
}

std::string HubTurns::unasked() const {
  for (const auto& [id, results] : results_) {
    const auto call = calls_.find(id);
    if (call == calls_.end() || call->second < results.blocks.size()) return id;
  }
  return {};
}

std::string HubTurns::result_of(const std::string& id) {
  if (results_[id].given == results_[id].blocks.size()) result(id, R"x("(no result)")x");
  Results& results = results_[id];
  return std::move(results.blocks[results.given++]);
}

// The blocks as they are said, each result where it belongs.
std::vector<HubTurns::Entry> HubTurns::in_order() {
  std::vector<Entry> said;
  std::vector<std::string> asked;
  const auto answer = [&] {
    for (const std::string& id : asked) said.push_back({Role::user, result_of(id), {}});
    asked.clear();
  };
  for (Entry& entry : std::exchange(entries_, {})) {
    if (entry.role != Role::assistant) answer();
    if (entry.role == Role::result) continue;
    if (!entry.call_id.empty()) asked.push_back(entry.call_id);
    said.push_back(std::move(entry));
  }
  answer();
  return said;
}

void HubTurns::write(JsonOut& json, std::size_t marked) {
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
    json.written(mark ? with_cache_mark(block) : block);
    if (ends(at)) json.end().end();
  }
  json.end();
}

}  // namespace ccrelay::dialect
