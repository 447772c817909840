#include "support/proto_text.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <regex>
#include <set>

#include "support/paths.hpp"
#include "wire/json_members.hpp"
#include "wire/json_scan.hpp"

namespace ccrelay::testing {
namespace {

ProtoText read(const std::string& path) {
  static const std::regex block(R"(^(message|enum) (\w+) \{(\})?)");
  static const std::regex one_of_begin(R"(^\s+oneof (\w+) \{)");
  static const std::regex value(R"(^\s+([A-Z0-9_]+) = \d+;)");
  static const std::regex field(R"(^\s+(repeated |optional )?(map<.*>|[\w.]+) (\w+) = \d+;)");
  static const std::regex call(R"(^\s+rpc (\w+)\((\w+)\) returns \((stream )?(\w+)\);)");
  ProtoText proto;
  std::string kind, name, one_of;
  std::ifstream file(path);
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_search(line, match, block)) {
      name = match[2];
      if (match[1] == "message") proto.messages[name];
      if (match[3].matched) continue;
      kind = match[1];
    } else if (std::regex_search(line, match, one_of_begin)) {
      one_of = match[1];
    } else if (line.find('}') != std::string::npos && line.find("//") == std::string::npos) {
      (one_of.empty() ? kind : one_of).clear();
    } else if (kind == "enum" && std::regex_search(line, match, value)) {
      proto.enums[name].push_back(match[1]);
    } else if (kind == "message" && std::regex_search(line, match, field)) {
      proto.messages[name].push_back(
          {match[3], match[2], match[1] == "repeated ", match[1] == "optional ", one_of});
    } else if (std::regex_search(line, match, call)) {
      proto.calls.push_back({match[1], match[2], match[4], match[3].length() > 0});
    }
  }
  return proto;
}

bool is_string(std::string_view raw) {
  return raw.front() == '"';
}
bool matches(std::string_view raw, const char* pattern) {
  return std::regex_match(std::string(raw), std::regex(pattern));
}

// Of a JSON array.
std::vector<std::string_view> items(std::string_view array) {
  std::vector<std::string_view> out;
  wire::JsonScan scan(array, 1);
  scan.skip_space();
  while (!scan.failed() && scan.peek() != ']') {
    const std::size_t begin = scan.at();
    scan.skip_value();
    out.push_back(array.substr(begin, scan.at() - begin));
    scan.skip_space();
    if (!scan.take(',')) break;
    scan.skip_space();
  }
  return out;
}

std::string value_differs(const ProtoText& proto, const std::string& type, std::string_view raw) {
  const auto unlike = [&](bool good) {
    return good ? "" : "is no " + type + ": " + std::string(raw);
  };
  if (type == "string") return unlike(is_string(raw));
  if (type == "bool") return unlike(raw == "true" || raw == "false");
  if (type == "double") {
    return unlike(matches(raw, R"(-?\d+(\.\d+)?(e[-+]\d+)?|"NaN"|"-?Infinity")"));
  }
  if (type == "uint64") return unlike(matches(raw, R"(\d+)"));
  if (type == "int64" || type == "int32") return unlike(matches(raw, R"(-?\d+)"));
  if (type == "google.protobuf.Timestamp") {
    return unlike(matches(raw, R"("\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6}|\.\d{9})?Z")"));
  }
  if (type == "map<string, string>") {
    const auto members = wire::JsonMembers::read(raw);
    return unlike(members && std::all_of(members->begin(), members->end(), [&](const auto& one) {
                    return is_string(members->raw(one));
                  }));
  }
  if (const auto found = proto.enums.find(type); found != proto.enums.end()) {
    const auto& names = found->second;
    return unlike(std::find(names.begin(), names.end(), wire::plain_string(raw)) != names.end());
  }
  return proto.differs(type, raw);
}

std::string field_differs(const ProtoText& proto, const ProtoText::Field& field,
                          std::string_view raw) {
  if (field.repeated) {
    if (raw.front() != '[') return "is no array";
    for (const std::string_view item : items(raw)) {
      if (std::string wrong = value_differs(proto, field.type, item); !wrong.empty()) return wrong;
    }
    return {};
  }
  const bool message =
      field.type == "google.protobuf.Timestamp" || proto.messages.count(field.type);
  if (raw == "null" && (field.optional || (message && field.one_of.empty()))) return {};
  return value_differs(proto, field.type, raw);
}

}  // namespace

const ProtoText& ProtoText::management() {
  static const ProtoText proto =
      read(source_root() + "/proto/ccrelay/management/v1/management.proto");
  return proto;
}

std::string ProtoText::differs(std::string_view message, std::string_view json) const {
  const std::string name(message);
  const auto found = messages.find(name);
  if (found == messages.end()) return "there is no message " + name;
  const auto members = wire::JsonMembers::read(json);
  if (!members) return name + " is no object: " + members.error().message;
  std::size_t next = 0;
  std::set<std::string> one_ofs, told;
  for (const Field& field : found->second) {
    const bool here = next < members->size() && (*members)[next].name == field.name;
    if (!field.one_of.empty()) {
      one_ofs.insert(field.one_of);
      if (!here) continue;
      if (!told.insert(field.one_of).second) return name + " has two of " + field.one_of;
    }
    if (!here) return name + '.' + field.name + " is not there, or not in its place";
    const std::string wrong = field_differs(*this, field, members->raw((*members)[next]));
    if (!wrong.empty()) return name + '.' + field.name + ' ' + wrong;
    ++next;
  }
  if (told != one_ofs) return name + " has nothing of its oneof";
  if (next < members->size()) {
    return name + " has an unknown " + std::string((*members)[next].name);
  }
  return {};
}

}  // namespace ccrelay::testing
