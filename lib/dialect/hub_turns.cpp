#include "dialect/hub_turns.hpp"

#include "dialect/json_out.hpp"

namespace ccrelay::dialect {

std::string text_block(std::string_view text) {
  std::string block;
  JsonOut(block).object().string("type", "text").string("text", text).end();
  return block;
}

std::string input_from_arguments(std::string_view arguments) {
  const Json value = Json::read(arguments);
  if (value.is_object()) return std::string(value.raw());
  if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) return "{}";
  std::string input;
  JsonOut(input).object().string("raw_arguments", arguments).end();
  return input;
}

void HubTurns::user_text(std::string_view text) {
  if (!text.empty()) user(text_block(text));
}

void HubTurns::assistant_text(std::string_view text) {
  if (!text.empty()) assistant(text_block(text));
}

void HubTurns::thinking(std::string_view text, std::string_view signature) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", "thinking").string("thinking", text);
  json.string("signature", signature).end();
  assistant(std::move(block));
}

void HubTurns::call(std::string_view id, std::string_view name, std::string_view input) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", "tool_use").string("id", id).string("name", name);
  json.raw("input", input).end();
  ++calls_[std::string(id)];
  entries_.push_back({Role::assistant, std::move(block), std::string(id)});
}

void HubTurns::result(std::string_view id, std::string_view content, bool is_error) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", "tool_result").string("tool_use_id", id);
  json.raw("content", content);
  if (is_error) json.boolean("is_error", true);
  json.end();
  results_[std::string(id)].push_back(std::move(block));
  add(Role::result, {});
}

std::string HubTurns::unasked() const {
  for (const auto& [id, blocks] : results_) {
    const auto call = calls_.find(id);
    if (call == calls_.end() || call->second < blocks.size()) return id;
  }
  return {};
}

void HubTurns::write(JsonOut& json) {
  enum class Open { none, user, assistant } open = Open::none;
  std::vector<std::string> asked;
  const auto turn_to = [&](Open role) {
    if (open == role) return;
    if (open != Open::none) json.end().end();
    open = role;
    if (role == Open::none) return;
    json.object().string("role", role == Open::user ? "user" : "assistant").array("content");
  };
  const auto answer = [&] {
    if (asked.empty()) return;
    turn_to(Open::user);
    for (const std::string& id : asked) {
      std::deque<std::string>& blocks = results_[id];
      if (blocks.empty()) result(id, R"x("(no result)")x");
      json.raw(blocks.front());
      blocks.pop_front();
    }
    asked.clear();
  };
  const std::vector<Entry> entries = std::move(entries_);
  json.array();
  for (const Entry& entry : entries) {
    if (entry.role != Role::assistant) answer();
    if (entry.role == Role::result) continue;
    turn_to(entry.role == Role::user ? Open::user : Open::assistant);
    json.raw(entry.block);
    if (!entry.call_id.empty()) asked.push_back(entry.call_id);
  }
  answer();
  turn_to(Open::none);
  json.end();
}

}  // namespace ccrelay::dialect
