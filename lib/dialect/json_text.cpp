#include "dialect/json_text.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>

#include "wire/json_runs.hpp"
#include "wire/json_scan.hpp"
#include "wire/json_text.hpp"
#include "wire/mended_text.hpp"

namespace ccrelay::dialect {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

inline const char* past_space(const char* at, const char* end) {
  while (at != end && static_cast<unsigned char>(*at) <= ' ' && is_space(*at)) ++at;
  return at;
}

// Behind the string that begins at `at`; says whether it has no escapes.
const char* long_string_end(const char* at, const char* end, bool& plain) {
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

// The same, for most are short and without escapes: one look at them, without the loop.
inline const char* string_end(const char* at, const char* end, bool& plain) {
  const char* const close = wire::end_of_short_string(at + 1, end);
  plain = true;
  return close ? close + 1 : long_string_end(at, end, plain);
}

inline const char* string_end(const char* at, const char* end) {
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

Json JsonIndex::read(std::string_view text, std::string* error, const KnownStrings* known) {
  wire::JsonScan scan(text);
  if (known) scan.know(*known);
  // About what a long text of few and short strings needs.
  extents_.reserve(text.size() / 64);
  scan.record(extents_);
  const std::string_view raw = checked(text, scan, error);
  if (raw.empty() || extents_.empty()) return Json(raw);
  // What a scan does not look at.
  const bool plain = wire::is_utf8(text) && text.find('\x7F') == std::string_view::npos;
  for (wire::JsonScan::Extent& extent : extents_) {
    if (plain) break;
    if (text[extent.begin] == '"') extent.clean = extent.mendable = 0;
  }
  constexpr std::uint32_t nowhere = ~std::uint32_t{0};
  extents_.push_back({nowhere, nowhere, 0, 0, 0});
  return Json(raw, extents_.data());
}

bool Json::is_empty() const {
  if (is_string()) return raw_.size() == 2;
  if (!is_object() && !is_array()) return false;
  const char* const end = raw_.data() + raw_.size();
  return past_space(raw_.data() + 1, end) + 1 == end;
}

bool Json::append_inside(std::string& out) const {
  if (!extent_ || extent_->mendable == 0) return false;
  const char* const text = raw_.data() - extent_->begin;
  const char* at = raw_.data() + 1;
  const char* const end = at + raw_.size() - 2;
  if (extent_->inside == 0) {
    out.append(at, static_cast<std::size_t>(end - at));
    return true;
  }
  wire::MendedText mended(out);
  const Extent* const runs_end = extent_ + 1 + extent_->inside;
  for (const Extent* run = extent_ + 1; run != runs_end; ++run) {
    mended.text(at, text + run->begin);
    mended.escapes(text + run->begin, text + run->end);
    at = text + run->end;
  }
  mended.text(at, end);
  return true;
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
  return JsonMembers(is_object() ? *this : Json());
}

JsonItems Json::items() const {
  return JsonItems(is_array() ? *this : Json());
}

JsonSteps::JsonSteps(Json container, bool keyed) : keyed_(keyed) {
  if (!container) return;
  at_ = container.raw_.data() + 1;
  end_ = container.raw_.data() + container.raw_.size();
  if (container.extent_) {
    text_ = container.raw_.data() - container.extent_->begin;
    recorded_ = container.extent_ + 1;
  }
  step();
}

void JsonSteps::step() {
  const char* const end = end_;
  const char* at = past_space(at_, end);
  if (at != end && *at == ',') at = past_space(at + 1, end);
  member_.value = {};
  if (at == end || *at == '}' || *at == ']') return;
  if (keyed_) {
    const char* const behind = string_end(at, end, member_.plain);
    member_.key = {at, static_cast<std::size_t>(behind - at)};
    at = past_space(behind, end);
    if (at != end) at = past_space(at + 1, end);  // the colon
  }
  const wire::JsonScan::Extent* extent = nullptr;
  if (recorded_ && static_cast<std::size_t>(at - text_) == recorded_->begin) {
    extent = recorded_;
    at_ = text_ + extent->end;
    recorded_ += extent->inside + 1;
  } else {
    at_ = value_end(at, end);
  }
  member_.value = Json({at, static_cast<std::size_t>(at_ - at)}, extent);
}

}  // namespace ccrelay::dialect
