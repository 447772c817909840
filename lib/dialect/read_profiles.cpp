#include <algorithm>
#include <charconv>
#include <utility>

#include "dialect/profiles.hpp"

namespace ccrelay::dialect {
namespace {

// Reads the file forward; the first mistake ends it.
class PlainToml {
 public:
  PlainToml(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  bool failed() const { return !error_.empty(); }
  Error error() const { return {ErrorCode::config, error_}; }
  void fail(const std::string& what) {
    if (!failed()) error_ = std::string(file_) + ':' + std::to_string(line_) + ": " + what;
  }

  // Over blanks, line ends and comments.
  bool at_end() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        if (c == '\n') ++line_;
        ++at_;
      } else {
        return false;
      }
    }
    return true;
  }
  bool takes(std::string_view words) {
    at_end();
    if (text_.substr(at_, words.size()) != words) return false;
    at_ += words.size();
    return true;
  }
  void expect(std::string_view words) {
    if (!takes(words)) fail("expected " + std::string(words));
  }
  std::string_view word() {
    at_end();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    if (at_ == begin) fail("expected a key");
    return text_.substr(begin, at_ - begin);
  }
  std::string string() {
    expect("\"");
    const std::size_t end = text_.find_first_of("\"\\\n", at_);
    if (failed() || end == std::string_view::npos || text_[end] != '"') {
      fail("expected a string without escapes");
      return {};
    }
    const std::string_view inside = text_.substr(at_, end - at_);
    at_ = end + 1;
    return std::string(inside);
  }
  ProfileValue value() {
    if (takes("true")) return true;
    if (takes("false")) return false;
    if (takes("[")) return strings();
    if (at_ < text_.size() && text_[at_] == '"') return string();
    std::int64_t number = 0;
    const char* const begin = text_.data() + at_;
    const auto read = std::from_chars(begin, text_.data() + text_.size(), number);
    if (read.ec != std::errc()) fail("expected a value");
    at_ += static_cast<std::size_t>(read.ptr - begin);
    return number;
  }

 private:
  static bool is_word(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
  std::vector<std::string> strings() {
    std::vector<std::string> out;
    while (!failed() && !takes("]")) {
      out.push_back(string());
      if (!takes(",")) {
        expect("]");
        break;
      }
    }
    return out;
  }

  std::string_view text_;
  std::string_view file_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string error_;
};

// A key that is no setting, of a profile's row or of its models'.
bool take_own(PlainToml& toml, ProfileRow& row, ModelRow* models, std::string_view key) {
  const auto list = [&toml](std::vector<std::string>& into) {
    auto value = toml.value();
    if (auto* words = std::get_if<std::vector<std::string>>(&value)) {
      into = std::move(*words);
    } else {
      toml.fail("expected a list of strings");
    }
  };
  if (models) {
    if (key != "match") return false;
    list(models->match);
    return true;
  }
  if (key == "hosts") {
    list(row.hosts);
  } else if (key == "name") {
    row.name = toml.string();
  } else if (key == "like") {
    row.like = toml.string();
  } else {
    return false;
  }
  return true;
}

void take_line(PlainToml& toml, ProfileRow& row, ModelRow* models) {
  ProfileSetting setting;
  setting.key = toml.word();
  toml.expect("=");
  if (toml.failed() || take_own(toml, row, models, setting.key)) return;
  setting.value = toml.value();
  if (toml.failed()) return;
  Profile scratch;
  if (const std::string wrong = set(scratch, setting); !wrong.empty())
    return toml.fail(setting.key + ' ' + wrong);
  (models ? models->settings : row.settings).push_back(std::move(setting));
}

}  // namespace

Result<Profiles> Profiles::read(std::string_view text, std::string_view file_name) {
  PlainToml toml(text, file_name);
  Profiles out;
  ModelRow* models = nullptr;
  const auto check_last = [&] {
    if (out.rows_.empty()) return;
    if (out.rows_.back().name.empty()) toml.fail("the profile above has no name");
    if (models && models->match.empty()) toml.fail("the models above have no match");
  };
  while (!toml.failed() && !toml.at_end()) {
    if (toml.takes("[[profiles]]")) {
      check_last();
      out.rows_.emplace_back();
      models = nullptr;
    } else if (out.rows_.empty()) {
      toml.fail("expected [[profiles]]");
    } else if (toml.takes("[[profiles.models]]")) {
      check_last();
      models = &out.rows_.back().models.emplace_back();
    } else {
      take_line(toml, out.rows_.back(), models);
    }
  }
  check_last();
  for (const ProfileRow& row : out.rows_) {
    if (row.like == row.name) toml.fail("profile " + row.name + " cannot be like itself");
  }
  if (toml.failed()) return toml.error();
  return out;
}

}  // namespace ccrelay::dialect
