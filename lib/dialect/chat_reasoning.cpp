#include "dialect/chat_reasoning.hpp"

#include <algorithm>

#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::string_view think_open = "<think>";
constexpr std::string_view think_close = "</think>";
constexpr std::string_view think_space = " \t\r\n";
// Blanks that may stand in front of the first tag.
constexpr std::size_t think_space_max = 1024;
// OpenRouter's have half a dozen.
constexpr std::size_t detail_members_max = 64;

// The member of a detail that its deltas add to.
std::string_view growing_member(Json type) {
  if (type.is("reasoning.text")) return "text";
  if (type.is("reasoning.summary")) return "summary";
  if (type.is("reasoning.encrypted")) return "data";
  return {};
}

// How much of the text's end may be the beginning of the tag.
std::size_t tag_begun(std::string_view text, std::string_view tag) {
  for (std::size_t length = std::min(text.size(), tag.size() - 1); length > 0; --length) {
    if (text.substr(text.size() - length) == tag.substr(0, length)) return length;
  }
  return 0;
}

}  // namespace

std::string ChatReasoning::take(Json message) {
  Json content;
  Json plain;
  std::string detailed;
  for (const JsonMember& member : message.members()) {
    if (member.is("reasoning_content")) content = member.value;
    if (member.is("reasoning")) plain = member.value;
    if (!member.is("reasoning_details")) continue;
    for (const Json& detail : member.value.items()) detailed += take_detail(detail);
  }
  const bool in_content = content.is_string() && !content.is_empty();
  std::string text = in_content ? content.text() : plain.text();
  if (!text.empty() && details_.empty())
    field_ = in_content || field_ == "reasoning_content" ? "reasoning_content" : "reasoning";
  if (!detailed.empty()) text = std::move(detailed);
  bytes_ += text.size();
  return text;
}

std::string ChatReasoning::take_part(Json part) {
  std::string text = part["thinking"].text();
  for (const Json& inner : part["thinking"].items()) text += inner["text"].text();
  if (!text.empty()) field_ = "content";
  bytes_ += text.size();
  return text;
}

std::string ChatReasoning::take_detail(Json json) {
  if (!json.is_object()) return {};
  const Json type = json["type"];
  const std::string_view grows = growing_member(type);
  const auto same = [&](const Detail& detail, std::string_view name, Json value) {
    for (const auto& [key, text] : detail.members) {
      if (key == name) return text == value.raw();
    }
    return !value;
  };
  const bool goes_on = !details_.empty() && !grows.empty() && details_.back().grown == grows &&
                       same(details_.back(), "type", type) &&
                       same(details_.back(), "index", json["index"]);
  if (!goes_on) bytes_ += sizeof(Detail);
  Detail& detail = goes_on ? details_.back() : details_.emplace_back();
  detail.grown = grows;
  std::string shown;
  for (const JsonMember& member : json.members()) {
    const std::string name = member.name();
    if (!grows.empty() && name == grows && member.value.is_string()) {
      const std::string piece = member.value.text();
      detail.text += piece;
      detail.has_text = true;
      bytes_ += piece.size();
      if (grows != "data") shown += piece;
      continue;
    }
    const auto old = std::find_if(detail.members.begin(), detail.members.end(),
                                  [&](const auto& each) { return each.first == name; });
    if (old == detail.members.end()) {
      if (detail.members.size() == detail_members_max) continue;
      bytes_ += name.size() + member.value.raw().size();
      detail.members.emplace_back(name, member.value.raw());
    } else if (member.value.told()) {
      bytes_ += member.value.raw().size();
      bytes_ -= old->second.size();
      old->second = member.value.raw();
    }
  }
  return shown;
}

std::string ChatReasoning::data() {
  std::string out;
  JsonOut json(out);
  json.object();
  if (details_.empty()) {
    json.string("field", field_);
  } else {
    json.array("details");
    for (const Detail& detail : details_) {
      json.object();
      bool told = !detail.has_text;
      for (const auto& [name, text] : detail.members) {
        json.raw(name, text);
        // Where OpenRouter has it: behind the type.
        if (!told && name == "type") json.string(detail.grown, detail.text);
        told = told || name == "type";
      }
      if (!told) json.string(detail.grown, detail.text);
      json.end();
    }
    json.end();
  }
  json.end();
  field_.clear();
  details_.clear();
  bytes_ = 0;
  return out;
}

void ThinkTags::feed(std::string_view piece, std::string& thinking, std::string& text) {
  held_ += piece;
  while (step(thinking, text)) {
  }
}

// False when there is no more to be said of what is held.
bool ThinkTags::step(std::string& thinking, std::string& text) {
  switch (at_) {
    case At::start: {
      const std::size_t first = held_.find_first_not_of(think_space);
      if (std::min(first, held_.size()) > think_space_max) {
        at_ = At::text;
        return true;
      }
      if (first == std::string::npos) return false;
      const std::string_view rest = std::string_view(held_).substr(first);
      if (rest.size() < think_open.size() && think_open.substr(0, rest.size()) == rest)
        return false;
      if (rest.substr(0, think_open.size()) != think_open) {
        at_ = At::text;
        return true;
      }
      held_.erase(0, first + think_open.size());
      at_ = At::thinking;
      return true;
    }
    case At::thinking: {
      const std::size_t close = held_.find(think_close);
      const bool closed = close != std::string::npos;
      const std::size_t known = closed ? close : held_.size() - tag_begun(held_, think_close);
      thinking.append(held_, 0, known);
      held_.erase(0, closed ? close + think_close.size() : known);
      if (closed) at_ = At::after;
      return closed;
    }
    case At::after:
      // The blank line behind the tag belongs to it.
      held_.erase(0, std::min(held_.find_first_not_of(think_space), held_.size()));
      if (held_.empty()) return false;
      at_ = At::text;
      return true;
    case At::text:
      text += held_;
      held_.clear();
      return false;
  }
  return false;
}

void ThinkTags::end(std::string& thinking, std::string& text) {
  (at_ == At::thinking ? thinking : text) += held_;
  held_.clear();
}

}  // namespace ccrelay::dialect
