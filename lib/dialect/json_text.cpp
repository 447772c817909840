#include "dialect/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "wire/json_runs.hpp"
#include "wire/json_scan.hpp"

namespace ccrelay::dialect {
namespace {

// At least as long as those that JsonScan passes by when it records.
constexpr std::ptrdiff_t short_string = 66;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::size_t past_space(std::string_view text, std::size_t at = 0) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

const char* past_space(const char* at, const char* end) {
  while (at != end && is_space(*at)) ++at;
  return at;
}

// Behind the string that begins at `at`; says whether it has no escapes.
const char* string_end(const char* at, const char* end, bool& plain) {
  plain = true;
  for (++at; at < end; ++at) {
    at = wire::end_of_string_run(at, end);
    if (at == end) return end;
    if (*at == '"') return at + 1;
    plain = false;
    if (*at == '\\') ++at;
  }
  return end;
}

const char* string_end(const char* at, const char* end) {
  bool plain = true;
  return string_end(at, end, plain);
}

// Behind a number or a word.
const char* word_end(const char* at, const char* end) {
  while (at != end && !is_space(*at) && *at != ',' && *at != '}' && *at != ']') ++at;
  return at;
}

// Behind the value that begins at `at`, of checked text: it is not checked again.
const char* value_end(const char* at, const char* end) {
  if (at == end) return end;
  if (*at == '"') return string_end(at, end);
  if (*at != '{' && *at != '[') return word_end(at, end);
  std::size_t depth = 0;
  while (at < end) {
    const char c = *at;
    if (c == '"') {
      at = string_end(at, end);
      continue;
    }
    ++at;
    // Without the bit in which they differ braces are brackets.
    const char bracket = static_cast<char>(c & ~0x20);
    if (bracket == '[') ++depth;
    if (bracket == ']' && --depth == 0) return at;
  }
  return end;
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

bool Json::is_escaped(std::string_view word) const {
  return raw_.find('\\') != std::string_view::npos && text() == word;
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

Json Json::only_item() const {
  Json found;
  for (const Json& item : items()) {
    if (found) return {};
    found = item;
  }
  return found;
}

JsonMembers Json::members() const {
  return JsonMembers(is_object() ? raw_.substr(1) : std::string_view(), index_);
}

JsonItems Json::items() const {
  return JsonItems(is_array() ? raw_.substr(1) : std::string_view(), index_);
}

const char* JsonSteps::end_here(const char* at, const char* end) const {
  if (!index_ || at == end) return value_end(at, end);
  if (*at == '"') {
    // What is short is not in the index, and is seen sooner.
    const char* const near = at + std::min<std::ptrdiff_t>(end - at, short_string);
    const char* const stop = wire::end_of_string_run(at + 1, near);
    if (stop != near && *stop == '"') return stop + 1;
  } else if (*at != '{' && *at != '[') {
    return value_end(at, end);
  }
  const char* const known = index_->end_of(at);
  return known ? known : value_end(at, end);
}

void JsonSteps::step() {
  const char* at = rest_.data();
  const char* const end = at + rest_.size();
  at = past_space(at, end);
  if (at != end && *at == ',') at = past_space(at + 1, end);
  member_.value = {};
  if (at == end || *at == '}' || *at == ']') return;
  if (keyed_) {
    const char* const behind = string_end(at, end, member_.plain);
    member_.key = {at, static_cast<std::size_t>(behind - at)};
    at = past_space(behind, end);
    if (at != end) at = past_space(at + 1, end);  // the colon
  }
  const char* const behind = end_here(at, end);
  member_.value = Json({at, static_cast<std::size_t>(behind - at)}, index_);
  rest_ = {behind, static_cast<std::size_t>(end - behind)};
}

}  // namespace ccrelay::dialect
