#include "dialect/foreign_reasoning.hpp"

#include <optional>
#include <vector>

#include "base/base64.hpp"
#include "dialect/gemini_contents.hpp"
#include "dialect/gemini_member.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::string_view tag_mark = "ccr1.";
constexpr std::string_view wrapped_tag_mark = "Y2NyMS5";  // the same in base64

bool is_marked(Json text) {
  return text.is_string() && text.raw().substr(1, tag_mark.size()) == tag_mark;
}

bool is_wrapped(Json text) {
  return text.is_string() && text.raw().substr(1, wrapped_tag_mark.size()) == wrapped_tag_mark;
}

std::string with_part(std::string_view whole, Json part, std::string_view by) {
  const auto at = static_cast<std::size_t>(part.raw().data() - whole.data());
  std::string out(whole.substr(0, at));
  out += by;
  return out += whole.substr(at + part.raw().size());
}

std::string array_text(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += item;
  }
  return out + "]";
}

// What `change` makes of each: nothing where it is left out. Empty when all stay as they are.
template <class Change>
std::string changed_items(Json array, const Change& change) {
  std::vector<std::string> kept;
  bool any = false;
  for (const Json item : array.items()) {
    std::optional<std::string> after = change(item);
    any = any || after != item.raw();
    if (after) kept.push_back(*std::move(after));
  }
  return any ? array_text(kept) : std::string();
}

template <class Change>
std::string changed_members(Json object, const Change& change) {
  std::string out = "{";
  for (const JsonMember& member : object.members()) {
    const std::optional<std::string> after = change(member);
    if (!after) continue;
    if (out.size() > 1) out += ',';
    out.append(member.key).append(":").append(*after);
  }
  return out + "}";
}

std::optional<std::string> foreign_item_out(Json item) {
  if (item["type"].is("reasoning") && is_marked(item["encrypted_content"])) return {};
  return std::string(item.raw());
}

// The text that is shown beside the tag is the same reasoning's; some servers must have any.
std::optional<std::string> foreign_details_out(Json message, bool keeps_text) {
  const Json details = message["reasoning_details"];
  const auto own = [](Json detail) -> std::optional<std::string> {
    if (is_marked(detail["data"])) return {};
    return std::string(detail.raw());
  };
  const std::string left = changed_items(details, own);
  if (left.empty()) return std::string(message.raw());
  return changed_members(message, [&](const JsonMember& member) -> std::optional<std::string> {
    if (member.is("reasoning_content") && !keeps_text) return {};
    if (!member.is("reasoning_details")) return std::string(member.value.raw());
    if (left == "[]") return {};
    return left;
  });
}

std::optional<std::string> foreign_signature_out(Json part, bool wants_signature) {
  if (!is_wrapped(gemini_member(part, "thoughtSignature"))) return std::string(part.raw());
  if (gemini_member(part, "thought").is_true()) return {};
  const bool stands_in = wants_signature && gemini_member(part, "functionCall").told();
  return changed_members(part, [&](const JsonMember& member) -> std::optional<std::string> {
    if (!member.is("thoughtSignature") && !member.is("thought_signature"))
      return std::string(member.value.raw());
    if (!stands_in) return {};
    return json_quoted(gemini_no_signature);
  });
}

}  // namespace

std::string without_foreign_reasoning(Dialect client, std::string_view body,
                                      const Profile* profile) {
  const std::string_view mark = client == Dialect::gemini ? wrapped_tag_mark : tag_mark;
  if (client == Dialect::anthropic || body.find(mark) == std::string_view::npos) return {};
  const Json request = Json::read(body);
  const char* name = client == Dialect::chat        ? "messages"
                     : client == Dialect::responses ? "input"
                                                    : "contents";
  const Json list = request[name];
  std::string left;
  if (client == Dialect::responses) {
    left = changed_items(list, foreign_item_out);
  } else if (client == Dialect::chat) {
    const bool keeps_text = profile && profile->reasoning_required;
    left = changed_items(list, [&](Json each) { return foreign_details_out(each, keeps_text); });
  } else {
    const bool wants_signature = profile && profile->effort_field == "thinkingLevel";
    left = changed_items(list, [&](Json content) -> std::optional<std::string> {
      const Json parts = content["parts"];
      const std::string after = changed_items(
          parts, [&](Json part) { return foreign_signature_out(part, wants_signature); });
      if (after.empty()) return std::string(content.raw());
      if (after == "[]") return {};
      return with_part(content.raw(), parts, after);
    });
  }
  return left.empty() ? std::string() : with_part(body, list, left);
}

}  // namespace ccrelay::dialect
