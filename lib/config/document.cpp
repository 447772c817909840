#include "config/document.hpp"

#include <utility>

#include "config/words.hpp"

// The library asserts (and with NDEBUG and clang, assumes) that a table header's key begins well,
// though it handles the opposite right after; `[ $` would abort. Without NDEBUG both are
// TOML_ASSERT.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
// The system package may offer its compiled form; this one file is all that needs it.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#undef TOML_EXCEPTIONS
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace ccrelay::settings {
namespace {

Position position_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

Value converted(const toml::node& node) {
  Value value;
  value.at = position_of(node.source());
  if (const auto* table = node.as_table()) {
    value.kind = Kind::table;
    for (const auto& [key, member] : *table) {
      value.members.push_back(
          {std::string(key.str()), position_of(key.source()), converted(member)});
    }
  } else if (const auto* array = node.as_array()) {
    value.kind = Kind::array;
    for (const auto& item : *array) value.items.push_back(converted(item));
  } else if (const auto* string = node.as_string()) {
    value.kind = Kind::string;
    value.text = string->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Kind::integer;
    value.integer = integer->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Kind::boolean;
    value.boolean = boolean->get();
  } else {
    value.kind = node.is_floating_point() ? Kind::real : Kind::moment;
  }
  return value;
}

/// What the TOML library says, without longer quotations from the text: those may be a key.
std::string without_quotations(std::string_view said) {
  std::string out;
  while (!said.empty()) {
    const auto open = said.find('\'');
    const auto close = open == said.npos ? said.npos : said.find('\'', open + 1);
    if (close == said.npos) break;
    // Two bytes are one character, or an escape such as \n.
    const bool is_short = close - open - 1 <= 2;
    out += is_short ? said.substr(0, close + 1) : said.substr(0, open);
    if (!is_short) out += "it";
    said.remove_prefix(close + 1);
  }
  if (const auto open = said.find('\''); open != said.npos && said.size() - open > 4) {
    said = said.substr(0, open);
  }
  return plain(out.append(said));
}

/// The line with a dotted key of a hundred parts or more; 0 when there is none. The TOML library
/// limits the depth of values but not of keys, and walks the result by recursion.
std::uint32_t overlong_key_line(std::string_view toml) {
  std::uint32_t line = 1;
  int dots = 0;
  char quote = 0;
  bool in_comment = false;
  bool escaped = false;  // a quote behind a backslash ends nothing
  for (const char c : toml) {
    if (std::exchange(escaped, false) && c != '\n') continue;
    if (c == '\n') {
      ++line;
      dots = 0;
      quote = 0;
      in_comment = false;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
      escaped = c == '\\' && quote == '"';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      in_comment = true;
    } else if (c == '.' && !in_comment && ++dots >= 100) {
      return line;
    }
  }
  return 0;
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::table:
      return "a table";
    case Kind::array:
      return "an array";
    case Kind::string:
      return "a string";
    case Kind::integer:
      return "an integer";
    case Kind::real:
      return "a float";
    case Kind::boolean:
      return "a boolean";
    case Kind::moment:
      return "a date or time";
  }
  return "something else";
}

ParsedDocument parse_document(std::string_view toml) {
  if (const auto line = overlong_key_line(toml); line != 0) {
    return {{}, {{{line, 1}, "a key has too many parts; no setting has more than five"}}};
  }
  const auto result = toml::parse(toml);
  if (!result) {
    const auto& error = result.error();
    return {{},
            {{position_of(error.source()),
              "not valid TOML: " + without_quotations(error.description())}}};
  }
  return {converted(result.table()), {}};
}

}  // namespace ccrelay::settings
