#include "json_scan.hpp"

#include <algorithm>
#include <utility>

namespace ccrelay::app {
namespace {

constexpr std::size_t depth_max = 256;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

void append_utf8(std::string& out, unsigned point) {
  const auto push = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xC0 | (point >> 6));
    push(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    push(0xE0 | (point >> 12));
    push(0x80 | ((point >> 6) & 0x3F));
    push(0x80 | (point & 0x3F));
  } else {
    push(0xF0 | (point >> 18));
    push(0x80 | ((point >> 12) & 0x3F));
    push(0x80 | ((point >> 6) & 0x3F));
    push(0x80 | (point & 0x3F));
  }
}

}  // namespace

Error JsonScan::error() const {
  const std::string_view before = text_.substr(0, failed_at_);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = start == std::string_view::npos ? failed_at_ + 1 : failed_at_ - start;
  return {ErrorCode::config,
          error_ + " at line " + std::to_string(line) + ", column " + std::to_string(column)};
}

// The first failure counts.
void JsonScan::fail(std::string_view what) {
  if (failed()) return;
  error_ = what;
  failed_at_ = at_;
}

void JsonScan::skip_byte_order_mark() {
  if (text_.substr(at_, byte_order_mark.size()) == byte_order_mark) at_ += byte_order_mark.size();
}

void JsonScan::skip_space() {
  while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
}

bool JsonScan::take(char c) {
  if (failed() || at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonScan::value() {
  if (failed()) return;
  switch (peek()) {
    case '{':
      object();
      return;
    case '[':
      array();
      return;
    case '"':
      string();
      return;
    case 't':
      literal("true");
      return;
    case 'f':
      literal("false");
      return;
    case 'n':
      literal("null");
      return;
    default:
      number();
  }
}

JsonObject JsonScan::object() {
  JsonObject object;
  object.open = at_;
  if (!take('{')) {
    fail("an object was expected");
    return object;
  }
  if (++depth_ > depth_max) fail("values are nested too deeply");
  skip_space();
  while (!failed() && peek() != '}') {
    JsonMember member;
    member.key = at_;
    if (peek() != '"') fail(object.members.empty() ? "expected a key or '}'" : "expected a key");
    member.name = string();
    member.key_end = at_;
    skip_space();
    if (!take(':')) fail("expected ':' after a key");
    skip_space();
    member.value = at_;
    value();
    member.value_end = at_;
    object.members.push_back(std::move(member));
    skip_space();
    if (!take(',')) break;
    skip_space();
    if (peek() == '}') fail("expected a key after ','");
  }
  object.close = at_;
  if (!take('}')) fail("expected ',' or '}'");
  --depth_;
  return object;
}

void JsonScan::array() {
  take('[');
  if (++depth_ > depth_max) fail("values are nested too deeply");
  skip_space();
  while (!failed() && peek() != ']') {
    value();
    skip_space();
    if (!take(',')) break;
    skip_space();
    if (peek() == ']') fail("expected a value after ','");
  }
  if (!take(']')) fail("expected ',' or ']'");
  --depth_;
}

std::string JsonScan::string() {
  std::string out;
  if (!take('"')) {
    fail("expected a string");
    return out;
  }
  while (!failed()) {
    if (at_end()) {
      fail("a string does not end");
    } else if (take('"')) {
      return out;
    } else if (static_cast<unsigned char>(peek()) < 0x20) {
      fail("a control character stands inside a string");
    } else if (take('\\')) {
      escape(out);
    } else {
      out += text_[at_++];
    }
  }
  return out;
}

void JsonScan::escape(std::string& out) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const std::size_t which = at_end() ? std::string_view::npos : letters.find(peek());
  if (which != std::string_view::npos) {
    out += meanings[which];
    ++at_;
    return;
  }
  if (!take('u')) {
    fail("an unknown escape stands inside a string");
    return;
  }
  unsigned point = hex4();
  const bool high = point >= 0xD800 && point < 0xDC00;
  if (high && text_.substr(at_, 2) == "\\u") {
    const std::size_t before = at_;
    at_ += 2;
    const unsigned low = hex4();
    if (low >= 0xDC00 && low < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    } else if (!failed()) {
      at_ = before;
    }
  }
  append_utf8(out, point);
}

unsigned JsonScan::hex4() {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = peek();
    value <<= 4;
    if (c >= '0' && c <= '9') {
      value += static_cast<unsigned>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      value += static_cast<unsigned>((c | 0x20) - 'a' + 10);
    } else {
      fail("\\u needs four hexadecimal digits");
      return 0;
    }
    ++at_;
  }
  return value;
}

void JsonScan::number() {
  const std::size_t start = at_;
  take('-');
  if (!take('0')) {
    if (peek() < '1' || peek() > '9') {
      at_ = start;
      fail(at_end() ? "the text ends where a value was expected" : "expected a value");
      return;
    }
    digits();
  }
  if (take('.')) digits();
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    digits();
  }
}

void JsonScan::digits() {
  if (peek() < '0' || peek() > '9') fail("expected a digit");
  while (peek() >= '0' && peek() <= '9') ++at_;
}

void JsonScan::literal(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) {
    fail("expected a value");
  } else {
    at_ += word.size();
  }
}

}  // namespace ccrelay::app
