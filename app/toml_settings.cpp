#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "json_splice.hpp"
#include "line_settings.hpp"
#include "settings_edit.hpp"
#include "toml_scan.hpp"

namespace ccrelay::app {
namespace {

using TomlPath = std::vector<std::string>;

TomlPath toml_path(std::string_view name) {
  TomlPath path;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    path.emplace_back(name.substr(at, end - at));
    at = end + 1;
  }
  return path;
}

bool begins_with(const TomlPath& path, const TomlPath& with) {
  return path.size() >= with.size() && std::equal(with.begin(), with.end(), path.begin());
}

const TomlStatement* key_of(const std::vector<TomlStatement>& statements, const TomlPath& path) {
  for (const TomlStatement& each : statements) {
    if (each.kind == TomlStatement::Kind::key && each.path == path) return &each;
  }
  return nullptr;
}

// Where a table's keys are to stand, for who may not write them as a table of their own.
Result<void> refuse_other_forms(const std::vector<TomlStatement>& statements,
                                const TomlPath& table) {
  const bool own = std::any_of(statements.begin(), statements.end(), [&](const auto& each) {
    return each.kind == TomlStatement::Kind::table && each.path == table;
  });
  const TomlPath* around = nullptr;
  for (const TomlStatement& each : statements) {
    const bool key = each.kind == TomlStatement::Kind::key;
    // A key that is the table itself, or one around it; or, without a header, one with dots.
    const bool holds = key && begins_with(table, each.path) && !each.path.empty();
    const bool array = each.kind == TomlStatement::Kind::array && begins_with(table, each.path);
    const bool dotted = key && !own && begins_with(each.path, table) &&
                        (around == nullptr || !begins_with(*around, table));
    if (!key) around = &each.path;
    if (!holds && !array && !dotted) continue;
    return Error{ErrorCode::config,
                 fmt::format("line {}: \"{}\" is not written as a table; write it as [{}]",
                             each.line, fmt::join(each.path, "."), fmt::join(table, "."))};
  }
  return {};
}

// A key of the root stands behind the last one there is, or first. One of a table behind its
// header, or behind what was put there last; a table that is missing is made at the end.
Result<void> add_key(EditedSettings& edited, const SettingsValue& wanted) {
  const auto statements = read_toml(edited.text);
  if (!statements) return statements.error();
  TomlPath table = toml_path(wanted.name);
  const std::string line = table.back() + " = " + json_quoted(wanted.value);
  table.pop_back();

  std::optional<std::size_t> at;
  for (const TomlStatement& each : *statements) {
    if (table.empty() && each.kind != TomlStatement::Kind::key) break;
    const bool header = each.kind == TomlStatement::Kind::table && each.path == table;
    const bool ours = std::any_of(
        edited.record.keys.begin(), edited.record.keys.end(),
        [&](const auto& key) { return !key.previous && toml_path(key.name) == each.path; });
    const bool inside = each.path.size() == table.size() + 1 && begins_with(each.path, table);
    if (header || (each.kind == TomlStatement::Kind::key && (table.empty() || (inside && ours)))) {
      at = each.line_end;
    }
  }
  if (at) {
    insert_line(edited.text, *at, line);
  } else if (table.empty()) {
    insert_line(edited.text, first_line(edited.text), line);
  } else {
    edited.record.inside = space_before_block(edited.text);
    edited.record.made = 1;
    edited.text += *edited.record.inside;
    insert_line(edited.text, edited.text.size(), fmt::format("[{}]", fmt::join(table, ".")));
    insert_line(edited.text, edited.text.size(), line);
  }
  return {};
}

Result<EditedSettings> put_toml(std::string_view text, const std::vector<SettingsValue>& values) {
  EditedSettings edited;
  edited.text = text;
  if (is_blank(text)) edited.record.blank = std::string(text);
  const auto before = read_toml(text);
  if (!before) return before.error();
  for (const SettingsValue& each : values) {  // lines are those of the user's text
    TomlPath path = toml_path(each.name);
    if (path.size() == 1 || key_of(*before, path) != nullptr) continue;
    path.pop_back();
    if (const auto fit = refuse_other_forms(*before, path); !fit) return fit.error();
  }
  for (const SettingsValue& each : values) {
    const auto statements = read_toml(edited.text);
    if (!statements) return statements.error();
    SettingsRecord::Key key{each.name, each.value, std::nullopt};
    if (const TomlStatement* there = key_of(*statements, toml_path(each.name))) {
      const std::size_t size = there->value_end - there->value;
      key.previous = edited.text.substr(there->value, size);
      if (toml_string(*key.previous) != each.value) {
        edited.text.replace(there->value, size, json_quoted(each.value));
      }
    } else if (const auto added = add_key(edited, each); !added) {
      return added.error();
    }
    edited.record.keys.push_back(std::move(key));
  }
  return edited;
}

bool has_toml(std::string_view text, const std::vector<SettingsValue>& values) {
  const auto statements = read_toml(text);
  return statements && std::all_of(values.begin(), values.end(), [&](const SettingsValue& value) {
           const TomlStatement* there = key_of(*statements, toml_path(value.name));
           return there != nullptr &&
                  toml_string(text.substr(there->value, there->value_end - there->value)) ==
                      value.value;
         });
}

// The table that was made, once nothing is in it.
void take_back_table(RestoredSettings& restored, const SettingsRecord& record) {
  TomlPath table;
  for (const SettingsRecord::Key& key : record.keys) {
    if (TomlPath path = toml_path(key.name); path.size() > 1) table = std::move(path);
  }
  if (table.empty()) return;
  table.pop_back();
  const auto statements = read_toml(restored.text);
  if (!statements) return;
  for (std::size_t i = 0; i < statements->size(); ++i) {
    const TomlStatement& each = (*statements)[i];
    if (each.kind != TomlStatement::Kind::table || each.path != table) continue;
    const bool last = i + 1 == statements->size();
    if (!last && (*statements)[i + 1].kind == TomlStatement::Kind::key) return;
    const std::size_t at = take_line(restored.text, each.begin, each.value_end);
    take_before(restored.text, at, record.inside.value_or(""));
    return;
  }
}

Result<RestoredSettings> take_back_toml(std::string_view text, const SettingsRecord& record) {
  RestoredSettings restored;
  restored.text = text;
  for (auto key = record.keys.rbegin(); key != record.keys.rend(); ++key) {
    const auto statements = read_toml(restored.text);
    if (!statements) return statements.error();
    const TomlStatement* there = key_of(*statements, toml_path(key->name));
    if (there == nullptr) continue;
    const std::size_t size = there->value_end - there->value;
    if (toml_string(std::string_view(restored.text).substr(there->value, size)) != key->written) {
      restored.left.push_back(key->name);
    } else if (key->previous) {
      restored.text.replace(there->value, size, *key->previous);
      restored.restored.push_back(key->name);
    } else {
      take_line(restored.text, there->begin, there->value_end);
      restored.removed.push_back(key->name);
    }
  }
  if (record.made > 0 && !restored.removed.empty()) take_back_table(restored, record);
  if (record.blank && is_blank(restored.text) && !restored.removed.empty()) {
    restored.text = *record.blank;
    restored.empty = record.made_file;
  }
  return restored;
}

}  // namespace

const SettingsFormat& toml_format() {
  static const SettingsFormat format = {"", put_toml, has_toml, take_back_toml};
  return format;
}

}  // namespace ccrelay::app
