#include "dialect/json_flow.hpp"

#include <charconv>
#include <cstdint>

#include "wire/json_runs.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// Of `\uXXXX`; 0 when that is no number.
std::uint32_t unit_of(std::string_view escape) {
  std::uint32_t unit = 0;
  std::from_chars(escape.data() + 2, escape.data() + escape.size(), unit, 16);
  return unit;
}

bool is_high(std::uint32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low(std::uint32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

}  // namespace

void JsonFlow::feed(std::string_view text, std::string& out) {
  while (!text.empty()) text.remove_prefix(take_some(text, out));
}

void JsonFlow::feed_value(std::string_view text, std::string& out) {
  while (!text.empty() && !complete_) text.remove_prefix(take_some(text, out));
}

// What a string has before its end or an escape goes at once, all else byte by byte.
std::size_t JsonFlow::take_some(std::string_view text, std::string& out) {
  if (in_string_ && escape_.empty() && high_.empty()) {
    const char* const end = wire::end_of_string_run(text.data(), text.data() + text.size());
    const auto run = static_cast<std::size_t>(end - text.data());
    out.append(text, 0, run);
    if (run > 0) return run;
  }
  take(text.front(), out);
  return 1;
}

void JsonFlow::end(std::string& out) {
  drop_high(out);
  out += escape_;
  escape_.clear();
}

void JsonFlow::drop_high(std::string& out) {
  if (high_.empty()) return;
  out += replacement;
  high_.clear();
}

void JsonFlow::take(char c, std::string& out) {
  if (!escape_.empty()) {
    escape_ += c;
    const std::size_t whole = escape_[1] == 'u' ? 6 : 2;
    if (escape_.size() == whole) take_escape(out);
    return;
  }
  if (in_string_) {
    if (c == '\\') {
      escape_ = c;
      return;
    }
    drop_high(out);
    out += c;
    if (c != '"') return;
    in_string_ = false;
    complete_ = depth_ == 0;
    return;
  }
  if (c == '\n' || c == '\r') c = ' ';
  out += c;
  if (c == ' ' || c == '\t') return;
  begun_ = true;
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  if ((c == '}' || c == ']') && depth_ > 0) complete_ = --depth_ == 0;
}

void JsonFlow::take_escape(std::string& out) {
  const bool unicode = escape_[1] == 'u';
  const std::uint32_t unit = unicode ? unit_of(escape_) : 0;
  if (is_low(unit) && !high_.empty()) {
    out += high_;
    out += escape_;
    high_.clear();
  } else {
    drop_high(out);
    if (is_high(unit)) {
      high_ = escape_;
    } else if (is_low(unit)) {
      out += replacement;
    } else {
      out += escape_;
    }
  }
  escape_.clear();
}

void append_json(std::string& out, std::string_view text) {
  if (!wire::has_surrogate_or_line_end(text.data(), text.data() + text.size())) {
    out += text;
    return;
  }
  JsonFlow flow;
  flow.feed(text, out);
  flow.end(out);
}

}  // namespace ccrelay::dialect
