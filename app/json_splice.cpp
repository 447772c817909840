#include "json_splice.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "json_scan.hpp"

namespace ccrelay::app {
namespace {

std::string spliced(std::string_view text, std::size_t begin, std::size_t end,
                    std::string_view replacement) {
  std::string out;
  out.reserve(text.size() + replacement.size());
  out += text.substr(0, begin);
  out += replacement;
  out += text.substr(end);
  return out;
}

constexpr std::string_view blanks = " \t\r\n";

// Where the white space before `at` begins; before that may be a comment.
std::size_t space_before(std::string_view text, std::size_t at) {
  return text.substr(0, at).find_last_not_of(blanks) + 1;
}

bool has_comment(std::string_view between) {
  return between.find('/') != std::string_view::npos;
}

// The comma behind a value that is not the last one.
std::size_t comma_behind(std::string_view text, std::size_t value_end) {
  JsonScan scan(text, value_end, JsonComments::allowed);
  scan.skip_space();
  return scan.at();
}

// What stands before the last member's key: from its last line end on, or all of it.
std::string_view gap_before_last(std::string_view text, const JsonObject& object) {
  const std::size_t key = object.members.back().key;
  const std::size_t begin = space_before(text, key);
  const std::string_view gap = text.substr(begin, key - begin);
  std::size_t line = gap.rfind('\n');
  if (line == std::string_view::npos) return gap;
  if (line > 0 && gap[line - 1] == '\r') --line;
  return gap.substr(line);
}

}  // namespace

const JsonMember* JsonObject::find(std::string_view name) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->name == name) return &*member;
  }
  return nullptr;
}

Result<JsonObject> read_root(std::string_view text, JsonComments comments) {
  JsonScan scan(text, 0, comments);
  scan.skip_byte_order_mark();
  scan.skip_space();
  JsonObject root = scan.object();
  scan.skip_space();
  if (!scan.at_end()) scan.fail("unexpected text after the object");
  if (scan.failed()) return scan.error();
  return root;
}

JsonObject read_object(std::string_view text, std::size_t open) {
  return JsonScan(text, open, JsonComments::allowed).object();
}

bool is_empty_object(std::string_view text) {
  const Result<JsonObject> root = read_root(text);  // no comment may get lost
  return root && root->members.empty();
}

bool is_object(std::string_view text, const JsonMember& member) {
  return text[member.value] == '{';
}

std::string_view raw_value(std::string_view text, const JsonMember& member) {
  return text.substr(member.value, member.value_end - member.value);
}

std::optional<std::string> string_value(std::string_view text, const JsonMember& member) {
  if (text[member.value] != '"') return std::nullopt;
  return JsonScan(text, member.value).string();
}

std::string with_value(std::string_view text, const JsonMember& member, std::string_view raw) {
  return spliced(text, member.value, member.value_end, raw);
}

std::string with_member(std::string_view text, const JsonObject& object, std::string_view name,
                        std::string_view raw, const JsonLayout& layout) {
  std::string member = json_quoted(name);
  if (object.members.empty()) {
    member += ": ";
    member += raw;
    if (!layout.newline.empty()) {
      member =
          layout.newline + layout.indent + layout.unit + member + layout.newline + layout.indent;
    }
    const std::string_view inside = text.substr(object.open + 1, object.close - object.open - 1);
    if (!has_comment(inside)) return spliced(text, object.open + 1, object.close, member);
    member.erase(member.find_last_not_of(blanks) + 1);  // what ends the line is there
    return spliced(text, object.open + 1, object.open + 1, member);
  }
  const JsonMember& last = object.members.back();
  member.insert(0, gap_before_last(text, object));
  member.insert(0, ",");
  const std::string_view colon = text.substr(last.key_end, last.value - last.key_end);
  member += has_comment(colon) ? ": " : colon;
  member += raw;
  return spliced(text, last.value_end, last.value_end, member);
}

std::string without_member(std::string_view text, const JsonObject& object,
                           const JsonMember& member, std::string_view inside) {
  const std::size_t begin = space_before(text, member.key);
  if (object.members.size() == 1) {
    const std::string_view before = text.substr(object.open + 1, member.key - object.open - 1);
    const std::string_view behind = text.substr(member.value_end, object.close - member.value_end);
    if (has_comment(before) || has_comment(behind)) {
      return spliced(text, begin, member.value_end, "");
    }
    return spliced(text, object.open + 1, object.close, inside);
  }
  std::size_t index = 0;
  while (object.members[index].key != member.key) ++index;
  if (index == 0) {
    const std::size_t comma = comma_behind(text, member.value_end);
    return spliced(text, member.key,
                   std::min(text.find_first_not_of(blanks, comma + 1), text.size()), "");
  }
  const std::size_t comma = comma_behind(text, object.members[index - 1].value_end);
  return spliced(spliced(text, begin, member.value_end, ""), comma, comma + 1, "");
}

JsonLayout layout_of(std::string_view text, const JsonObject& root) {
  const std::size_t line = text.find('\n');
  const std::string newline =
      line != 0 && line != std::string_view::npos && text[line - 1] == '\r' ? "\r\n" : "\n";
  if (root.members.empty()) return {newline, "", "  "};
  const std::string_view gap = gap_before_last(text, root);
  const std::size_t indent = gap.rfind('\n');
  if (indent == std::string_view::npos) return {"", "", ""};
  return {newline, "", std::string(gap.substr(indent + 1))};
}

JsonLayout inner_layout(const JsonLayout& outer) {
  return {outer.newline, outer.indent + outer.unit, outer.unit};
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

}  // namespace ccrelay::app
