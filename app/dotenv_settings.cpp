#include <algorithm>
#include <cctype>
#include <utility>

#include "line_settings.hpp"
#include "settings_edit.hpp"

namespace ccrelay::app {
namespace {

// One `NAME=value`, by offsets.
struct DotenvLine {
  std::string_view name;
  std::size_t begin = 0;  ///< of the name, or of `export` before it
  std::size_t value = 0;
  std::size_t value_end = 0;
};

std::size_t behind_blanks(std::string_view text, std::size_t at, std::string_view blanks) {
  return std::min(text.find_first_not_of(blanks, at), text.size());
}

bool is_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
}

// Where a value ends: one in quotes at its closing one, which may stand lines below; else before a
// comment or the line's end.
std::size_t end_of_dotenv_value(std::string_view text, std::size_t at) {
  if (at < text.size() && std::string_view("\"'`").find(text[at]) != std::string_view::npos) {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == text[at]) {
        return i + 1;
      }
    }
  }
  const std::size_t end = std::min(text.find_first_of("#\r\n", at), text.size());
  return at + text.substr(at, end - at).find_last_not_of(" \t") + 1;
}

// What is no such line means nothing to its readers either.
std::vector<DotenvLine> read_dotenv(std::string_view text) {
  std::vector<DotenvLine> found;
  std::size_t at = first_line(text);
  while ((at = behind_blanks(text, at, " \t\r\n")) < text.size()) {
    DotenvLine line;
    line.begin = at;
    if (text.substr(at, 7) == "export " || text.substr(at, 7) == "export\t") {
      at = behind_blanks(text, at + 7, " \t");
    }
    const std::size_t name = at;
    while (at < text.size() && is_of_name(text[at])) ++at;
    line.name = text.substr(name, at - name);
    at = behind_blanks(text, at, " \t");
    if (!line.name.empty() && at < text.size() && text[at] == '=') {
      line.value = behind_blanks(text, at + 1, " \t");
      line.value_end = at = end_of_dotenv_value(text, line.value);
      found.push_back(line);
    }
    at = std::min(text.find('\n', at), text.size());
  }
  return found;
}

// Of several with one name the last one counts.
std::optional<DotenvLine> dotenv_line(std::string_view text, std::string_view name) {
  std::optional<DotenvLine> found;
  for (const DotenvLine& line : read_dotenv(text)) {
    if (line.name == name) found = line;
  }
  return found;
}

std::string dotenv_value(std::string_view text, const DotenvLine& line) {
  std::string_view raw = text.substr(line.value, line.value_end - line.value);
  const bool quoted = raw.size() > 1 && raw.front() == raw.back() &&
                      std::string_view("\"'`").find(raw.front()) != std::string_view::npos;
  return std::string(quoted ? raw.substr(1, raw.size() - 2) : raw);
}

// Between double quotes `\n` would be a line's end.
std::string dotenv_quoted(const std::string& value) {
  const char quote = value.find_first_of("\\\"") == std::string::npos ? '"' : '\'';
  return quote + value + quote;
}

Result<EditedSettings> put_dotenv(std::string_view text, const std::vector<SettingsValue>& values) {
  EditedSettings edited;
  edited.text = text;
  if (is_blank(text)) edited.record.blank = std::string(text);
  for (const SettingsValue& each : values) {
    SettingsRecord::Key key{each.name, each.value, std::nullopt};
    if (const auto there = dotenv_line(edited.text, each.name)) {
      const std::size_t size = there->value_end - there->value;
      key.previous = edited.text.substr(there->value, size);
      if (dotenv_value(edited.text, *there) != each.value) {
        edited.text.replace(there->value, size, dotenv_quoted(each.value));
      }
    } else {
      insert_line(edited.text, edited.text.size(), each.name + "=" + dotenv_quoted(each.value));
    }
    edited.record.keys.push_back(std::move(key));
  }
  return edited;
}

bool has_dotenv(std::string_view text, const std::vector<SettingsValue>& values) {
  return std::all_of(values.begin(), values.end(), [&](const SettingsValue& value) {
    const auto there = dotenv_line(text, value.name);
    return there && dotenv_value(text, *there) == value.value;
  });
}

Result<RestoredSettings> take_back_dotenv(std::string_view text, const SettingsRecord& record) {
  RestoredSettings restored;
  restored.text = text;
  for (auto key = record.keys.rbegin(); key != record.keys.rend(); ++key) {
    const auto there = dotenv_line(restored.text, key->name);
    if (!there) continue;
    if (dotenv_value(restored.text, *there) != key->written) {
      restored.left.push_back(key->name);
    } else if (key->previous) {
      restored.text.replace(there->value, there->value_end - there->value, *key->previous);
      restored.restored.push_back(key->name);
    } else {
      take_line(restored.text, there->begin, there->value_end);
      restored.removed.push_back(key->name);
    }
  }
  if (record.blank && is_blank(restored.text) && !restored.removed.empty()) {
    restored.text = *record.blank;
    restored.empty = record.made_file;
  }
  return restored;
}

}  // namespace

std::vector<SettingsValue> dotenv_values(std::string_view text) {
  std::vector<SettingsValue> values;
  for (const DotenvLine& line : read_dotenv(text)) {
    values.push_back({std::string(line.name), dotenv_value(text, line)});
  }
  return values;
}

const SettingsFormat& dotenv_format() {
  static const SettingsFormat format = {"", put_dotenv, has_dotenv, take_back_dotenv};
  return format;
}

}  // namespace ccrelay::app
