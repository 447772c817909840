#include "settings_edit.hpp"

#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

constexpr std::string_view env_name = "env";

bool is_blank(std::string_view text) {
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) {
    text.remove_prefix(byte_order_mark.size());
  }
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string inside(std::string_view text, const JsonObject& object) {
  return std::string(text.substr(object.open + 1, object.close - object.open - 1));
}

// The `env` object of a text that was checked.
std::optional<JsonObject> env_of(std::string_view text) {
  const Result<JsonObject> root = read_root(text);
  if (!root) return std::nullopt;
  const JsonMember* env = root->find(env_name);
  if (env == nullptr || !is_object(text, *env)) return std::nullopt;
  return read_object(text, env->value);
}

// Adds an empty `env` object if there is none.
Result<void> ensure_env(EditedSettings& edited) {
  const Result<JsonObject> root = read_root(edited.text);
  if (!root) return root.error();
  const JsonMember* env = root->find(env_name);
  if (env != nullptr) {
    if (is_object(edited.text, *env)) return {};
    return Error{ErrorCode::config, "\"env\" is not an object"};
  }
  edited.record.made_env = true;
  if (root->members.empty()) edited.record.inside_root = inside(edited.text, *root);
  edited.text = with_member(edited.text, *root, env_name, "{}", layout_of(edited.text, *root));
  return {};
}

void put_value(EditedSettings& edited, const SettingsValue& wanted) {
  const std::string& text = edited.text;
  const JsonObject env = *env_of(text);
  const std::string raw = json_quoted(wanted.value);
  SettingsRecord::Key key{wanted.name, wanted.value, std::nullopt};
  if (const JsonMember* member = env.find(wanted.name)) {
    key.previous = std::string(raw_value(text, *member));
    if (string_value(text, *member) != wanted.value) edited.text = with_value(text, *member, raw);
  } else {
    if (env.members.empty() && !edited.record.made_env) {
      edited.record.inside_env = inside(text, env);
    }
    const JsonLayout layout = inner_layout(layout_of(text, *read_root(text)));
    edited.text = with_member(text, env, wanted.name, raw, layout);
  }
  edited.record.keys.push_back(std::move(key));
}

void take_back_value(RestoredSettings& restored, const SettingsRecord& record,
                     const SettingsRecord::Key& key) {
  const std::optional<JsonObject> env = env_of(restored.text);
  const JsonMember* member = env ? env->find(key.name) : nullptr;
  if (member == nullptr) return;
  if (string_value(restored.text, *member) != key.written) {
    restored.left.push_back(key.name);
  } else if (key.previous) {
    restored.text = with_value(restored.text, *member, *key.previous);
    restored.restored.push_back(key.name);
  } else {
    restored.text = without_member(restored.text, *env, *member, record.inside_env.value_or(""));
    restored.removed.push_back(key.name);
  }
}

}  // namespace

Result<EditedSettings> put_values(std::string_view text, const std::vector<SettingsValue>& values) {
  EditedSettings edited;
  edited.text = text;
  if (is_blank(text)) {
    edited.record.blank = std::string(text);
    edited.text = "{}\n";
  }
  const Result<void> ready = ensure_env(edited);
  if (!ready) return ready.error();
  for (const SettingsValue& value : values) put_value(edited, value);
  return edited;
}

bool has_values(std::string_view text, const std::vector<SettingsValue>& values) {
  const std::optional<JsonObject> env = env_of(text);
  if (!env) return false;
  for (const SettingsValue& value : values) {
    const JsonMember* member = env->find(value.name);
    if (member == nullptr || string_value(text, *member) != value.value) return false;
  }
  return true;
}

Result<RestoredSettings> take_back_values(std::string_view text, const SettingsRecord& record) {
  RestoredSettings restored;
  restored.text = text;
  if (is_blank(text)) return restored;
  if (const Result<JsonObject> root = read_root(text); !root) return root.error();

  for (auto key = record.keys.rbegin(); key != record.keys.rend(); ++key) {
    take_back_value(restored, record, *key);
  }
  const JsonObject before = *read_root(restored.text);
  const std::optional<JsonObject> env = env_of(restored.text);
  if (env && env->members.empty() && !record.inside_env && !restored.removed.empty()) {
    restored.text = without_member(restored.text, before, *before.find(env_name),
                                   record.inside_root.value_or(""));
  }
  if (record.blank && read_root(restored.text)->members.empty()) {
    restored.text = *record.blank;
    restored.empty = record.made_file;
  }
  return restored;
}

}  // namespace ccrelay::app
