#include "identity/ini.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace ccrelay::identity {
namespace {

// `[profile  name]` and `[ name ]` mean the same as with single blanks and none.
std::string section_name(std::string_view inside) {
  std::string name;
  for (const char c : base::trim(inside)) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && !name.empty() && name.back() == ' ') continue;
    name += blank ? ' ' : c;
  }
  return name;
}

// A comment behind a value begins with white space; `#` alone may be part of a secret.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    const bool blank = value[i - 1] == ' ' || value[i - 1] == '\t';
    if (blank && (value[i] == '#' || value[i] == ';')) return value.substr(0, i);
  }
  return value;
}

}  // namespace

// As botocore reads them (Python's configparser): an indented line goes on with the value of the
// key above it, if that is indented less; under a section, or in line with its neighbours, it is a
// key.
Ini read_ini(std::string_view text) {
  Ini ini;
  std::map<std::string, std::string>* section = nullptr;
  bool below_key = false;
  std::size_t key_indent = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    line.remove_prefix(indent);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (below_key && indent > key_indent) continue;
    key_indent = indent;
    if (line.front() == '[') {
      const std::size_t close = line.find(']');
      section =
          close == std::string_view::npos ? nullptr : &ini[section_name(line.substr(1, close - 1))];
      below_key = false;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!section || equals == std::string_view::npos) continue;
    below_key = true;
    (*section)[base::lower(base::trim(line.substr(0, equals)))] =
        base::trim(without_comment(line.substr(equals + 1)));
  }
  return ini;
}

}  // namespace ccrelay::identity
