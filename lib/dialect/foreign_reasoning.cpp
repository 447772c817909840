#include "dialect/foreign_reasoning.hpp"

#include <cstdint>
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

// Whose reasoning leaves the request.
enum class Leaves : std::uint8_t { foreign, all };

bool is_marked(Json text, Leaves which) {
  return text.is_string() &&
         (which == Leaves::all || text.raw().substr(1, tag_mark.size()) == tag_mark);
}

bool is_wrapped(Json text, Leaves which) {
  return text.is_string() && (which == Leaves::all ||
                              text.raw().substr(1, wrapped_tag_mark.size()) == wrapped_tag_mark);
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

std::optional<std::string> foreign_item_out(Json item, Leaves which) {
  if (item["type"].is("reasoning") && is_marked(item["encrypted_content"], which)) return {};
  return std::string(item.raw());
}

// The text that is shown beside the tag is the same reasoning's; some servers must have any.
std::optional<std::string> foreign_details_out(Json message, bool keeps_text, Leaves which) {
  const Json details = message["reasoning_details"];
  const auto own = [&](Json detail) -> std::optional<std::string> {
    if (which == Leaves::all || is_marked(detail["data"], which)) return {};
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

// `wants_signature`: a call has to have one.
std::optional<std::string> foreign_signature_out(Json part, bool wants_signature, Leaves which) {
  const bool is_signed = is_wrapped(gemini_member(part, "thoughtSignature"), which);
  const bool is_call = gemini_member(part, "functionCall").told();
  const bool stands_in = wants_signature && is_call;
  const bool lacks_one = stands_in && which == Leaves::all && !is_signed;
  if (gemini_member(part, "thought").is_true() && (is_signed || which == Leaves::all)) return {};
  if (!is_signed && !lacks_one) return std::string(part.raw());
  std::string out = changed_members(part, [&](const JsonMember& member) {
    const bool is_signature = member.is("thoughtSignature") || member.is("thought_signature");
    return is_signature ? std::nullopt : std::optional<std::string>(member.value.raw());
  });
  if (!stands_in) return out;
  out.pop_back();
  return out + R"(,"thoughtSignature":)" + json_quoted(gemini_no_signature) + '}';
}

std::string reasoning_out(Leaves which, Dialect client, std::string_view body,
                          const Profile* profile) {
  const Json request = Json::read(body);
  const char* name = client == Dialect::chat        ? "messages"
                     : client == Dialect::responses ? "input"
                                                    : "contents";
  const Json list = request[name];
  std::string left;
  if (client == Dialect::responses) {
    left = changed_items(list, [&](Json item) { return foreign_item_out(item, which); });
  } else if (client == Dialect::chat) {
    const bool keeps_text = profile && profile->reasoning_required;
    left = changed_items(list,
                         [&](Json each) { return foreign_details_out(each, keeps_text, which); });
  } else {
    const bool must_sign = profile && profile->effort_field == "thinkingLevel";
    left = changed_items(list, [&](Json content) -> std::optional<std::string> {
      const Json parts = content["parts"];
      bool wants_signature = must_sign;
      const std::string after = changed_items(parts, [&](Json part) {
        auto out = foreign_signature_out(part, wants_signature, which);
        // Of calls made at once only the first has one.
        if (which == Leaves::all && gemini_member(part, "functionCall").told())
          wants_signature = false;
        return out;
      });
      if (after.empty()) return std::string(content.raw());
      if (after == "[]") return {};
      return with_part(content.raw(), parts, after);
    });
  }
  return left.empty() ? std::string() : with_part(body, list, left);
}

// Whether there may be something to take out.
bool may_have_reasoning(Dialect client, std::string_view body) {
  const auto has = [&](std::string_view name) { return body.find(name) != std::string_view::npos; };
  switch (client) {
    case Dialect::chat:
      return has("\"reasoning_details\"");
    case Dialect::responses:
      return has("\"encrypted_content\"");
    case Dialect::gemini:
      return has("\"thoughtSignature\"") || has("\"thought_signature\"") ||
             has("\"functionCall\"") || has("\"function_call\"");
    case Dialect::anthropic:
      break;
  }
  return false;
}

}  // namespace

std::string without_foreign_reasoning(Dialect client, std::string_view body,
                                      const Profile* profile) {
  const std::string_view mark = client == Dialect::gemini ? wrapped_tag_mark : tag_mark;
  if (client == Dialect::anthropic || body.find(mark) == std::string_view::npos) return {};
  return reasoning_out(Leaves::foreign, client, body, profile);
}

std::string without_reasoning(Dialect client, std::string_view body, const Profile* profile) {
  return may_have_reasoning(client, body) ? reasoning_out(Leaves::all, client, body, profile)
                                          : std::string();
}

}  // namespace ccrelay::dialect
