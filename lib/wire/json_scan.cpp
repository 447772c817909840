#include "wire/json_scan.hpp"

#include <bitset>
#include <cstdint>
#include <string>

#include "wire/json_runs.hpp"

namespace ccrelay::wire {
namespace {

// Shorter ones are walked over sooner than looked up.
constexpr std::size_t long_string = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hex digits of checked text.
std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits.substr(0, 4))
    value = value * 16 + static_cast<std::uint32_t>(hex_value(c));
  return value;
}

void put_utf8(char*& to, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

// `\uXXXX`, or two of them that stand for one character; says how many bytes it took.
std::size_t put_unicode(char*& to, std::string_view escape) {
  const std::uint32_t first = hex4(escape.substr(2));
  const bool high = first >= 0xD800 && first < 0xDC00;
  if (high && escape.size() >= 12 && escape[6] == '\\' && escape[7] == 'u') {
    const std::uint32_t second = hex4(escape.substr(8));
    if (second >= 0xDC00 && second < 0xE000) {
      put_utf8(to, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
      return 12;
    }
  }
  put_utf8(to, first >= 0xD800 && first < 0xE000 ? 0xFFFD : first);
  return 6;
}

char plain_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
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

bool JsonScan::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonScan::skip_space() {
  while (!at_end() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
    ++at_;
}

void JsonScan::skip_string() {
  if (!take('"')) return fail("a string is expected");
  while (!failed()) {
    const char* const next = end_of_string_run(text_.data() + at_, text_.data() + text_.size());
    at_ = static_cast<std::size_t>(next - text_.data());
    if (at_end()) return fail("a string has no end");
    if (take('"')) return;
    if (text_[at_] != '\\') return fail("a string holds a control character");
    skip_escape();
  }
}

void JsonScan::skip_escape() {
  const std::string_view rest = text_.substr(at_);
  if (rest.size() < 2) return fail("a string has no end");
  if (rest[1] != 'u') {
    if (std::string_view("\"\\/bfnrt").find(rest[1]) == std::string_view::npos)
      return fail("a string holds an escape that JSON does not know");
    at_ += 2;
    return;
  }
  for (std::size_t i = 2; i < 6; ++i) {
    if (i >= rest.size() || hex_value(rest[i]) < 0)
      return fail("\\u is followed by four hexadecimal digits");
  }
  at_ += 6;
}

void JsonScan::skip_key() {
  skip_space();
  skip_string();
  skip_space();
  if (!failed() && !take(':')) return fail("':' is expected");
  skip_space();
}

// Without recursion: how deep a text nests is its sender's choice, and the stack is ours.
void JsonScan::skip_value() {
  std::bitset<depth_max> is_object;
  std::vector<std::size_t> opened;  // of extents_
  std::size_t depth = 0;
  while (!failed()) {
    skip_space();
    if (peek() == '{' || peek() == '[') {
      if (depth == depth_max) return fail("it is nested too deeply");
      const bool object = peek() == '{';
      is_object[depth++] = object;
      if (extents_) open(opened);
      ++at_;
      skip_space();
      if (!take(object ? '}' : ']')) {
        if (object) skip_key();
        continue;
      }
      if (extents_) close(opened);
      --depth;
    } else {
      skip_scalar();
    }
    // A value has ended: so may what it stands in.
    while (depth > 0 && !failed()) {
      skip_space();
      const bool object = is_object[depth - 1];
      if (take(',')) {
        if (object) skip_key();
        break;
      }
      if (!take(object ? '}' : ']'))
        return fail(object ? "',' or '}' is expected" : "',' or ']' is expected");
      if (extents_) close(opened);
      --depth;
    }
    if (depth == 0) return;
  }
}

void JsonScan::open(std::vector<std::size_t>& opened) {
  opened.push_back(extents_->size());
  extents_->push_back({at_, at_});
}

void JsonScan::close(std::vector<std::size_t>& opened) {
  (*extents_)[opened.back()].end = at_;
  opened.pop_back();
}

void JsonScan::skip_scalar() {
  const std::size_t begin = at_;
  switch (peek()) {
    case '"':
      skip_string();
      if (extents_ && at_ - begin > long_string) extents_->push_back({begin, at_});
      return;
    case 't':
      return skip_word("true");
    case 'f':
      return skip_word("false");
    case 'n':
      return skip_word("null");
    default:
      return skip_number();
  }
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

std::string json_decoded(std::string_view raw) {
  const char* from = raw.data() + 1;
  const char* const end = raw.data() + raw.size() - 1;
  std::string out;
  // No escape stands for more bytes than it has.
  out.resize(raw.size());
  char* to = out.data();
  while (from < end) {
    copy_to_escape(from, end, to);
    if (from == end) break;
    if (from[1] == 'u') {
      from += put_unicode(to, {from, static_cast<std::size_t>(end - from)});
    } else {
      *to++ = plain_escape(from[1]);
      from += 2;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

std::string plain_string(std::string_view raw) {
  JsonScan scan(raw);
  if (scan.peek() != '"') return {};
  scan.skip_string();
  return !scan.failed() && scan.at_end() ? json_decoded(raw) : std::string();
}

}  // namespace ccrelay::wire
