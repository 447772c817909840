#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>

#include "json_splice.hpp"
#include "settings_edit.hpp"

namespace ccrelay::app {
namespace {

// What `made` and `inside` are, the first version told for the one object it knew of.
constexpr std::string_view version = "2";

void add_member(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  if (value) out += ", " + json_quoted(name) + ": " + json_quoted(*value);
}

std::optional<std::string> string_of(std::string_view json, const JsonObject& object,
                                     std::string_view name) {
  const JsonMember* member = object.find(name);
  return member == nullptr ? std::nullopt : string_value(json, *member);
}

bool is_true(std::string_view json, const JsonObject& object, std::string_view name) {
  const JsonMember* member = object.find(name);
  return member != nullptr && raw_value(json, *member) == "true";
}

// Of a record of ours a small number.
std::size_t count_of(std::string_view json, const JsonObject& object, std::string_view name) {
  const JsonMember* member = object.find(name);
  const std::string_view raw = member == nullptr ? "" : raw_value(json, *member);
  return raw.size() == 1 && raw[0] >= '0' && raw[0] <= '9' ? std::size_t(raw[0] - '0') : 0;
}

}  // namespace

std::string to_json(const SettingsRecord& record) {
  std::string out = "{\"version\": " + std::string(version);
  out += std::string(", \"made_file\": ") + (record.made_file ? "true" : "false");
  out += ", \"made\": " + std::to_string(record.made);
  add_member(out, "blank", record.blank);
  add_member(out, "inside", record.inside);
  out += ", \"keys\": {";
  for (const SettingsRecord::Key& key : record.keys) {
    if (&key != &record.keys.front()) out += ", ";
    out += json_quoted(key.name) + ": {\"written\": " + json_quoted(key.written);
    add_member(out, "previous", key.previous);
    out += "}";
  }
  return out + "}}\n";
}

Result<SettingsRecord> read_record(std::string_view json) {
  const Result<JsonObject> root = read_root(json);
  if (!root) return root.error();
  const JsonMember* number = root->find("version");
  const JsonMember* keys = root->find("keys");
  if (number == nullptr || keys == nullptr || !is_object(json, *keys) ||
      (raw_value(json, *number) != version && raw_value(json, *number) != "1")) {
    return Error{ErrorCode::config, "it was written by another version of cc-relay"};
  }
  SettingsRecord record;
  record.made_file = is_true(json, *root, "made_file");
  record.blank = string_of(json, *root, "blank");
  if (raw_value(json, *number) == version) {
    record.made = count_of(json, *root, "made");
    record.inside = string_of(json, *root, "inside");
  } else {
    record.made = is_true(json, *root, "made_env") ? 1 : 0;
    record.inside = string_of(json, *root, record.made == 1 ? "inside_root" : "inside_env");
  }
  for (const JsonMember& member : read_object(json, keys->value).members) {
    if (!is_object(json, member)) continue;
    const JsonObject key = read_object(json, member.value);
    if (const auto written = string_of(json, key, "written")) {
      record.keys.push_back({member.name, *written, string_of(json, key, "previous")});
    }
  }
  return record;
}

}  // namespace ccrelay::app
