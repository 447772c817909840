#include "toml_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "json_scan.hpp"
#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

class TomlScan {
 public:
  explicit TomlScan(std::string_view text) : text_(text) {
    if (text.substr(0, byte_order_mark.size()) == byte_order_mark) at_ = byte_order_mark.size();
  }

  Result<std::vector<TomlStatement>> read() {
    for (skip_lines(); at_ < text_.size() && error_.empty(); skip_lines()) statement();
    if (!error_.empty()) return Error{ErrorCode::config, error_};
    return std::move(found_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool starts(std::string_view word) const { return text_.substr(at_, word.size()) == word; }
  void skip(std::string_view characters) {
    at_ = std::min(text_.find_first_not_of(characters, at_), text_.size());
  }
  std::size_t line_of(std::size_t at) const {
    const std::string_view before = text_.substr(0, at);
    return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  }
  // The first failure counts; the rest is not read.
  void fail(std::size_t at, std::string_view what) {
    if (error_.empty()) error_ = fmt::format("line {}: {}", line_of(at), what);
    at_ = text_.size();
  }

  void comment() {
    if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
  }
  void skip_lines() {
    for (std::size_t before = text_.size() + 1; before != at_;) {
      before = at_;
      skip(" \t\r\n");
      comment();
    }
  }

  void statement() {
    TomlStatement made;
    made.begin = at_;
    made.line = line_of(at_);
    const bool header = peek() == '[';
    if (header) {
      made.kind = starts("[[") ? TomlStatement::Kind::array : TomlStatement::Kind::table;
      at_ += made.kind == TomlStatement::Kind::array ? 2 : 1;
      made.path = table_ = key();
      const std::string_view closing = made.kind == TomlStatement::Kind::array ? "]]" : "]";
      if (!starts(closing)) return fail(made.begin, "a table's name that does not end");
      at_ += closing.size();
    } else {
      made.path = table_;
      for (std::string& part : key()) made.path.push_back(std::move(part));
      if (peek() != '=') return fail(made.begin, "neither a table nor a key with its value");
      ++at_;
      skip(" \t");
      made.value = at_;
      value();
    }
    made.value_end = at_;
    skip(" \t\r");
    comment();
    if (at_ < text_.size() && peek() != '\n') return fail(at_, "something behind the value");
    made.line_end = std::min(at_ + 1, text_.size());
    if (error_.empty()) found_.push_back(std::move(made));
  }

  // Parts with dots between them, and the blanks behind.
  std::vector<std::string> key() {
    std::vector<std::string> parts;
    do {
      if (!parts.empty()) ++at_;
      skip(" \t");
      const std::size_t begin = at_;
      if (peek() == '"' || peek() == '\'') {
        string();
        parts.push_back(toml_string(text_.substr(begin, at_ - begin)).value_or(""));
      } else {
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n.=[]#\"'").find(peek()) == std::string_view::npos) {
          ++at_;
        }
        parts.emplace_back(text_.substr(begin, at_ - begin));
        if (begin == at_) fail(begin, "a name is missing");
      }
      skip(" \t");
    } while (peek() == '.');
    return parts;
  }

  void string() {
    const std::size_t begin = at_;
    const char quote = peek();
    const bool lines = peek(1) == quote && peek(2) == quote;
    const std::string closing(lines ? 3 : 1, quote);
    for (at_ += closing.size(); !starts(closing); ++at_) {
      if (at_ >= text_.size() || (!lines && peek() == '\n')) {
        return fail(begin, "a string that does not end");
      }
      if (quote == '"' && peek() == '\\') ++at_;
    }
    at_ += closing.size();
    // Up to two more quotes are the string's own last characters.
    while (lines && peek() == quote) ++at_;
  }

  // Brackets hold lines and comments; what else a value is made of goes up to the line's end, a
  // comma or a bracket.
  void value() {
    const std::size_t begin = at_;
    std::string open;
    do {
      const char c = peek();
      if (at_ >= text_.size()) return fail(begin, "a value that does not end");
      if (c == '[' || c == '{') {
        open += c == '[' ? ']' : '}';
        ++at_;
      } else if (!open.empty() && c == open.back()) {
        open.pop_back();
        ++at_;
      } else if (c == '"' || c == '\'') {
        string();
      } else if (!open.empty() && c == '#') {
        comment();
      } else if (!open.empty()) {
        ++at_;
      } else {
        at_ = std::min(text_.find_first_of("#\r\n", at_), text_.size());
        at_ = begin + text_.substr(begin, at_ - begin).find_last_not_of(" \t") + 1;
      }
    } while (!open.empty());
    if (at_ == begin) fail(begin, "a value is missing");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
  std::vector<std::string> table_;
  std::vector<TomlStatement> found_;
};

}  // namespace

Result<std::vector<TomlStatement>> read_toml(std::string_view text) {
  return TomlScan(text).read();
}

std::optional<std::string> toml_string(std::string_view raw) {
  if (raw.size() < 2 || raw.front() != raw.back() || raw.substr(0, 3) == "\"\"\"" ||
      raw.substr(0, 3) == "'''") {
    return raw == "\"\"" || raw == "''" ? std::optional<std::string>("") : std::nullopt;
  }
  if (raw.front() == '\'') return std::string(raw.substr(1, raw.size() - 2));
  if (raw.front() != '"') return std::nullopt;
  JsonScan scan(raw);  // but for a few escapes that nobody needs they are the same
  std::string text = scan.string();
  if (scan.failed() || !scan.at_end()) return std::nullopt;
  return text;
}

}  // namespace ccrelay::app
