#include "line_settings.hpp"

#include <algorithm>

#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

std::string line_end_of(std::string_view text) {
  const std::size_t at = text.find('\n');
  const bool windows = at != std::string_view::npos && at > 0 && text[at - 1] == '\r';
  return windows ? "\r\n" : "\n";
}

}  // namespace

std::size_t first_line(std::string_view text) {
  const bool marked = text.substr(0, byte_order_mark.size()) == byte_order_mark;
  return marked ? byte_order_mark.size() : 0;
}

std::string end_of_last_line(std::string_view text) {
  const bool open = text.size() > first_line(text) && text.back() != '\n';
  return open ? line_end_of(text) : std::string();
}

std::string space_before_block(std::string_view text) {
  return text.size() > first_line(text) ? end_of_last_line(text) + line_end_of(text)
                                        : std::string();
}

void insert_line(std::string& text, std::size_t at, std::string_view line) {
  const std::string end = line_end_of(text);
  std::string added(line);
  if (at == text.size() && !end_of_last_line(text).empty()) {
    added.insert(0, end);
  } else {
    added += end;
  }
  text.insert(at, added);
}

std::size_t take_line(std::string& text, std::size_t begin, std::size_t end) {
  constexpr std::string_view blanks_of_line = " \t\r";
  const std::size_t line = text.find_last_of('\n', begin) + 1;
  const bool marked = begin > 0 && line == 0 && begin >= first_line(text);
  const std::size_t from = marked ? first_line(text) : line;
  const std::size_t next = std::min(text.find_first_not_of(blanks_of_line, end), text.size());
  const bool alone = text.find_first_not_of(blanks_of_line, from) == begin &&
                     (next == text.size() || text[next] == '\n');
  if (!alone) {
    text.erase(begin, next - begin);
    return begin;
  }
  if (next < text.size()) {
    text.erase(from, next + 1 - from);
    return from;
  }
  std::size_t before = from;  // the last line, without an end: that of the one before goes
  if (before > 0 && text[before - 1] == '\n') --before;
  if (before > 0 && before < from && text[before - 1] == '\r') --before;
  text.erase(before);
  return before;
}

void take_before(std::string& text, std::size_t at, std::string_view what) {
  if (at < what.size() || text.compare(at - what.size(), what.size(), what) != 0) return;
  const std::size_t begin = at - what.size();
  // An empty line, then; where it is gone, this would be the end of another.
  const bool empty_line = begin <= first_line(text) || text[begin - 1] == '\n';
  if (!empty_line && std::count(what.begin(), what.end(), '\n') == 1) return;
  text.erase(begin, what.size());
}

}  // namespace ccrelay::app
