#include "json_splice.hpp"

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

// What stands before the last member's key: from its last line end on, or all of it.
std::string_view gap_before_last(std::string_view text, const JsonObject& object) {
  const std::size_t count = object.members.size();
  const std::size_t key = object.members.back().key;
  std::size_t begin = count > 1 ? object.members[count - 2].value_end : object.open + 1;
  if (count > 1) begin = text.find(',', begin) + 1;
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

Result<JsonObject> read_root(std::string_view text) {
  JsonScan scan(text);
  scan.skip_byte_order_mark();
  scan.skip_space();
  JsonObject root = scan.object();
  scan.skip_space();
  if (!scan.at_end()) scan.fail("unexpected text after the object");
  if (scan.failed()) return scan.error();
  return root;
}

JsonObject read_object(std::string_view text, std::size_t open) {
  return JsonScan(text, open).object();
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
    return spliced(text, object.open + 1, object.close, member);
  }
  const JsonMember& last = object.members.back();
  member.insert(0, gap_before_last(text, object));
  member.insert(0, ",");
  member += text.substr(last.key_end, last.value - last.key_end);
  member += raw;
  return spliced(text, last.value_end, last.value_end, member);
}

std::string without_member(std::string_view text, const JsonObject& object,
                           const JsonMember& member, std::string_view inside) {
  if (object.members.size() == 1) return spliced(text, object.open + 1, object.close, inside);
  std::size_t index = 0;
  while (object.members[index].key != member.key) ++index;
  if (index == 0) return spliced(text, member.key, object.members[1].key, "");
  const std::size_t comma = text.find(',', object.members[index - 1].value_end);
  return spliced(text, comma, member.value_end, "");
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
