#include "wire/json_scan.hpp"

#include <bitset>
#include <cstdint>
#include <string>

#include "wire/json_runs.hpp"

namespace ccrelay::wire {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_token_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

std::string JsonScan::error() const {
  if (!failure_) return {};
  return "at byte " + std::to_string(failed_at_) + ": " + failure_;
}

void JsonScan::fail(const char* what) {
  if (failure_) return;
  failure_ = what;
  failed_at_ = at_;
  at_ = text_.size();
}

void JsonScan::pass_space() {
  at_ = place(past_space(text_.data() + at_, text_.data() + text_.size()));
}

const char* JsonScan::past_spaces(const char* at, const char* end) {
  for (; at != end && is_token_space(*at); ++at) {
    if (*at == '\n' || *at == '\r') unclean_at_ = place(at);
  }
  return at;
}

void JsonScan::skip_string() {
  const char* const behind = pass_whole_string(text_.data() + at_, text_.data() + text_.size());
  if (behind) at_ = place(behind);
}

// Behind the string that begins at `at`; null after a failure.
inline const char* JsonScan::pass_whole_string(const char* at, const char* end) {
  if (at == end || *at != '"') return fail_at(at, "a string is expected");
  const char* const close = end_of_short_string(at + 1, end);
  return close ? close + 1 : pass_long_string(at, end);
}

const char* JsonScan::pass_long_string(const char* at, const char* end) {
  const char* const close = pass_string(at + 1, end);
  if (!close) return nullptr;
  return close == end ? fail_at(end, "a string has no end") : close + 1;
}

const char* JsonScan::fail_at(const char* at, const char* what) {
  at_ = place(at);
  fail(what);
  return nullptr;
}

// Over a name and its colon; null after a failure.
inline const char* JsonScan::pass_key(const char* at, const char* end) {
  at = pass_whole_string(past_space(at, end), end);
  if (!at) return nullptr;
  at = past_space(at, end);
  if (at == end || *at != ':') return fail_at(at, "':' is expected");
  return at + 1;
}

void JsonScan::skip_value() {
  if (failed()) return;
  if (const char* const behind = pass_value(text_.data() + at_, text_.data() + text_.size()))
    at_ = place(behind);
}

// Without recursion: how deep a text nests is its sender's choice, and the stack is ours.
const char* JsonScan::pass_value(const char* at, const char* end) {
  std::bitset<depth_max> is_object;
  std::vector<std::size_t> opened;  // of extents_
  std::size_t depth = 0;
  bool object = false;  // the innermost
  while (true) {
    at = past_space(at, end);
    if (at != end && (*at == '{' || *at == '[')) {
      if (depth == depth_max) return fail_at(at, "it is nested too deeply");
      is_object[depth++] = object = *at == '{';
      if (extents_) open(opened, at);
      at = past_space(at + 1, end);
      if (at == end || *at != (object ? '}' : ']')) {
        if (object && !(at = pass_key(at, end))) return nullptr;
        continue;
      }
      ++at;
      if (extents_) close(opened, at);
      object = --depth != 0 && is_object[depth - 1];
    } else {
      at = pass_scalar(at, end);
      if (!at) return nullptr;
    }
    // A value has ended: so may what it stands in.
    while (true) {
      if (depth == 0) return at;
      at = past_space(at, end);
      if (at != end && *at == ',') {
        ++at;
        if (object && !(at = pass_key(at, end))) return nullptr;
        break;
      }
      if (at == end || *at != (object ? '}' : ']'))
        return fail_at(at, object ? "',' or '}' is expected" : "',' or ']' is expected");
      ++at;
      if (extents_) close(opened, at);
      object = --depth != 0 && is_object[depth - 1];
    }
  }
}

void JsonScan::open(std::vector<std::size_t>& opened, const char* at) {
  opened.push_back(extents_->size());
  extents_->push_back({static_cast<std::uint32_t>(place(at)), 0, 0, 0, 0});
}

void JsonScan::close(std::vector<std::size_t>& opened, const char* behind) {
  const std::size_t extent_at = opened.back();
  opened.pop_back();
  Extent& extent = (*extents_)[extent_at];
  extent.end = static_cast<std::uint32_t>(place(behind));
  extent.inside = static_cast<std::uint32_t>(extents_->size() - extent_at - 1) & 0x3FFFFFFFU;
  extent.clean = unclean_at_ <= extent.begin ? 1 : 0;
}

// Behind the string, number or word that begins at `at`; null after a failure.
inline const char* JsonScan::pass_scalar(const char* at, const char* end) {
  if (at != end && *at == '"')
    return extents_ ? pass_recorded_string(at, end) : pass_whole_string(at, end);
  at_ = place(at);
  switch (peek()) {
    case 't':
      skip_word("true");
      break;
    case 'f':
      skip_word("false");
      break;
    case 'n':
      skip_word("null");
      break;
    default:
      skip_number();
  }
  return failed() ? nullptr : text_.data() + at_;
}

const char* JsonScan::pass_recorded_string(const char* at, const char* end) {
  if (const char* const close = end_of_short_string(at + 1, end)) return close + 1;
  if (known_ != known_end_ && known_->begin == place(at)) {
    extents_->push_back({known_->begin, known_->end, 0, 1, 1});
    return text_.data() + known_++->end;
  }
  const std::size_t extent_at = extents_->size();
  extents_->push_back({static_cast<std::uint32_t>(place(at)), 0, 0, 0, 1});
  recorded_string_ = extent_at + 1;
  const char* const behind = pass_long_string(at, end);
  recorded_string_ = 0;
  if (!behind) return nullptr;
  if (static_cast<std::size_t>(behind - at) <= short_string) {
    extents_->resize(extent_at);
    return behind;
  }
  Extent& extent = (*extents_)[extent_at];
  extent.end = static_cast<std::uint32_t>(place(behind));
  extent.inside = static_cast<std::uint32_t>(extents_->size() - extent_at - 1) & 0x3FFFFFFFU;
  extent.clean = extent.inside == 0 ? 1 : 0;
  return behind;
}

void JsonScan::skip_word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return fail("a value is expected");
  at_ += word.size();
}

void JsonScan::skip_digits() {
  if (!is_digit(peek())) return fail("a digit is expected");
  while (is_digit(peek())) ++at_;
}

void JsonScan::skip_number() {
  const std::size_t begin = at_;
  take('-');
  if (!is_digit(peek())) {
    at_ = begin;
    return fail("a value is expected");
  }
  if (!take('0')) skip_digits();
  if (take('.')) skip_digits();
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    skip_digits();
  }
}

}  // namespace ccrelay::wire
