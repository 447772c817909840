#include "wire/json_scan.hpp"

#include <bit>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <string>

#include "wire/json_runs.hpp"

namespace ccrelay::wire {
namespace {

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

bool is_high(std::uint32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low(std::uint32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// Of two characters, as a writer of ours has them.
inline bool is_own_escape(const char* at) {
  return at[0] == '\\' &&
         json_runs::escapes[static_cast<unsigned char>(at[1])] == json_runs::Escape::own;
}

// Whether `\uXXXX` stands there.
bool is_unicode(const char* at, const char* end) {
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return false;
  for (int i = 2; i < 6; ++i) {
    if (hex_value(at[i]) < 0) return false;
  }
  return true;
}

// Whether append_json_string() writes the character so, too.
bool is_own_unicode(std::string_view escape) {
  if (escape.substr(2, 2) != "00") return false;
  const std::string_view digits = escape.substr(4);
  if (digits == "7f") return true;
  const bool low = digits[0] == '0' || digits[0] == '1';
  const bool shorter = digits == "09" || digits == "0a" || digits == "0d";  // \t, \n, \r
  return low && !shorter && !(digits[1] >= 'A' && digits[1] <= 'F');
}

bool is_token_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
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
  if (is_high(first) && escape.size() >= 12 && escape[6] == '\\' && escape[7] == 'u') {
    const std::uint32_t second = hex4(escape.substr(8));
    if (is_low(second)) {
      put_utf8(to, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
      return 12;
    }
  }
  put_utf8(to, is_high(first) || is_low(first) ? 0xFFFD : first);
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

void JsonScan::pass_space() {
  while (!at_end() && is_token_space(text_[at_])) {
    if (text_[at_] == '\n' || text_[at_] == '\r') unclean_at_ = at_;
    ++at_;
  }
}

void JsonScan::skip_string() {
  if (!take('"')) return fail("a string is expected");
  const char* const end = text_.data() + text_.size();
  const char* const close = pass_string(text_.data() + at_, end);
  if (!close) return;
  if (close == end) {
    at_ = text_.size();
    return fail("a string has no end");
  }
  at_ = static_cast<std::size_t>(close + 1 - text_.data());
}

// To the quote that ends the string, or to the end of the text; null after a failure.
const char* JsonScan::pass_string(const char* at, const char* end) {
#if defined(__SSE2__)
  // One byte more is there: an escape's second one can be looked at.
  while (end - at > json_runs::width) {
    const char* next = at + json_runs::width;
    for (unsigned found = json_runs::string_ends(at); found != 0;) {
      const char* const special = at + std::countr_zero(found);
      if (*special == '"') return special;
      const char* const behind = is_own_escape(special) ? special + 2 : pass_escape(special, end);
      if (!behind) return nullptr;
      if (behind >= next) {
        next = behind;
        break;
      }
      found &= ~0U << (behind - at);
    }
    at = next;
  }
#endif
  while ((at = end_of_string_run(at, end)) != end && *at != '"') {
    at = pass_escape(at, end);
    if (!at) return nullptr;
  }
  return at;
}

const char* JsonScan::fail_at(const char* at, const char* what) {
  at_ = static_cast<std::size_t>(at - text_.data());
  fail(what);
  return nullptr;
}

// Behind the escape that begins at `at`, unless it is a control character that stands there.
const char* JsonScan::pass_escape(const char* at, const char* end) {
  if (*at != '\\') return fail_at(at, "a string holds a control character");
  if (at + 1 == end) return fail_at(at, "a string has no end");
  const json_runs::Escape kind = json_runs::escapes[static_cast<unsigned char>(at[1])];
  if (kind == json_runs::Escape::own) return at + 2;
  if (kind == json_runs::Escape::unicode) return pass_unicode(at, end);
  if (kind == json_runs::Escape::none)
    return fail_at(at, "a string holds an escape that JSON does not know");
  odd_escape_at_ = static_cast<std::size_t>(at - text_.data());
  return at + 2;
}

const char* JsonScan::pass_unicode(const char* at, const char* end) {
  if (!is_unicode(at, end)) return fail_at(at, "\\u is followed by four hexadecimal digits");
  if (is_own_unicode({at, 6})) return at + 6;
  odd_escape_at_ = static_cast<std::size_t>(at - text_.data());
  const std::uint32_t unit = hex4({at + 2, 4});
  if (!is_high(unit) && !is_low(unit)) return at + 6;
  const char* const second = at + 6;
  if (is_high(unit) && is_unicode(second, end) && is_low(hex4({second + 2, 4}))) return at + 12;
  unclean_at_ = odd_escape_at_;
  return at + 6;
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
  extents_->push_back({static_cast<std::uint32_t>(at_), 0, 0, 0});
}

void JsonScan::close(std::vector<std::size_t>& opened) {
  const std::size_t place = opened.back();
  opened.pop_back();
  Extent& extent = (*extents_)[place];
  extent.end = static_cast<std::uint32_t>(at_);
  extent.inside = static_cast<std::uint32_t>(extents_->size() - place - 1) & 0x7FFFFFFFU;
  extent.clean = unclean_at_ <= extent.begin ? 1 : 0;
}

void JsonScan::skip_scalar() {
  const std::size_t begin = at_;
  switch (peek()) {
    case '"':
      skip_string();
      if (extents_ && at_ - begin > short_string)
        extents_->push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_), 0,
                             odd_escape_at_ <= begin ? 1U : 0U});
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
  if (!std::memchr(from, '\\', static_cast<std::size_t>(end - from))) return {from, end};
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
