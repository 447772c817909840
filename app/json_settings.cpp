#include <algorithm>
#include <utility>

#include "json_splice.hpp"
#include "settings_edit.hpp"

namespace ccrelay::app {
namespace {

// The object around the values, by the names that lead to it.
struct JsonPlace {
  std::vector<std::string_view> path;
  JsonComments comments;
};

std::string inside(std::string_view text, const JsonObject& object) {
  return std::string(text.substr(object.open + 1, object.close - object.open - 1));
}

// The objects on the way to the place, as far as there are any, the root first. Of a text that was
// checked.
std::vector<JsonObject> objects_to(std::string_view text, const JsonPlace& place) {
  std::vector<JsonObject> found;
  Result<JsonObject> root = read_root(text, place.comments);
  if (!root) return found;
  found.push_back(*std::move(root));
  for (const std::string_view name : place.path) {
    const JsonMember* member = found.back().find(name);
    if (member == nullptr || !is_object(text, *member)) break;
    found.push_back(read_object(text, member->value));
  }
  return found;
}

std::optional<JsonObject> object_at(std::string_view text, const JsonPlace& place) {
  std::vector<JsonObject> objects = objects_to(text, place);
  if (objects.size() != place.path.size() + 1) return std::nullopt;
  return std::move(objects.back());
}

JsonLayout layout_at(std::string_view text, const JsonObject& root, std::size_t depth) {
  JsonLayout layout = layout_of(text, root);
  while (depth-- > 0) layout = inner_layout(layout);
  return layout;
}

// Adds the objects that are missing, empty.
Result<void> ensure_objects(EditedSettings& edited, const JsonPlace& place) {
  if (const auto root = read_root(edited.text, place.comments); !root) return root.error();
  for (std::vector<JsonObject> objects = objects_to(edited.text, place);
       objects.size() <= place.path.size(); objects = objects_to(edited.text, place)) {
    const std::string_view name = place.path[objects.size() - 1];
    const JsonObject& around = objects.back();
    if (const JsonMember* member = around.find(name); member != nullptr) {
      return Error{ErrorCode::config, "\"" + std::string(name) + "\" is not an object" +
                                          place_in(edited.text, member->value)};
    }
    if (edited.record.made == 0 && around.members.empty()) {
      edited.record.inside = inside(edited.text, around);
    }
    ++edited.record.made;
    const JsonLayout layout = layout_at(edited.text, objects.front(), objects.size() - 1);
    edited.text = with_member(edited.text, around, name, "{}", layout);
  }
  return {};
}

void put_value(EditedSettings& edited, const SettingsValue& wanted, const JsonPlace& place) {
  const std::string& text = edited.text;
  const std::vector<JsonObject> objects = objects_to(text, place);
  const JsonObject& object = objects.back();
  const std::string raw = json_quoted(wanted.value);
  SettingsRecord::Key key{wanted.name, wanted.value, std::nullopt};
  if (const JsonMember* member = object.find(wanted.name)) {
    key.previous = std::string(raw_value(text, *member));
    if (string_value(text, *member) != wanted.value) edited.text = with_value(text, *member, raw);
  } else {
    if (object.members.empty() && edited.record.made == 0) {
      edited.record.inside = inside(text, object);
    }
    const JsonLayout layout = layout_at(text, objects.front(), place.path.size());
    edited.text = with_member(text, object, wanted.name, raw, layout);
  }
  edited.record.keys.push_back(std::move(key));
}

void take_back_value(RestoredSettings& restored, const SettingsRecord& record,
                     const SettingsRecord::Key& key, const JsonPlace& place) {
  const std::optional<JsonObject> object = object_at(restored.text, place);
  const JsonMember* member = object ? object->find(key.name) : nullptr;
  if (member == nullptr) return;
  if (string_value(restored.text, *member) != key.written) {
    restored.left.push_back(key.name);
  } else if (key.previous) {
    restored.text = with_value(restored.text, *member, *key.previous);
    restored.restored.push_back(key.name);
  } else {
    const std::string before = record.made == 0 ? record.inside.value_or("") : "";
    restored.text = without_member(restored.text, *object, *member, before);
    restored.removed.push_back(key.name);
  }
}

// Those that nothing is left in; `inside` is what the object around them held before.
void take_back_objects(RestoredSettings& restored, const SettingsRecord& record,
                       const JsonPlace& place) {
  for (std::size_t left = record.made; left > 0; --left) {
    const std::vector<JsonObject> objects = objects_to(restored.text, place);
    const std::size_t depth = place.path.size() - record.made + left;
    if (objects.size() != depth + 1 || !objects.back().members.empty()) return;
    const JsonObject& around = objects[depth - 1];
    restored.text = without_member(restored.text, around, *around.find(place.path[depth - 1]),
                                   left == 1 ? record.inside.value_or("") : "");
  }
}

Result<EditedSettings> put_in(std::string_view text, const std::vector<SettingsValue>& values,
                              const JsonPlace& place) {
  EditedSettings edited;
  edited.text = text;
  if (is_blank(text)) {
    edited.record.blank = std::string(text);
    edited.text = "{}\n";
  }
  const Result<void> ready = ensure_objects(edited, place);
  if (!ready) return ready.error();
  for (const SettingsValue& value : values) put_value(edited, value, place);
  return edited;
}

bool has_in(std::string_view text, const std::vector<SettingsValue>& values,
            const JsonPlace& place) {
  const std::optional<JsonObject> object = object_at(text, place);
  return object && std::all_of(values.begin(), values.end(), [&](const SettingsValue& value) {
           const JsonMember* member = object->find(value.name);
           return member != nullptr && string_value(text, *member) == value.value;
         });
}

Result<RestoredSettings> take_back_in(std::string_view text, const SettingsRecord& record,
                                      const JsonPlace& place) {
  RestoredSettings restored;
  restored.text = text;
  if (is_blank(text)) return restored;
  if (const auto root = read_root(text, place.comments); !root) return root.error();

  for (auto key = record.keys.rbegin(); key != record.keys.rend(); ++key) {
    take_back_value(restored, record, *key, place);
  }
  if (!restored.removed.empty()) take_back_objects(restored, record, place);
  if (record.blank && is_empty_object(restored.text)) {
    restored.text = *record.blank;
    restored.empty = record.made_file;
  }
  return restored;
}

// `place` is told by its type, as the functions of a format are given no more than texts.
template <typename Place>
SettingsFormat json_format(std::string_view prefix) {
  return {
      prefix,
      [](std::string_view text, const std::vector<SettingsValue>& values) {
        return put_in(text, values, Place::place());
      },
      [](std::string_view text, const std::vector<SettingsValue>& values) {
        return has_in(text, values, Place::place());
      },
      [](std::string_view text, const SettingsRecord& record) {
        return take_back_in(text, record, Place::place());
      },
  };
}

struct ClaudePlace {
  static JsonPlace place() { return {{"env"}, JsonComments::refused}; }
};

struct GeminiPlace {
  static JsonPlace place() { return {{"security", "auth"}, JsonComments::allowed}; }
};

}  // namespace

bool is_blank(std::string_view text) {
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) {
    text.remove_prefix(byte_order_mark.size());
  }
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

const SettingsFormat& claude_format() {
  static const SettingsFormat format = json_format<ClaudePlace>("env.");
  return format;
}

const SettingsFormat& gemini_format() {
  static const SettingsFormat format = json_format<GeminiPlace>("security.auth.");
  return format;
}

}  // namespace ccrelay::app
