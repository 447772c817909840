#include "config/twice.hpp"

#include "config/words.hpp"

#include <fmt/format.h>

#include <tuple>
#include <vector>

namespace ccrelay::config {
namespace {

bool is_before(Position one, Position other) {
  return std::tie(one.line, one.column) < std::tie(other.line, other.column);
}

/// The last place in the document of a key whose path ends in `name`, as in `b.c` of `a.b.c`: the
/// table that is being filled is the last one, too.
void find_last(const Value& value, const std::string& path, std::string_view name,
               std::optional<Position>& found) {
  for (const Value& item : value.items) find_last(item, path, name, found);
  for (const Member& member : value.members) {
    const std::string here = path.empty() ? member.key : path + '.' + member.key;
    const bool ends = here == name || (here.size() > name.size() && here.ends_with(name) &&
                                       here[here.size() - name.size() - 1] == '.');
    if (ends && (!found || is_before(*found, member.at))) found = member.at;
    find_last(member.value, here, name, found);
  }
}

/// All lines before this one.
std::string_view before_line(std::string_view toml, std::uint32_t line) {
  std::size_t end = 0;
  for (std::uint32_t i = 1; i < line; ++i) {
    const auto newline = toml.find('\n', end);
    if (newline == std::string_view::npos) break;
    end = newline + 1;
  }
  return toml.substr(0, end);
}

std::string place_of(std::string_view name, Position at, std::string_view toml) {
  const ParsedDocument before = parse_document(before_line(toml, at.line));
  std::optional<Position> first;
  find_last(before.root, "", name, first);
  return first ? fmt::format("here and in line {}", first->line) : "in this line";
}

}  // namespace

std::optional<std::string> said_twice(std::string_view said, Position at, std::string_view toml) {
  constexpr std::string_view sign = "cannot redefine existing ";
  const auto begin = said.find(sign);
  const auto open = said.find('\'', begin);
  const auto close = said.rfind('\'');
  if (begin == said.npos || open == said.npos || close <= open) return std::nullopt;
  const auto kind = said.substr(begin + sign.size(), open - begin - sign.size());
  const auto name = said.substr(open + 1, close - open - 1);
  const auto as = said.substr(close + 1);
  const std::string place = place_of(name, at, toml);
  const std::string shown = plain(name);
  if (as.empty() && kind == "table ") {
    return fmt::format("table [{}] stands {}; put its settings together", shown, place);
  }
  if (kind == "array " && as == " as table") {
    return fmt::format(
        "{0} stands {1}, once as [[{0}]], for one of several, and once as [{0}]; "
        "write [[{0}]]",
        shown, place);
  }
  if (!as.empty()) {
    return fmt::format("{} stands {}, once as a value and once as a table; remove one of them",
                       shown, place);
  }
  return fmt::format("{} is given twice, {}; remove one of them", shown, place);
}

}  // namespace ccrelay::config
