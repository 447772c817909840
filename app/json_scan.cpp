#include "json_scan.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace ccrelay::app {
namespace {

constexpr std::size_t depth_max = 256;

// What a string that was checked means; `raw` has its quotes. One with half of a surrogate pair
// means nothing and stays as it is written.
std::string decoded(std::string_view raw) {
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  simdjson::dom::parser parser;
  std::string_view text;
  return std::string(parser.parse(raw.data(), raw.size()).get(text) ? inside : text);
}

}  // namespace

std::string place_in(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = start == std::string_view::npos ? at + 1 : at - start;
  return " at line " + std::to_string(line) + ", column " + std::to_string(column);
}

Error JsonScan::error() const {
  return {ErrorCode::config, error_ + place_in(text_, failed_at_)};
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
  do {
    while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  } while (comments_ == JsonComments::allowed && comment());
}

// One that has no end goes to the end of the text, where something is missing then.
bool JsonScan::comment() {
  const std::string_view rest = text_.substr(at_);
  const std::string_view opening = rest.substr(0, 2);
  if (opening == "//") {
    at_ += std::min(rest.find('\n'), rest.size());
  } else if (opening == "/*") {
    const std::size_t end = rest.find("*/", 2);
    at_ += end == std::string_view::npos ? rest.size() : end + 2;
  } else {
    return false;
  }
  return true;
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
  const std::size_t begin = at_;
  if (!take('"')) fail("expected a string");
  while (!failed()) {
    if (at_end()) {
      fail("a string does not end");
    } else if (take('"')) {
      return decoded(text_.substr(begin, at_ - begin));
    } else if (static_cast<unsigned char>(peek()) < 0x20) {
      fail("a control character stands inside a string");
    } else if (take('\\')) {
      escape();
    } else {
      ++at_;
    }
  }
  return {};
}

void JsonScan::escape() {
  constexpr std::string_view letters = "\"\\/bfnrtu";
  if (at_end() || letters.find(peek()) == std::string_view::npos) {
    fail("an unknown escape stands inside a string");
    return;
  }
  if (text_[at_++] != 'u') return;
  for (int i = 0; i < 4 && !failed(); ++i) {
    if (std::isxdigit(static_cast<unsigned char>(peek())) == 0) {
      fail("\\u needs four hexadecimal digits");
    } else {
      ++at_;
    }
  }
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
