#pragma once

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "support/paths.hpp"

namespace ccrelay::test {

/// A file of the project, whole.
inline std::string text_of(const std::string& path) {
  std::ifstream file(testing::source_root() + '/' + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether a table's row is about `name`: it stands, as code, in the row's first cell.
inline bool begins_a_row(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| ")) continue;
    if (line.substr(0, line.find(" | ", 2)).find('`' + name + '`') != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace ccrelay::test
