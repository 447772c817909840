#include "support/h1_cases.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "support/paths.hpp"

namespace ccrelay::testing {
namespace {

using Columns = std::array<std::string, 5>;

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// $(N text)
std::string repeated(std::string text) {
  for (auto at = text.find("$("); at != std::string::npos; at = text.find("$(", at)) {
    const auto blank = text.find(' ', at);
    const auto end = text.find(')', at);
    const std::string what = text.substr(blank + 1, end - blank - 1);
    std::string all;
    for (int i = std::stoi(text.substr(at + 2)); i > 0; --i) all += what;
    text.replace(at, end + 1 - at, all);
  }
  return text;
}

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case '\\':
        out += '\\';
        break;
      case 'x':
        out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
        break;
      default:
        throw std::runtime_error("no such escape in " + text);
    }
  }
  return out;
}

std::string bytes_of(std::string text) {
  text = replaced(text, "$G", "GET /health HTTP/1.1\\r\\nHost: a\\r\\n");
  text = replaced(text, "$P", "POST /v1/messages HTTP/1.1\\r\\nHost: a\\r\\n");
  text = replaced(text, "$J", R"({"model":"m"})");
  return unescaped(repeated(std::move(text)));
}

Columns columns_of(const std::string& line) {
  Columns columns;
  std::size_t from = 0;
  for (std::size_t i = 0; i + 1 < columns.size(); ++i) {
    const auto bar = line.find(" | ", from);
    if (bar == std::string::npos) throw std::runtime_error("not five columns: " + line);
    columns[i] = line.substr(from, bar - from);
    from = bar + 3;
  }
  columns.back() = line.substr(from);
  return columns;
}

H1Case case_of(const Columns& columns, std::string place) {
  using Then = H1Case::Then;
  H1Case one;
  one.place = std::move(place);
  one.name = columns[0];
  one.rule = columns[1];
  std::string answers = columns[2];
  if (answers == "wait") {
    one.then = Then::wait;
  } else {
    one.then = answers.ends_with(" keep") ? Then::keep : Then::close;
    for (std::size_t at = 0; at < answers.size() && answers[at] != ' '; at += 3) {
      if (answers[at] == ',') ++at;
      one.statuses.push_back(std::stoi(answers.substr(at, 3)));
    }
  }
  one.bytes = bytes_of(columns[4]);
  return one;
}

}  // namespace

std::vector<H1Case> h1_cases() {
  const std::filesystem::path folder = test_data() + "/h1";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<H1Case> cases;
  for (const auto& file : files) {
    std::ifstream in(file);
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      cases.push_back(
          case_of(columns_of(line), file.filename().string() + ":" + std::to_string(number)));
    }
  }
  return cases;
}

}  // namespace ccrelay::testing
