#include "dialect/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "wire/json_scan.hpp"

namespace ccrelay::dialect {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::size_t past_space(std::string_view text, std::size_t at = 0) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

// Behind the string that begins at `at`. From quote to quote: most strings have no escapes.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (std::size_t quote = at;;) {
    quote = text.find('"', quote + 1);
    if (quote == std::string_view::npos) return text.size();
    std::size_t before = quote;
    while (text[before - 1] == '\\') --before;
    if ((quote - before) % 2 == 0) return quote + 1;
  }
}

// Behind the value that begins at `at`, of checked text: it is not checked again.
std::size_t value_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
      continue;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;  // a number's end
      --depth;
      ++at;
    } else if (depth > 0) {
      ++at;
      continue;
    } else {
      while (at < text.size() && !is_space(text[at]) && text[at] != ',' && text[at] != '}' &&
             text[at] != ']') {
        ++at;
      }
      return at;
    }
    if (depth == 0) return at;
  }
  return at;
}

// The text of one value and nothing else; empty when it is none.
std::string_view checked(std::string_view text, wire::JsonScan& scan, std::string* error) {
  scan.skip_space();
  const std::size_t begin = scan.at();
  scan.skip_value();
  const std::size_t end = scan.at();
  scan.skip_space();
  if (!scan.failed() && !scan.at_end()) scan.fail("more than one value");
  if (!scan.failed()) return text.substr(begin, end - begin);
  if (error) *error = scan.error();
  return {};
}

}  // namespace

Json Json::read(std::string_view text, std::string* error) {
  wire::JsonScan scan(text);
  return Json(checked(text, scan, error));
}

Json JsonIndex::read(std::string_view text, std::string* error) {
  text_ = text;
  wire::JsonScan scan(text);
  scan.record(extents_);
  return Json(checked(text, scan, error), this);
}

const char* JsonIndex::end_of(const char* at) const {
  if (at < text_.data() || at >= text_.data() + text_.size()) return nullptr;
  const auto begin = static_cast<std::size_t>(at - text_.data());
  const auto found = std::lower_bound(
      extents_.begin(), extents_.end(), begin,
      [](const wire::JsonScan::Extent& extent, std::size_t place) { return extent.begin < place; });
  if (found == extents_.end() || found->begin != begin) return nullptr;
  return text_.data() + found->end;
}

bool Json::is_empty() const {
  if (is_string()) return raw_.size() == 2;
  if (!is_object() && !is_array()) return false;
  return past_space(raw_, 1) + 1 == raw_.size();
}

std::string Json::text() const {
  return is_string() ? wire::json_decoded(raw_) : std::string();
}

bool Json::is(std::string_view word) const {
  if (!is_string()) return false;
  const std::string_view inside = raw_.substr(1, raw_.size() - 2);
  // An escape is longer than what it stands for.
  if (inside.size() <= word.size()) return inside == word;
  return inside.find('\\') != std::string_view::npos && text() == word;
}

std::optional<double> Json::number() const {
  if (!is_number()) return {};
  double value = 0;
  const char* const end = raw_.data() + raw_.size();
  const auto [stop, failure] = std::from_chars(raw_.data(), end, value);
  if (failure != std::errc() || stop != end) return {};
  return value;
}

std::optional<std::int64_t> Json::integer() const {
  if (!is_number()) return {};
  std::int64_t value = 0;
  const char* const end = raw_.data() + raw_.size();
  const auto [stop, failure] = std::from_chars(raw_.data(), end, value);
  if (failure == std::errc() && stop == end) return value;
  const auto with_fraction = number();
  // 2^53: beyond it a double has no odd numbers.
  if (!with_fraction || std::abs(*with_fraction) > 9007199254740992.0) return {};
  if (std::trunc(*with_fraction) != *with_fraction) return {};
  return static_cast<std::int64_t>(*with_fraction);
}

Json Json::operator[](std::string_view name) const {
  Json found;
  for (const JsonMember& member : members()) {
    if (member.is(name)) found = member.value;
  }
  return found;
}

JsonMembers Json::members() const {
  return JsonMembers(is_object() ? raw_.substr(1) : std::string_view(), index_);
}

JsonItems Json::items() const {
  return JsonItems(is_array() ? raw_.substr(1) : std::string_view(), index_);
}

std::size_t JsonSteps::end_here(std::size_t at) const {
  const bool may_be_long =
      index_ && at < rest_.size() && (rest_[at] == '{' || rest_[at] == '[' || rest_[at] == '"');
  const char* const end = may_be_long ? index_->end_of(rest_.data() + at) : nullptr;
  return end ? static_cast<std::size_t>(end - rest_.data()) : value_end(rest_, at);
}

void JsonSteps::step() {
  member_ = {};
  std::size_t at = past_space(rest_);
  if (at < rest_.size() && rest_[at] == ',') at = past_space(rest_, at + 1);
  if (at >= rest_.size() || rest_[at] == '}' || rest_[at] == ']') return;
  if (keyed_) {
    const std::size_t end = string_end(rest_, at);
    member_.key = rest_.substr(at, end - at);
    at = past_space(rest_, end);
    at = past_space(rest_, at + 1);  // the colon
  }
  const std::size_t end = end_here(at);
  member_.value = Json(rest_.substr(std::min(at, rest_.size()), end - at), index_);
  rest_.remove_prefix(std::min(end, rest_.size()));
}

}  // namespace ccrelay::dialect
