#include "manage/diagnostics.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/utf8.hpp"

namespace ccrelay::manage {
namespace {

struct Located {
  std::string_view source;
  std::int32_t line = 0;
  std::int32_t column = 0;
  std::string_view rest;
};

// A number and the colon behind it.
std::optional<std::int32_t> take_number(std::string_view& text) {
  std::int32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(read.ptr - text.data());
  if (read.ec != std::errc() || used == text.size() || text[used] != ':') return {};
  text.remove_prefix(used + 1);
  return number;
}

// The first `:line:column: `.
std::optional<Located> located(std::string_view text) {
  for (auto colon = text.find(':'); colon != text.npos; colon = text.find(':', colon + 1)) {
    std::string_view rest = text.substr(colon + 1);
    const auto line = take_number(rest);
    const auto column = line ? take_number(rest) : std::nullopt;
    if (!column || !rest.starts_with(' ')) continue;
    return Located{text.substr(0, colon), *line, *column, rest.substr(1)};
  }
  return {};
}

// A setting, or a key that is none, stands in front of what is said of it.
std::string_view path_in(std::string_view words) {
  const auto end = words.find_first_of(": ");
  if (end == words.npos || end == 0) return {};
  const std::string_view path = words.substr(0, end);
  const bool is_one = words[end] == ':' ? words.substr(end).starts_with(": ")
                                        : path.find_first_of("._[") != path.npos;
  return is_one ? path : std::string_view();
}

management::Diagnostic diagnostic(std::string_view text, management::Severity severity,
                                  std::string_view source, bool is_text) {
  management::Diagnostic out;
  out.severity = severity;
  std::string_view file = source;
  if (const auto place = located(text)) {
    file = place->source;
    out.line = place->line;
    out.column = place->column;
    text = place->rest;
  } else if (!source.empty() && text.starts_with(source) &&
             text.substr(source.size()).starts_with(": ")) {
    text.remove_prefix(source.size() + 2);
  }
  if (!is_text || file != source) out.file = base::as_utf8(std::string(file));
  out.path = base::as_utf8(std::string(path_in(text)));
  out.message = base::as_utf8(std::string(text));
  return out;
}

}  // namespace

std::vector<management::Diagnostic> diagnostics_of(std::string_view lines,
                                                   management::Severity severity,
                                                   std::string_view source, bool is_text) {
  std::vector<management::Diagnostic> out;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    if (!line.empty()) out.push_back(diagnostic(line, severity, source, is_text));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  return out;
}

std::vector<management::Diagnostic> warnings_of(const std::vector<std::string>& warnings,
                                                std::string_view source, bool is_text) {
  std::vector<management::Diagnostic> out;
  for (const std::string& warning : warnings) {
    out.push_back(diagnostic(warning, management::Severity::warning, source, is_text));
  }
  return out;
}

std::vector<management::ConfigChange> told(const std::vector<ConfigChange>& changes) {
  std::vector<management::ConfigChange> out;
  for (const ConfigChange& change : changes) {
    out.push_back(
        {change.key, change.old_value, change.new_value, change.needs_restart, change.words});
  }
  return out;
}

}  // namespace ccrelay::manage
