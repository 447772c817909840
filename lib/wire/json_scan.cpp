#include "wire/json_scan.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>

namespace ccrelay::wire {
namespace {

// Bytes of a string that need a closer look.
constexpr std::array<bool, 256> ends_run = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

// Whether any of eight bytes may end a run: exact for ASCII, and for others at worst a closer look
// for nothing. Strings are most of a body; byte by byte this scan took three times as long.
bool may_end_run(const char* bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = ones * 0x80;
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & tops; };
  const std::uint64_t control = (word - ones * 0x20) & ~word & tops;
  return (control | has_zero(word ^ ones * '"') | has_zero(word ^ ones * '\\')) != 0;
}

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

void append_utf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

// `\uXXXX`, or two of them that stand for one character; says how many bytes it took.
std::size_t append_unicode(std::string& out, std::string_view escape) {
  const std::uint32_t first = hex4(escape.substr(2));
  const bool high = first >= 0xD800 && first < 0xDC00;
  if (high && escape.size() >= 12 && escape[6] == '\\' && escape[7] == 'u') {
    const std::uint32_t second = hex4(escape.substr(8));
    if (second >= 0xDC00 && second < 0xE000) {
      append_utf8(out, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
      return 12;
    }
  }
  append_utf8(out, first >= 0xD800 && first < 0xE000 ? 0xFFFD : first);
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
    const char* next = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    while (end - next >= 8 && !may_end_run(next)) next += 8;
    while (next != end && !ends_run[static_cast<unsigned char>(*next)]) ++next;
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
  std::size_t depth = 0;
  while (!failed()) {
    skip_space();
    if (peek() == '{' || peek() == '[') {
      if (depth == depth_max) return fail("it is nested too deeply");
      const bool object = peek() == '{';
      is_object[depth++] = object;
      ++at_;
      skip_space();
      if (!take(object ? '}' : ']')) {
        if (object) skip_key();
        continue;
      }
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
      --depth;
    }
    if (depth == 0) return;
  }
}

void JsonScan::skip_scalar() {
  switch (peek()) {
    case '"':
      return skip_string();
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
  std::string out;
  std::string_view rest = raw.substr(1, raw.size() - 2);
  out.reserve(rest.size());
  while (!rest.empty()) {
    const auto escape = std::min(rest.find('\\'), rest.size());
    out += rest.substr(0, escape);
    rest.remove_prefix(escape);
    if (rest.empty()) break;
    std::size_t length = 2;
    if (rest[1] == 'u') {
      length = append_unicode(out, rest);
    } else {
      out += plain_escape(rest[1]);
    }
    rest.remove_prefix(length);
  }
  return out;
}

std::string plain_string(std::string_view raw) {
  JsonScan scan(raw);
  if (scan.peek() != '"') return {};
  scan.skip_string();
  return !scan.failed() && scan.at_end() ? json_decoded(raw) : std::string();
}

}  // namespace ccrelay::wire
